/* SPDX-License-Identifier: MIT */
/* Whole files to memory and back, for pictures; every failure names the path. */
#include "media/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP ((size_t)1 << 16)

static mien_status open_for_reading(const char *path, FILE **file, struct stat *about) {
    /* a pipe without a writer would be waited for here; of files it changes nothing */
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    FILE *opened = NULL;
    if (descriptor < 0 || fstat(descriptor, about) != 0) {
        goto failed;
    }
    if (S_ISDIR(about->st_mode)) {
        close(descriptor);
        return mien_fail(MIEN_EIO, "%s: is a directory, not a file", path);
    }
    if (!S_ISREG(about->st_mode)) {
        close(descriptor);
        return mien_fail(MIEN_EIO,
            "%s: is a pipe or device, not a file: save its bytes as a file first",
            path);
    }
    opened = fdopen(descriptor, "rb");
    if (!opened) {
        goto failed;
    }
    *file = opened;
    return MIEN_OK;
failed:
    mien_fail(MIEN_EIO, "%s: %s", path, strerror(errno));
    if (descriptor >= 0) {
        close(descriptor);
    }
    return MIEN_EIO;
}

mien_status mien_media_file_size(const char *path, uint64_t *size) {
    FILE *file = NULL;
    struct stat about;
    mien_status status = open_for_reading(path, &file, &about);
    if (status == MIEN_OK) {
        *size = (uint64_t)about.st_size;
        fclose(file);
    }
    return status;
}

static mien_status too_large(const char *path, int64_t limit) {
    return mien_fail(
        MIEN_ELIMIT, "%s: larger than the limit of %lld bytes", path, (long long)limit);
}

mien_status mien_media_file_read(
    const char *path, int64_t limit, uint8_t **bytes, size_t *count) {
    FILE *file = NULL;
    struct stat about;
    uint8_t *buffer = NULL, *grown;
    size_t room, used = 0;
    mien_status status = open_for_reading(path, &file, &about);
    if (status != MIEN_OK) {
        return status;
    }
    if (about.st_size > limit) {
        status = too_large(path, limit);
        goto done;
    }
    /* one byte more than the size: the last read then meets the end, unless it grows */
    room = about.st_size > 0 ? (size_t)about.st_size + 1 : STEP;
    buffer = mien_alloc(room, 1);
    while (buffer) {
        used += fread(buffer + used, 1, room - used, file);
        if (used < room) {
            break;
        }
        grown = mien_realloc(buffer, room, room * 2, 1);
        if (!grown) {
            mien_free(buffer);
        }
        buffer = grown;
        room *= 2;
        if (used > (uint64_t)limit) {
            status = too_large(path, limit);
            goto done;
        }
    }
    if (!buffer) {
        status = mien_fail_in(MIEN_ENOMEM, "%s", path);
    } else if (ferror(file)) {
        status = mien_fail(MIEN_EIO, "%s: %s", path, strerror(errno));
    } else if (used > (uint64_t)limit) {
        status = too_large(path, limit);
    } else {
        *bytes = buffer;
        *count = used;
        buffer = NULL;
    }
done:
    mien_free(buffer);
    fclose(file);
    return status;
}

mien_status mien_media_file_head(
    const char *path, uint8_t *bytes, size_t size, size_t *count) {
    FILE *file = NULL;
    struct stat about;
    mien_status status = open_for_reading(path, &file, &about);
    if (status != MIEN_OK) {
        return status;
    }
    *count = fread(bytes, 1, size, file);
    if (ferror(file)) {
        status = mien_fail(MIEN_EIO, "%s: %s", path, strerror(errno));
    }
    fclose(file);
    return status;
}

mien_status mien_media_file_write(const char *path, const void *bytes, size_t count) {
    FILE *file = fopen(path, "wb");
    if (!file) {
        return mien_fail(MIEN_EIO, "%s: %s", path, strerror(errno));
    }
    bool good = fwrite(bytes, 1, count, file) == count;
    int reason = errno;
    if (fclose(file) != 0 && good) {
        good = false;
        reason = errno;
    }
    return good ? MIEN_OK : mien_fail(MIEN_EIO, "%s: %s", path, strerror(reason));
}
