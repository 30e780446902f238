/* SPDX-License-Identifier: MIT */
/* Numbers that are written once and read often. A file is written by pwrite(): a full
 * disk is then an answer, where a store into the map would be a signal. */
#include "train/scratch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct mien_scratch {
    size_t bytes, used;
    char *folder;
    void *memory;
    int fd;
    void *map;
};

static mien_status fail_file(const mien_scratch *s) {
    return mien_fail(MIEN_EIO, "%s: cannot keep %zu MB of features there: %s",
        s->folder, s->bytes >> 20, strerror(errno));
}

static mien_status open_file(mien_scratch *s) {
    char *name = mien_path_join(s->folder, "mien-features-XXXXXX");
    if (!name) {
        return MIEN_ENOMEM;
    }
    s->fd = mkstemp(name);
    mien_status status = s->fd < 0 ? fail_file(s) : MIEN_OK;
    if (status == MIEN_OK) {
        unlink(name);
        status = ftruncate(s->fd, (off_t)s->bytes) == 0 ? MIEN_OK : fail_file(s);
    }
    if (status == MIEN_OK) {
        void *map = mmap(NULL, s->bytes, PROT_READ, MAP_SHARED, s->fd, 0);
        s->map = map == MAP_FAILED ? NULL : map;
        status = s->map ? MIEN_OK : fail_file(s);
    }
    mien_free(name);
    return status;
}

mien_status mien_scratch_new(size_t bytes, const char *folder, mien_scratch **scratch) {
    mien_scratch *s = mien_alloc(1, sizeof *s);
    mien_status status = MIEN_ENOMEM;
    if (!s) {
        return status;
    }
    s->bytes = bytes;
    s->fd = -1;
    if (!folder) {
        s->memory = mien_alloc(bytes, 1);
        status = s->memory ? MIEN_OK : MIEN_ENOMEM;
    } else if ((s->folder = mien_strdup(folder)) != NULL) {
        status = open_file(s);
    }
    if (status != MIEN_OK) {
        mien_scratch_free(&s);
        return status;
    }
    *scratch = s;
    return MIEN_OK;
}

void mien_scratch_free(mien_scratch **scratch) {
    mien_scratch *s = scratch ? *scratch : NULL;
    if (!s) {
        return;
    }
    if (s->map) {
        munmap(s->map, s->bytes);
    }
    if (s->fd >= 0) {
        close(s->fd);
    }
    mien_free(s->memory);
    mien_free(s->folder);
    mien_free(s);
    *scratch = NULL;
}

mien_status mien_scratch_add(mien_scratch *scratch, const void *bytes, size_t count) {
    mien_scratch *s = scratch;
    if (count > s->bytes - s->used) {
        return mien_fail(
            MIEN_ELIMIT, "%zu bytes where %zu are left", count, s->bytes - s->used);
    }
    if (s->memory) {
        memcpy((char *)s->memory + s->used, bytes, count);
        s->used += count;
        return MIEN_OK;
    }
    for (const char *from = bytes; count > 0;) {
        ssize_t done = pwrite(s->fd, from, count, (off_t)s->used);
        if (done <= 0 && errno != EINTR) {
            return fail_file(s);
        }
        size_t n = done > 0 ? (size_t)done : 0;
        from += n;
        count -= n;
        s->used += n;
    }
    return MIEN_OK;
}

const void *mien_scratch_data(const mien_scratch *scratch) {
    return scratch->memory ? scratch->memory : scratch->map;
}
