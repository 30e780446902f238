/* SPDX-License-Identifier: MIT */
/* For fuzzers of folders: the input as several files, and a place for them. */
#ifndef MIEN_TESTS_FUZZ_FILES_H
#define MIEN_TESTS_FUZZ_FILES_H

#include "mien/io.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** A folder of this process's own, made once; on a disk in memory where there is one.
 */
static inline const char *fuzz_folder(void) {
    static char path[64];
    if (!path[0]) {
        const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
        snprintf(path, sizeof path, "%s/mien-fuzz-%ld", base, (long)getpid());
        mkdir(path, 0700);
        mien_log_set(NULL, NULL);
    }
    return path;
}

static inline const char *fuzz_path(const char *name) {
    static char paths[4][160];
    static int turn;
    char *path = paths[turn++ % 4];
    snprintf(path, 160, "%s/%s", fuzz_folder(), name);
    return path;
}

/** Writes the part of the input up to a line of two bytes 0xff, and moves behind it. */
static inline void fuzz_file(const char *name, const uint8_t **data, size_t *size) {
    size_t length = 0;
    while (length < *size && !(length + 1 < *size && (*data)[length] == 0xff &&
                                 (*data)[length + 1] == 0xff)) {
        length++;
    }
    FILE *file = fopen(fuzz_path(name), "w");
    if (file) {
        if (length > 0) {
            fwrite(*data, 1, length, file);
        }
        fclose(file);
    }
    length += length < *size ? 2 : 0;
    *data = length > 0 ? *data + length : *data; /* which may be NULL when empty */
    *size -= length;
}

#endif
