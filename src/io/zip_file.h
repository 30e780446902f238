/* SPDX-License-Identifier: MIT */
/* Members of zip archives that lie in memory (libzip's only door). */
#ifndef MIEN_IO_ZIP_FILE_H
#define MIEN_IO_ZIP_FILE_H

#include "mien/io.h"

typedef struct mien_zip mien_zip;

typedef struct mien_zip_member {
    const char *name; /* lent until mien_zip_close() */
    int64_t size;     /* unpacked */
    bool stored;      /* not compressed */
} mien_zip_member;

/** The bytes must stay until mien_zip_close(). At most 200,000 members. */
mien_status mien_zip_open(
    const char *file, const void *bytes, size_t count, mien_zip **zip);
void mien_zip_close(mien_zip **zip);
int64_t mien_zip_count(const mien_zip *zip);
/** -1 if absent. */
int64_t mien_zip_find(const mien_zip *zip, const char *member);
mien_status mien_zip_info(const mien_zip *zip, int64_t index, mien_zip_member *member);
/** Gives the bytes [skip, skip + count) of a member. The first time all of it is read
 * and its CRC checked, later only what is asked for. */
mien_status mien_zip_read(
    mien_zip *zip, int64_t index, size_t skip, void *bytes, size_t count);

#endif
