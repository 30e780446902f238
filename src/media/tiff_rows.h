/* SPDX-License-Identifier: MIT */
/* Rows of a TIFF's samples to RGB. */
#ifndef MIEN_MEDIA_TIFF_ROWS_H
#define MIEN_MEDIA_TIFF_ROWS_H

#include "mien/base.h"

/** Samples of a pixel that are read at most: four inks and alpha. */
#define MIEN_TIFF_USED_MAX 5

/** How colours are stored. */
typedef enum mien_tiff_colour {
    MIEN_TIFF_GREY,
    MIEN_TIFF_GREY_INVERTED, /**< 0 is white */
    MIEN_TIFF_RGB,
    MIEN_TIFF_PALETTE,
    MIEN_TIFF_CMYK /**< 0 is no ink */
} mien_tiff_colour;

typedef enum mien_tiff_alpha {
    MIEN_TIFF_OPAQUE,
    MIEN_TIFF_STRAIGHT,     /**< colours as if nothing shone through */
    MIEN_TIFF_PREMULTIPLIED /**< colours times alpha */
} mien_tiff_alpha;

/** The layout of a TIFF's pixels. */
typedef struct mien_tiff_layout {
    mien_tiff_colour colour;
    mien_tiff_alpha alpha;
    int bits;     /**< of a sample: 1, 2, 4, 8, or 16 in native order */
    int samples;  /**< of a pixel, as stored */
    int colours;  /**< of those, the first ones: 1, 3 or 4 */
    int alpha_at; /**< index of the sample that is alpha */
    bool planar;  /**< each sample in a plane of its own */
    uint8_t background[3];
    uint8_t palette[256][3];
} mien_tiff_layout;

/** Samples that a row needs: colours, then alpha if there is any. */
int mien_tiff_used(const mien_tiff_layout *layout);

/** n pixels to rgb [n, 3]. rows: where the row begins, of each sample used if planar,
 * else once. room: [MIEN_TIFF_USED_MAX, n]. More than 8 bits by the high byte. */
void mien_tiff_row(const mien_tiff_layout *layout, const uint8_t *const *rows,
    int64_t n, uint8_t *room, uint8_t *rgb);

#endif
