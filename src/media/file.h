/* SPDX-License-Identifier: MIT */
/* Whole files to memory and back, for pictures. */
#ifndef MIEN_MEDIA_FILE_H
#define MIEN_MEDIA_FILE_H

#include "mien/base.h"

/** All of these read regular files only: a pipe or device would be waited for. */

/** Bytes of the file. */
mien_status mien_media_file_size(const char *path, uint64_t *size);
/** The whole file, freed with mien_free(); MIEN_EIO; MIEN_ELIMIT over limit bytes. */
mien_status mien_media_file_read(
    const char *path, int64_t limit, uint8_t **bytes, size_t *count);
/** The first bytes of a file, as many as there are up to size. */
mien_status mien_media_file_head(
    const char *path, uint8_t *bytes, size_t size, size_t *count);
mien_status mien_media_file_write(const char *path, const void *bytes, size_t count);

#endif
