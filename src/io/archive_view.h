/* SPDX-License-Identifier: MIT */
/* Values of an archive where they lie in its file. */
#ifndef MIEN_IO_ARCHIVE_VIEW_H
#define MIEN_IO_ARCHIVE_VIEW_H

#include "mien/io.h"

/** The values of a tensor as its file holds them, lent until the archive is closed and
 * not to be written; NULL where they lie packed, apart, or at an odd place: then
 * mien_archive_load() makes them. */
const void *mien_archive_view(const mien_archive *archive, int64_t index);

#endif
