/* SPDX-License-Identifier: MIT */
/* Samples of any format and number of channels to one channel: their mean. */
#include "media/sound.h"

#include <math.h>

/* Sums up one channel: samples lie `step` apart. 8-bit sound has its zero at 128. */
#define SUM_CHANNEL(name, type, expression)                                            \
    static void name(const void *from, int64_t step, int64_t count, double *sum) {     \
        const type *x = from;                                                          \
        for (int64_t i = 0; i < count; i++) {                                          \
            const type v = x[i * step];                                                \
            sum[i] += (expression);                                                    \
        }                                                                              \
    }

SUM_CHANNEL(sum_u8, uint8_t, (v - 128) / 128.0)
SUM_CHANNEL(sum_s16, int16_t, v / 32768.0)
SUM_CHANNEL(sum_s32, int32_t, v / 2147483648.0)
SUM_CHANNEL(sum_s64, int64_t, (double)v / 9223372036854775808.0)
SUM_CHANNEL(sum_flt, float, (double)v)
SUM_CHANNEL(sum_dbl, double, v)

typedef void sum_channel(const void *from, int64_t step, int64_t count, double *sum);

static sum_channel *sum_of(enum AVSampleFormat packed, size_t *size) {
    switch (packed) {
    case AV_SAMPLE_FMT_U8:
        *size = 1;
        return sum_u8;
    case AV_SAMPLE_FMT_S16:
        *size = 2;
        return sum_s16;
    case AV_SAMPLE_FMT_S32:
        *size = 4;
        return sum_s32;
    case AV_SAMPLE_FMT_S64:
        *size = 8;
        return sum_s64;
    case AV_SAMPLE_FMT_FLT:
        *size = 4;
        return sum_flt;
    case AV_SAMPLE_FMT_DBL:
        *size = 8;
        return sum_dbl;
    default:
        return NULL;
    }
}

bool mien_sound_mix(const mien_ffmpeg *ff, const AVFrame *frame, int64_t first,
    int64_t count, float *mono) {
    enum { PIECE = 1024 };
    double sum[PIECE];
    size_t size = 0;
    const enum AVSampleFormat format = frame->format;
    const enum AVSampleFormat packed = ff->av_get_packed_sample_fmt(format);
    const int channels = frame->ch_layout.nb_channels;
    sum_channel *add = sum_of(packed, &size);
    if (!add || channels < 1) {
        return false;
    }
    for (int64_t at = 0; at < count; at += PIECE) {
        const int64_t n = count - at < PIECE ? count - at : PIECE;
        for (int64_t i = 0; i < n; i++) {
            sum[i] = 0;
        }
        for (int c = 0; c < channels; c++) {
            /* planar: a plane a channel; packed: side by side */
            const bool plane = packed != format;
            const int64_t step = plane ? 1 : channels;
            const uint8_t *from = frame->extended_data[plane ? c : 0];
            const int64_t place = (first + at) * step + (plane ? 0 : c);
            add(from + (size_t)place * size, step, n, sum);
        }
        for (int64_t i = 0; i < n; i++) {
            const double mean = sum[i] / channels;
            mono[at + i] = isfinite(mean) ? (float)mean : 0;
        }
    }
    return true;
}
