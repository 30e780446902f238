/* SPDX-License-Identifier: MIT */
/* A picture decoder: it knows its formats by their first bytes and fills pixels. */
#ifndef MIEN_MEDIA_DECODER_H
#define MIEN_MEDIA_DECODER_H

#include "mien/media.h"

/** The bytes to decode and how. Lent by the caller. */
typedef struct mien_picture_source {
    const char *name; /**< for messages */
    const uint8_t *bytes;
    size_t count;
    const mien_image_options *options;
} mien_picture_source;

/** What a decoder found. */
typedef struct mien_picture {
    const char *format;    /**< "jpeg", "tiff", … */
    int64_t width, height; /**< as stored, before scaling and orientation */
    int orientation;       /**< EXIF 1..8 */
    mien_tensor *pixels;   /**< [H, W, 3] u8, stored orientation; NULL if only probed */
} mien_picture;

typedef struct mien_decoder {
    const char *name;
    /** Format name if the bytes start like one of this decoder's formats, else NULL. */
    const char *(*sniff)(const uint8_t *bytes, size_t count);
    /** Fills picture; pixels too unless `header_only`. On failure pixels stay NULL. */
    mien_status (*read)(
        const mien_picture_source *source, bool header_only, mien_picture *picture);
} mien_decoder;

/** The decoder of these bytes (and the format's name), or NULL. */
const mien_decoder *mien_decoder_of(
    const uint8_t *bytes, size_t count, const char **format);

/** MIEN_ELIMIT or MIEN_EFORMAT unless width × height is within the options' limit. */
mien_status mien_picture_check_size(
    const mien_picture_source *source, int64_t width, int64_t height);

/** Room for [height, width, 3] u8; MIEN_ENOMEM names the picture. */
mien_status mien_picture_pixels(const mien_picture_source *source, int64_t width,
    int64_t height, mien_tensor **pixels);

/** Lays n RGBA pixels over a background: round(c·a + b·(255 − a)) / 255. */
void mien_over_background(
    const uint8_t *rgba, int64_t n, const uint8_t background[3], uint8_t *rgb);

#endif
