/* SPDX-License-Identifier: MIT */
/* Decoded FFmpeg frames to 8-bit RGB. */
#ifndef MIEN_MEDIA_FRAME_H
#define MIEN_MEDIA_FRAME_H

#include "media/ffmpeg.h"

/** Keeps what is set up once for many frames alike. Start from zeros. */
typedef struct mien_frame_converter {
    struct SwsContext *scaler;
    uint8_t *rows; /* one row with alpha, or a picture with room behind each row */
    size_t rows_size;
    uint16_t *line; /* one component of a row */
    size_t line_size;
} mien_frame_converter;

/** How YCbCr becomes RGB. */
typedef enum mien_frame_quality {
    MIEN_FRAME_EXACT, /**< interpolated chroma, accurate rounding: pictures */
    MIEN_FRAME_FAST /**< FFmpeg's usual way (PyAV's numbers), ten times faster: film */
} mien_frame_quality;

/** Bytes from row to row (of `channels` bytes a pixel) that leave libswscale room
 * behind each row, the last too: it writes whole blocks of pixels, up to 64 wide. */
int64_t mien_frame_stride(int64_t width, int channels);

/** Converts a frame to rgb [height] rows of [width, 3], `stride` bytes apart. Grey,
 * palette and RGB formats are copied exactly (more than 8 bits by the high byte), YCbCr
 * goes through libswscale with the frame's own matrix and range. Of rgb the first
 * stride × height bytes may be written, and nothing else: rows closer than
 * mien_frame_stride(width, 3) are converted in a buffer of the converter and copied, so
 * that the wider stride is the faster. `name` is for messages. */
mien_status mien_frame_to_rgb(const mien_ffmpeg *ffmpeg,
    mien_frame_converter *converter, const char *name, const AVFrame *frame,
    mien_frame_quality quality, const uint8_t background[3], uint8_t *rgb,
    int64_t stride);

void mien_frame_converter_clear(
    const mien_ffmpeg *ffmpeg, mien_frame_converter *converter);

#endif
