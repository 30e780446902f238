/* SPDX-License-Identifier: MIT */
/* The eight EXIF orientations: finding and applying them. */
#ifndef MIEN_MEDIA_ORIENTATION_H
#define MIEN_MEDIA_ORIENTATION_H

#include "mien/base.h"

/** Value of a SHORT or LONG tag in the first directory of TIFF bytes (a TIFF file, or
 * an EXIF block after its "Exif\0\0"); `otherwise` if it is absent or anything is
 * amiss. Reads nothing outside bytes[0, count). */
int64_t mien_tiff_tag(const uint8_t *bytes, size_t count, int tag, int64_t otherwise);

/** EXIF orientation 1..8, with or without "Exif\0\0" before it; 1 if there is none. */
int mien_exif_orientation(const uint8_t *bytes, size_t count);

/** Whether width and height change places. */
bool mien_orientation_swaps(int orientation);

/** Copies [height] rows of [width, 3], `stride` bytes apart, upright: to
 * [width, height, 3] where the orientation swaps, else to [height, width, 3]. */
void mien_orientation_apply(int orientation, const uint8_t *from, int64_t stride,
    int64_t width, int64_t height, uint8_t *to);

#endif
