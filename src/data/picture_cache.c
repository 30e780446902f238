/* SPDX-License-Identifier: MIT */
/* Pictures that need not be decoded again.
 *
 * The file has no name (it goes when the program does, however that ends) and is
 * written by pwrite(): a full disk is then an answer, where a store into the map would
 * be a signal. */
#include "data/picture_cache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct entry {
    const void *bytes;
    mien_cached where;
    bool coming; /* a thread is putting it */
} entry;

struct mien_picture_cache {
    mien_picture_cache_options options;
    char *directory;
    mien_lock *lock;
    entry *entries; /* [rows] */
    int64_t in_memory, in_file, file_slots;
    int fd;
    unsigned char *map;
    bool no_file;
};

mien_status mien_picture_cache_new(
    const mien_picture_cache_options *options, mien_picture_cache **cache) {
    mien_picture_cache *c = mien_alloc(1, sizeof *c);
    if (!c) {
        return MIEN_ENOMEM;
    }
    c->options = *options;
    c->fd = -1;
    c->no_file = !options->directory;
    c->directory = mien_strdup(options->directory ? options->directory : "");
    c->entries = mien_alloc((size_t)options->rows, sizeof *c->entries);
    mien_status status =
        c->directory && c->entries ? mien_lock_new(&c->lock) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        mien_picture_cache_free(&c);
        return status;
    }
    *cache = c;
    return MIEN_OK;
}

void mien_picture_cache_free(mien_picture_cache **cache) {
    mien_picture_cache *c = *cache;
    if (!c) {
        return;
    }
    for (int64_t row = 0; c->entries && row < c->options.rows; row++) {
        if (c->entries[row].where == MIEN_CACHED_MEMORY) {
            mien_free((void *)c->entries[row].bytes);
        }
    }
    if (c->map) {
        munmap(c->map, (size_t)c->file_slots * c->options.bytes);
    }
    if (c->fd >= 0) {
        close(c->fd);
    }
    mien_lock_free(&c->lock);
    mien_free(c->entries);
    mien_free(c->directory);
    mien_free(c);
    *cache = NULL;
}

mien_cached mien_picture_cache_get(
    mien_picture_cache *c, int64_t row, const void **bytes) {
    mien_lock_take(c->lock);
    mien_cached where = c->entries[row].where;
    if (where == MIEN_CACHED_MEMORY || where == MIEN_CACHED_FILE) {
        *bytes = c->entries[row].bytes;
    }
    mien_lock_give(c->lock);
    return where;
}

bool mien_picture_cache_bad(mien_picture_cache *c, int64_t row) {
    mien_lock_take(c->lock);
    bool first = c->entries[row].where != MIEN_CACHED_BAD;
    c->entries[row].where = MIEN_CACHED_BAD;
    mien_lock_give(c->lock);
    return first;
}

/* ---- the file ----------------------------------------------------------------- */

static void give_up_file(mien_picture_cache *c, const char *what) {
    c->no_file = true;
    mien_log(MIEN_LOG_WARN, "data",
        "%s: %s: %s; pictures beyond the memory limit are decoded anew each time",
        c->directory, what, strerror(errno));
}

/* Opens it when the first picture wants in; the lock is held. */
static mien_status open_file(mien_picture_cache *c) {
    const size_t bytes = c->options.bytes;
    c->file_slots = c->options.file_max / (int64_t)bytes;
    c->file_slots = c->file_slots < c->options.rows ? c->file_slots : c->options.rows;
    if (c->file_slots < 1) {
        c->no_file = true;
        return MIEN_OK;
    }
    char *name = mien_path_join(c->directory, "mien-pictures-XXXXXX");
    if (!name) {
        return MIEN_ENOMEM;
    }
    if (mien_directory_make(c->directory) == MIEN_OK) {
        c->fd = mkstemp(name);
    }
    if (c->fd < 0) {
        give_up_file(c, "cannot keep pictures there");
    } else {
        unlink(name);
        size_t whole = (size_t)c->file_slots * bytes;
        void *map = ftruncate(c->fd, (off_t)whole) == 0
                        ? mmap(NULL, whole, PROT_READ, MAP_SHARED, c->fd, 0)
                        : MAP_FAILED;
        if (map == MAP_FAILED) {
            give_up_file(c, "cannot keep pictures there");
        } else {
            c->map = map;
        }
    }
    mien_free(name);
    return MIEN_OK;
}

static bool write_slot(mien_picture_cache *c, int64_t slot, const void *bytes) {
    const char *from = bytes;
    size_t left = c->options.bytes;
    off_t at = (off_t)slot * (off_t)c->options.bytes;
    while (left > 0) {
        ssize_t done = pwrite(c->fd, from, left, at);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return false;
        }
        from += done;
        at += done;
        left -= (size_t)done;
    }
    return true;
}

/* ---- putting ------------------------------------------------------------------ */

/* Where a picture may go; the lock is held. */
static mien_status claim(
    mien_picture_cache *c, int64_t row, mien_cached *where, int64_t *slot) {
    const mien_picture_cache_options *o = &c->options;
    *where = MIEN_CACHED_NOT;
    if (c->entries[row].where != MIEN_CACHED_NOT || c->entries[row].coming) {
        return MIEN_OK;
    }
    if (c->in_memory < o->memory_max / (int64_t)o->bytes) {
        *where = MIEN_CACHED_MEMORY;
        c->in_memory++;
        c->entries[row].coming = true;
        return MIEN_OK;
    }
    mien_status status = c->no_file || c->map ? MIEN_OK : open_file(c);
    if (status == MIEN_OK && !c->no_file && c->in_file < c->file_slots) {
        *where = MIEN_CACHED_FILE;
        *slot = c->in_file++;
        c->entries[row].coming = true;
    }
    return status;
}

mien_status mien_picture_cache_put(
    mien_picture_cache *c, int64_t row, const void *bytes) {
    mien_cached where;
    int64_t slot = 0;
    const void *kept = NULL;
    mien_lock_take(c->lock);
    mien_status status = claim(c, row, &where, &slot);
    mien_lock_give(c->lock);
    if (status != MIEN_OK || where == MIEN_CACHED_NOT) {
        return status;
    }
    if (where == MIEN_CACHED_MEMORY) {
        void *copy = mien_alloc(1, c->options.bytes);
        kept = copy ? memcpy(copy, bytes, c->options.bytes) : NULL;
        status = copy ? MIEN_OK : MIEN_ENOMEM;
    } else if (write_slot(c, slot, bytes)) {
        kept = c->map + (size_t)slot * c->options.bytes;
    }
    mien_lock_take(c->lock);
    if (!kept && where == MIEN_CACHED_FILE && !c->no_file) {
        give_up_file(c, "cannot write");
    }
    c->entries[row].coming = false;
    if (kept) {
        c->entries[row] = (entry){.bytes = kept, .where = where};
    }
    mien_lock_give(c->lock);
    return status;
}
