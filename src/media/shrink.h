/* SPDX-License-Identifier: MIT */
/* Pictures made smaller by a whole factor: each pixel the mean of a square. */
#ifndef MIEN_MEDIA_SHRINK_H
#define MIEN_MEDIA_SHRINK_H

#include "mien/base.h"

/** Largest factor mien_shrink() takes. */
#define MIEN_SHRINK_MAX 64

/** The largest power of two that keeps the short side at or above `least` (0: 1). */
int mien_shrink_factor(int64_t width, int64_t height, int64_t least);

/** [height] rows of [width, 3], `stride` bytes apart, to [ceil(height / factor),
 * ceil(width / factor), 3]; squares at the right and lower edge average what there is
 * of them. sums: room for 3 × width. */
void mien_shrink(const uint8_t *from, int64_t stride, int64_t width, int64_t height,
    int factor, uint16_t *sums, uint8_t *to);

#endif
