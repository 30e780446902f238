/* SPDX-License-Identifier: MIT */
/* Decoded FFmpeg frames to 8-bit RGB. */
#include "media/frame.h"

#include "media/decoder.h"
#include "media/webp.h"

#include <string.h>

/* The widest block that libswscale finishes behind the end of a row, in pixels. */
#define BLOCK 64

/* Where channel c of a pixel stands when it starts on a byte of its own. */
typedef struct channel {
    const uint8_t *data;
    int64_t stride, step;
} channel;

static bool is_direct(const AVPixFmtDescriptor *format) {
    const uint64_t never =
        AV_PIX_FMT_FLAG_FLOAT | AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_HWACCEL;
    if (format->flags & never) {
        return false;
    }
    return (format->flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0 ||
           format->nb_components <= 2;
}

/* Whether a frame is of a WebP picture: of the pictures, only WebP has halved chroma
 * and the narrow range. */
static bool is_webp(const AVFrame *frame) {
    return (frame->format == AV_PIX_FMT_YUV420P ||
               frame->format == AV_PIX_FMT_YUVA420P) &&
           frame->color_range != AVCOL_RANGE_JPEG;
}

static bool is_bytewise(const AVPixFmtDescriptor *format) {
    if (format->flags & (AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM)) {
        return false;
    }
    for (int c = 0; c < format->nb_components; c++) {
        int depth = format->comp[c].depth;
        if ((depth != 8 && depth != 16) || format->comp[c].shift != 0) {
            return false;
        }
    }
    return true;
}

static channel channel_of(
    const AVPixFmtDescriptor *format, const AVFrame *frame, int index) {
    const AVComponentDescriptor *c = &format->comp[index];
    bool low_first = c->depth == 16 && !(format->flags & AV_PIX_FMT_FLAG_BE);
    return (channel){frame->data[c->plane] + c->offset + (low_first ? 1 : 0),
        frame->linesize[c->plane], c->step};
}

/* Component that gives channel c (R G B A) of this format; −1: none. */
static int component_of(const AVPixFmtDescriptor *format, int c) {
    bool alpha = (format->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
    int colours = format->nb_components - (alpha ? 1 : 0);
    if (c == 3) {
        return alpha ? format->nb_components - 1 : -1;
    }
    return colours == 1 ? 0 : c;
}

static void copy_bytewise(const AVPixFmtDescriptor *format, const AVFrame *frame, int y,
    int channels, uint8_t *out) {
    for (int c = 0; c < channels; c++) {
        channel from = channel_of(format, frame, component_of(format, c));
        const uint8_t *in = from.data + y * from.stride;
        for (int x = 0; x < frame->width; x++) {
            out[x * channels + c] = in[x * from.step];
        }
    }
}

/* A palette is 256 native 32-bit words 0xAARRGGBB in the second plane. */
static void copy_palette(const AVFrame *frame, int y, uint8_t *rgba) {
    const uint8_t *in = frame->data[0] + (int64_t)y * frame->linesize[0];
    for (int x = 0; x < frame->width; x++, rgba += 4) {
        uint32_t argb;
        memcpy(&argb, frame->data[1] + in[x] * 4, 4);
        rgba[0] = (uint8_t)(argb >> 16);
        rgba[1] = (uint8_t)(argb >> 8);
        rgba[2] = (uint8_t)argb;
        rgba[3] = (uint8_t)(argb >> 24);
    }
}

/* Packed bits and odd depths: FFmpeg's own reader gives each component's value. */
static void copy_components(const mien_ffmpeg *ffmpeg, const AVPixFmtDescriptor *format,
    const AVFrame *frame, int y, int channels, uint16_t *line, uint8_t *out) {
    /* monowhite is the one format whose 0 is light */
    bool inverted = frame->format == AV_PIX_FMT_MONOWHITE;
    for (int c = 0; c < channels; c++) {
        int component = component_of(format, c);
        int depth = format->comp[component].depth;
        unsigned top = (1u << depth) - 1;
        ffmpeg->av_read_image_line2(line, (const uint8_t **)frame->data,
            frame->linesize, format, 0, y, component, frame->width, 0, sizeof(*line));
        for (int x = 0; x < frame->width; x++) {
            unsigned value = inverted ? top - line[x] : line[x];
            out[x * channels + c] =
                (uint8_t)(depth > 8 ? value >> (depth - 8) : value * 255 / top);
        }
    }
}

static mien_status make_room(void **memory, size_t *have, size_t want) {
    if (*have >= want) {
        return MIEN_OK;
    }
    mien_free(*memory);
    *have = 0;
    *memory = mien_alloc(want, 1);
    if (!*memory) {
        return MIEN_ENOMEM;
    }
    *have = want;
    return MIEN_OK;
}

static mien_status copy_direct(const mien_ffmpeg *ffmpeg, mien_frame_converter *k,
    const AVPixFmtDescriptor *format, const AVFrame *frame, const uint8_t background[3],
    uint8_t *rgb, int64_t stride) {
    bool palette = (format->flags & AV_PIX_FMT_FLAG_PAL) != 0;
    bool alpha = palette || (format->flags & AV_PIX_FMT_FLAG_ALPHA);
    bool bytewise = is_bytewise(format), halved = is_webp(frame);
    size_t width = (size_t)frame->width;
    mien_status status = make_room((void **)&k->line, &k->line_size, width * 2);
    if (status == MIEN_OK) {
        status = make_room((void **)&k->rows, &k->rows_size, width * 4);
    }
    for (int y = 0; y < frame->height && status == MIEN_OK; y++, rgb += stride) {
        uint8_t *row = alpha ? k->rows : rgb;
        if (palette) {
            copy_palette(frame, y, row);
        } else if (halved) {
            mien_webp_row_to_rgb(frame, y, (uint8_t *)k->line, alpha ? 4 : 3, row);
        } else if (bytewise) {
            copy_bytewise(format, frame, y, alpha ? 4 : 3, row);
        } else {
            copy_components(ffmpeg, format, frame, y, alpha ? 4 : 3, k->line, row);
        }
        if (alpha) {
            mien_over_background(row, (int64_t)width, background, rgb);
        }
    }
    return status;
}

/* The j formats say "full range" in their name; swscale wants the plain name and a
 * flag. */
static enum AVPixelFormat plain_format(const AVFrame *frame, bool *full_range) {
    static const enum AVPixelFormat pairs[][2] = {
        {AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P},
        {AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P},
        {AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P},
        {AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P},
        {AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P},
    };
    *full_range = frame->color_range == AVCOL_RANGE_JPEG;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (frame->format == pairs[i][0]) {
            *full_range = true;
            return pairs[i][1];
        }
    }
    return frame->format;
}

int64_t mien_frame_stride(int64_t width, int channels) {
    return (width + 2 * BLOCK - 1) / BLOCK * BLOCK * channels;
}

/* Converts by libswscale into rows of at least mien_frame_stride() bytes. */
static mien_status scale(const mien_ffmpeg *ffmpeg, mien_frame_converter *k,
    const char *name, const AVFrame *frame, mien_frame_quality quality,
    enum AVPixelFormat to, uint8_t *out, int64_t stride) {
    const int exact = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT |
                      SWS_FULL_CHR_H_INP | SWS_BITEXACT;
    bool full_range;
    enum AVPixelFormat from = plain_format(frame, &full_range);
    k->scaler = ffmpeg->sws_getCachedContext(k->scaler, frame->width, frame->height,
        from, frame->width, frame->height, to,
        quality == MIEN_FRAME_EXACT ? exact : SWS_BILINEAR, NULL, NULL, NULL);
    if (!k->scaler) {
        return mien_fail(MIEN_EUNSUPPORTED, "%s: pixel format %d", name, frame->format);
    }
    const int *matrix = ffmpeg->sws_getCoefficients(frame->colorspace);
    ffmpeg->sws_setColorspaceDetails(k->scaler, matrix, full_range,
        ffmpeg->sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
    int rows = ffmpeg->sws_scale(k->scaler, (const uint8_t *const *)frame->data,
        frame->linesize, 0, frame->height, (uint8_t *const[4]){out},
        (int[4]){(int)stride});
    if (rows < 0) {
        return mien_ffmpeg_fail(
            ffmpeg, MIEN_EUNSUPPORTED, rows, name, "colour conversion");
    }
    return rows == frame->height
               ? MIEN_OK
               : mien_fail(MIEN_EINTERNAL, "%s: colour conversion stopped at row %d",
                     name, rows);
}

/* Converts by libswscale in a buffer with room behind each row, then copies the rows,
 * those with alpha laid over the background. */
static mien_status scale_aside(const mien_ffmpeg *ffmpeg, mien_frame_converter *k,
    const char *name, const AVFrame *frame, mien_frame_quality quality, bool alpha,
    const uint8_t background[3], uint8_t *rgb, int64_t stride) {
    int64_t width = frame->width, height = frame->height;
    int64_t wide = mien_frame_stride(width, alpha ? 4 : 3);
    mien_status status =
        make_room((void **)&k->rows, &k->rows_size, (size_t)(wide * height));
    if (status != MIEN_OK) {
        return mien_fail_in(status, "%s", name);
    }
    status = scale(ffmpeg, k, name, frame, quality,
        alpha ? AV_PIX_FMT_RGBA : AV_PIX_FMT_RGB24, k->rows, wide);
    for (int64_t y = 0; y < height && status == MIEN_OK; y++) {
        if (alpha) {
            mien_over_background(
                k->rows + y * wide, width, background, rgb + y * stride);
        } else {
            memcpy(rgb + y * stride, k->rows + y * wide, (size_t)width * 3);
        }
    }
    return status;
}

mien_status mien_frame_to_rgb(const mien_ffmpeg *ffmpeg,
    mien_frame_converter *converter, const char *name, const AVFrame *frame,
    mien_frame_quality quality, const uint8_t background[3], uint8_t *rgb,
    int64_t stride) {
    const AVPixFmtDescriptor *format = ffmpeg->av_pix_fmt_desc_get(frame->format);
    if (!format) {
        return mien_fail(
            MIEN_EUNSUPPORTED, "%s: unknown pixel format %d", name, frame->format);
    }
    if (is_direct(format) || (quality == MIEN_FRAME_EXACT && is_webp(frame))) {
        mien_status status =
            copy_direct(ffmpeg, converter, format, frame, background, rgb, stride);
        return status == MIEN_OK ? status : mien_fail_in(status, "%s", name);
    }
    bool alpha = (format->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
    if (!alpha && stride >= mien_frame_stride(frame->width, 3)) {
        return scale(
            ffmpeg, converter, name, frame, quality, AV_PIX_FMT_RGB24, rgb, stride);
    }
    return scale_aside(
        ffmpeg, converter, name, frame, quality, alpha, background, rgb, stride);
}

void mien_frame_converter_clear(
    const mien_ffmpeg *ffmpeg, mien_frame_converter *converter) {
    if (converter->scaler) {
        ffmpeg->sws_freeContext(converter->scaler);
    }
    mien_free(converter->rows);
    mien_free(converter->line);
    *converter = (mien_frame_converter){0};
}
