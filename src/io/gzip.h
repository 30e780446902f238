/* SPDX-License-Identifier: MIT */
/* Gzip files without a time or a name in them: the same bytes in give the same bytes
 * out. */
#ifndef MIEN_IO_GZIP_H
#define MIEN_IO_GZIP_H

#include "mien/io.h"

typedef struct mien_gzip mien_gzip;
mien_status mien_gzip_open(const char *path, mien_gzip **file);
mien_status mien_gzip_write(mien_gzip *file, const char *bytes, size_t count);
/* With MIEN_OK the file gets its name when it is complete; any other status throws it
 * away and is returned. NULL is fine. Frees in any case. */
mien_status mien_gzip_close(mien_gzip **file, mien_status status);

#endif
