/* SPDX-License-Identifier: MIT */
/* One field of an interlaced frame, its other rows filled in: what moves has no combs,
 * and the frame is of the moment that its time says. */
#include "media/deinterlace.h"

bool mien_frame_is_interlaced(const AVFrame *frame) {
#ifdef AV_FRAME_FLAG_INTERLACED
    return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
    return frame->interlaced_frame != 0;
#endif
}

static bool begins_at_top(const AVFrame *frame) {
#ifdef AV_FRAME_FLAG_TOP_FIELD_FIRST
    return (frame->flags & AV_FRAME_FLAG_TOP_FIELD_FIRST) != 0;
#else
    return frame->top_field_first != 0;
#endif
}

/* A plane as rows of samples of one or two bytes. */
typedef struct plane {
    uint8_t *data;
    int64_t stride, height, samples; /* samples of a row */
    bool wide;                       /* two bytes each */
} plane;

static bool can_be_split(const AVPixFmtDescriptor *format) {
    const uint64_t never = AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM |
                           AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER |
                           AV_PIX_FMT_FLAG_FLOAT;
    bool native = true;
    for (int c = 0; c < format->nb_components; c++) {
        const int depth = format->comp[c].depth;
        native = native && (depth == 8 || (depth > 8 && depth <= 16));
        native = native && (depth == 8) == (format->comp[0].depth == 8);
    }
    return !(format->flags & never) && native &&
           (format->comp[0].depth == 8 || !(format->flags & AV_PIX_FMT_FLAG_BE));
}

static int64_t shifted(int64_t size, int shift) {
    return (size + (1 << shift) - 1) >> shift;
}

/* The plane that component c begins; data is NULL where an earlier one does. */
static plane plane_of(const AVPixFmtDescriptor *format, const AVFrame *frame, int c) {
    const AVComponentDescriptor *component = &format->comp[c];
    for (int k = 0; k < c; k++) {
        if (format->comp[k].plane == component->plane) {
            return (plane){0};
        }
    }
    const bool chroma = c == 1 || c == 2;
    const bool wide = component->depth > 8;
    const int64_t width = shifted(frame->width, chroma ? format->log2_chroma_w : 0);
    return (plane){.data = frame->data[component->plane],
        .stride = frame->linesize[component->plane],
        .height = shifted(frame->height, chroma ? format->log2_chroma_h : 0),
        .samples = width * component->step / (wide ? 2 : 1),
        .wide = wide};
}

static void fill_row(const plane *p, int64_t y, int64_t above, int64_t below) {
    uint8_t *to = p->data + y * p->stride;
    const uint8_t *a = p->data + above * p->stride, *b = p->data + below * p->stride;
    if (p->wide) {
        uint16_t *wide = (uint16_t *)(void *)to;
        const uint16_t *x = (const uint16_t *)(const void *)a,
                       *z = (const uint16_t *)(const void *)b;
        for (int64_t i = 0; i < p->samples; i++) {
            wide[i] = (uint16_t)((x[i] + z[i] + 1) / 2);
        }
        return;
    }
    for (int64_t i = 0; i < p->samples; i++) {
        to[i] = (uint8_t)((a[i] + b[i] + 1) / 2);
    }
}

mien_status mien_frame_deinterlace(const mien_ffmpeg *ffmpeg, AVFrame *frame) {
    const AVPixFmtDescriptor *format = ffmpeg->av_pix_fmt_desc_get(frame->format);
    if (!mien_frame_is_interlaced(frame) || !format || !can_be_split(format)) {
        return MIEN_OK;
    }
    if (ffmpeg->av_frame_make_writable(frame) < 0) {
        return mien_fail(MIEN_ENOMEM, "no room for a frame of one field");
    }
    for (int c = 0; c < format->nb_components; c++) {
        const plane p = plane_of(format, frame, c);
        for (int64_t y = begins_at_top(frame) ? 1 : 0; p.data && y < p.height; y += 2) {
            const int64_t above = y > 0 ? y - 1 : y + 1,
                          below = y + 1 < p.height ? y + 1 : y - 1;
            if (p.height > 1) {
                fill_row(&p, y, above, below);
            }
        }
    }
    return MIEN_OK;
}
