/* SPDX-License-Identifier: MIT */
/* Decoded FFmpeg frames to 8-bit RGB. */
#ifndef MIEN_MEDIA_FRAME_H
#define MIEN_MEDIA_FRAME_H

#include "media/ffmpeg.h"

/** Keeps what is set up once for many frames alike. Start from zeros. */
typedef struct mien_frame_converter {
    struct SwsContext *scaler;
    uint8_t *rgba; /* one row or picture with alpha */
    size_t rgba_size;
    uint16_t *line; /* one component of a row */
    size_t line_size;
} mien_frame_converter;

/** How YCbCr becomes RGB. */
typedef enum mien_frame_quality {
    MIEN_FRAME_EXACT, /**< interpolated chroma, accurate rounding: pictures */
    MIEN_FRAME_FAST /**< FFmpeg's usual way (PyAV's numbers), ten times faster: film */
} mien_frame_quality;

/** Converts a frame to rgb [height, width, 3], rows contiguous. Grey, palette and RGB
 * formats are copied exactly (more than 8 bits by the high byte), YCbCr goes through
 * libswscale with the frame's own matrix and range. `name` is for messages. */
mien_status mien_frame_to_rgb(const mien_ffmpeg *ffmpeg,
    mien_frame_converter *converter, const char *name, const AVFrame *frame,
    mien_frame_quality quality, const uint8_t background[3], uint8_t *rgb);

void mien_frame_converter_clear(
    const mien_ffmpeg *ffmpeg, mien_frame_converter *converter);

#endif
