/* SPDX-License-Identifier: MIT */
/* Bytes of pictures as planes of floats. */
#ifndef MIEN_PREDICT_PLANES_H
#define MIEN_PREDICT_PLANES_H

#include <stdint.h>

/** `count` pixels red, green, blue into a row of each plane; the same values as a plain
 * loop gives, by vectors where the processor has them. */
void mien_planes_row(
    const uint8_t *pixels, int64_t count, float *red, float *green, float *blue);

#endif
