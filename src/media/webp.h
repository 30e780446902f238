/* SPDX-License-Identifier: MIT */
/* Lossy WebP's colours to RGB. */
#ifndef MIEN_MEDIA_WEBP_H
#define MIEN_MEDIA_WEBP_H

#include "media/ffmpeg.h"

/** A picture of an animated WebP and its place on the canvas. */
typedef struct mien_webp_part {
    const uint8_t *chunks; /**< of a still WebP; lent from the file */
    size_t count;
    int64_t x, y, width, height;
} mien_webp_part;

/** Bytes of the head that make a part's chunks a file. */
#define MIEN_WEBP_HEAD 30

/** The first picture of an animated WebP; false: not animated, or cut before its end.
 */
bool mien_webp_first_part(const uint8_t *bytes, size_t count, mien_webp_part *part);
/** Writes the bytes that stand before the part's chunks in a still WebP. */
void mien_webp_head(const mien_webp_part *part, uint8_t head[MIEN_WEBP_HEAD]);

/** Row y of a 4:2:0 frame (with alpha if channels is 4). chroma: room for 2 × width. */
void mien_webp_row_to_rgb(
    const AVFrame *frame, int y, uint8_t *chroma, int channels, uint8_t *out);

#endif
