/* SPDX-License-Identifier: MIT */
/* libtiff, loaded when the first TIFF is read: it brings a dozen compressors with it,
 * which a process that reads one JPEG should not pay. */
#ifndef MIEN_MEDIA_TIFF_LIBRARY_H
#define MIEN_MEDIA_TIFF_LIBRARY_H

#include <tiffio.h>

#include "mien/base.h"

/** One pointer a function, named and typed like it. */
typedef struct mien_tiff_library {
#define X(library, function) __typeof__(function) *function;
#include "media/tiff.def"
#undef X
} mien_tiff_library;

/** Fills the table from the library of the version compiled against (it stays loaded;
 * asking again is cheap). MIEN_EUNSUPPORTED names what is missing. Any thread. */
mien_status mien_tiff_library_load(mien_tiff_library *library);

#endif
