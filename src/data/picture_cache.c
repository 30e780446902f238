/* SPDX-License-Identifier: MIT */
/* Pictures that need not be decoded again. */
#include "data/picture_cache.h"

#include "io/nameless.h"

#include <errno.h>
#include <string.h>

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
    mien_nameless file;
    bool no_file;
};

mien_status mien_picture_cache_new(
    const mien_picture_cache_options *options, mien_picture_cache **cache) {
    mien_picture_cache *c = mien_alloc(1, sizeof *c);
    if (!c) {
        return MIEN_ENOMEM;
    }
    c->options = *options;
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
    mien_nameless_close(&c->file);
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
    mien_status status = mien_directory_make(c->directory) == MIEN_OK
                             ? mien_nameless_open(&c->file, c->directory,
                                   "mien-pictures", (size_t)c->file_slots * bytes)
                             : MIEN_EIO;
    if (status == MIEN_ENOMEM) {
        return status;
    }
    if (status != MIEN_OK) {
        give_up_file(c, "cannot keep pictures there");
    }
    return MIEN_OK;
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
    mien_status status = c->no_file || c->file.map ? MIEN_OK : open_file(c);
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
    } else {
        size_t at = (size_t)slot * c->options.bytes;
        bool whole = mien_nameless_write(&c->file, at, bytes, c->options.bytes);
        kept = whole ? (const char *)c->file.map + at : NULL;
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
