/* SPDX-License-Identifier: MIT */
/* Files without a name. */
#include "io/nameless.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static mien_status map_file(mien_nameless *file) {
    void *map = ftruncate(file->fd, (off_t)file->bytes) == 0
                    ? mmap(NULL, file->bytes, PROT_READ, MAP_SHARED, file->fd, 0)
                    : MAP_FAILED;
    if (map == MAP_FAILED) {
        int why = errno;
        close(file->fd);
        errno = why;
        return MIEN_EIO;
    }
    file->map = map;
    return MIEN_OK;
}

mien_status mien_nameless_open(
    mien_nameless *file, const char *folder, const char *name, size_t bytes) {
    char pattern[64];
    snprintf(pattern, sizeof pattern, "%s-XXXXXX", name);
    char *path = mien_path_join(folder, pattern);
    if (!path) {
        return MIEN_ENOMEM;
    }
    *file = (mien_nameless){.fd = mkstemp(path), .bytes = bytes};
    int why = errno;
    if (file->fd >= 0) {
        unlink(path);
    }
    mien_free(path);
    errno = why;
    return file->fd >= 0 ? map_file(file) : MIEN_EIO;
}

bool mien_nameless_write(
    mien_nameless *file, size_t at, const void *bytes, size_t count) {
    const char *from = bytes;
    while (count > 0) {
        ssize_t done = pwrite(file->fd, from, count, (off_t)at);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return false;
        }
        from += done;
        at += (size_t)done;
        count -= (size_t)done;
    }
    return true;
}

void mien_nameless_close(mien_nameless *file) {
    if (file->map) {
        munmap((void *)file->map, file->bytes);
        close(file->fd);
    }
    *file = (mien_nameless){0};
}
