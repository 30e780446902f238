/* SPDX-License-Identifier: MIT */
/* Lossy WebP's colours to RGB. */
#ifndef MIEN_MEDIA_WEBP_H
#define MIEN_MEDIA_WEBP_H

#include "media/ffmpeg.h"

/** Row y of a 4:2:0 frame (with alpha if channels is 4). chroma: room for 2 × width. */
void mien_webp_row_to_rgb(
    const AVFrame *frame, int y, uint8_t *chroma, int channels, uint8_t *out);

#endif
