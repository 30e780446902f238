/* SPDX-License-Identifier: MIT */
/* A TIFF that is being read. */
#ifndef MIEN_MEDIA_TIFF_READER_H
#define MIEN_MEDIA_TIFF_READER_H

#include "media/decoder.h"
#include "media/tiff_library.h"
#include "media/tiff_rows.h"

#define MIEN_TIFF_TEXT_MAX 160

typedef struct mien_tiff_reader {
    mien_tiff_library lib;
    const mien_picture_source *source;
    TIFF *tiff;
    uint64_t at;                   /**< where libtiff reads next */
    char text[MIEN_TIFF_TEXT_MAX]; /**< libtiff's first complaint */
    mien_tiff_layout layout;
    uint32_t width, height;
    uint16_t photometric, compression;
    bool convert; /**< libtiff makes the colours */
} mien_tiff_reader;

/** Fills the layout and what stands behind it. MIEN_EUNSUPPORTED names the tag whose
 * value is not read; MIEN_EFORMAT where tags contradict each other. */
mien_status mien_tiff_choose(mien_tiff_reader *reader);

#endif
