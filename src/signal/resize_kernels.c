/* SPDX-License-Identifier: MIT */
/* The inner loops of a resize for any processor; with AVX2, see resize_avx2.c. */
#include "signal/resize_kernels.h"

#include <string.h>

typedef uint8_t u8x4 __attribute__((vector_size(4)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));
typedef uint8_t u8x8 __attribute__((vector_size(8)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef float f32x8 __attribute__((vector_size(32)));

#define HALF (1 << (MIEN_RESIZE_BITS - 1))

static uint8_t clip(int32_t sum) {
    int32_t v = sum >> MIEN_RESIZE_BITS;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

static void across_u8_plain(
    const mien_taps *taps, int channels, const uint8_t *pixels, uint8_t *out) {
    for (int x = 0; x < taps->count; x++) {
        const int32_t *weight = taps->fixed + (size_t)x * taps->most;
        const uint8_t *from = pixels + (size_t)taps->first[x] * channels;
        for (int c = 0; c < channels; c++) {
            int32_t sum = HALF;
            for (int k = 0; k < taps->length[x]; k++) {
                sum += from[k * channels + c] * weight[k];
            }
            *out++ = clip(sum);
        }
    }
}

/* A pixel of three channels is read, and written, as four: the fourth is overwritten.
 */
void mien_resize_across_u8_3_plain(
    const mien_taps *taps, const uint8_t *pixels, uint8_t *out) {
    for (int x = 0; x < taps->count; x++) {
        const int32_t *weight = taps->fixed + (size_t)x * taps->most;
        const uint8_t *from = pixels + (size_t)taps->first[x] * 3;
        i32x4 sum = {HALF, HALF, HALF, HALF};
        for (int k = 0; k < taps->length[x]; k++) {
            u8x4 pixel;
            memcpy(&pixel, from + (size_t)k * 3, 4);
            sum += __builtin_convertvector(pixel, i32x4) * weight[k];
        }
        sum >>= MIEN_RESIZE_BITS;
        sum &= sum > 0;
        sum |= sum > 255; /* all ones: the low byte is 255 */
        u8x4 pixel = __builtin_convertvector(sum, u8x4);
        memcpy(out + (size_t)x * 3, &pixel, 4);
    }
}

static void across_f32_plain(
    const mien_taps *taps, int channels, const uint8_t *pixels, float *out) {
    for (int x = 0; x < taps->count; x++) {
        const float *weight = taps->weight + (size_t)x * taps->most;
        const uint8_t *from = pixels + (size_t)taps->first[x] * channels;
        for (int c = 0; c < channels; c++) {
            float sum = 0.0f;
            for (int k = 0; k < taps->length[x]; k++) {
                sum += (float)from[k * channels + c] * weight[k];
            }
            *out++ = sum;
        }
    }
}

void mien_resize_across_f32_3_plain(
    const mien_taps *taps, const uint8_t *pixels, float *out) {
    for (int x = 0; x < taps->count; x++) {
        const float *weight = taps->weight + (size_t)x * taps->most;
        const uint8_t *from = pixels + (size_t)taps->first[x] * 3;
        f32x4 sum = {0, 0, 0, 0};
        for (int k = 0; k < taps->length[x]; k++) {
            u8x4 pixel;
            memcpy(&pixel, from + (size_t)k * 3, 4);
            sum +=
                __builtin_convertvector(__builtin_convertvector(pixel, i32x4), f32x4) *
                weight[k];
        }
        memcpy(out + (size_t)x * 3, &sum, 16);
    }
}

void mien_resize_down_u8_plain(const int32_t *weight, int length, const uint8_t *rows,
    size_t stride, size_t count, uint8_t *out) {
    const i32x8 half = {HALF, HALF, HALF, HALF, HALF, HALF, HALF, HALF};
    for (size_t i = 0; i < count; i += 32) {
        i32x8 sum[4] = {half, half, half, half};
        for (int k = 0; k < length; k++) {
            for (int j = 0; j < 4; j++) {
                u8x8 v;
                memcpy(&v, rows + (size_t)k * stride + i + (size_t)j * 8, 8);
                sum[j] += __builtin_convertvector(v, i32x8) * weight[k];
            }
        }
        for (int j = 0; j < 4; j++) {
            i32x8 v = sum[j] >> MIEN_RESIZE_BITS;
            v &= v > 0;
            v |= v > 255;
            u8x8 bytes = __builtin_convertvector(v, u8x8);
            memcpy(out + i + (size_t)j * 8, &bytes, 8);
        }
    }
}

void mien_resize_down_f32_plain(const float *weight, int length, const float *rows,
    size_t stride, size_t count, float *out) {
    const size_t step = stride / sizeof *rows;
    for (size_t i = 0; i < count; i += 32) {
        f32x8 sum[4] = {{0}, {0}, {0}, {0}};
        for (int k = 0; k < length; k++) {
            for (int j = 0; j < 4; j++) {
                f32x8 v;
                memcpy(&v, rows + (size_t)k * step + i + (size_t)j * 8, 32);
                sum[j] += v * weight[k];
            }
        }
        memcpy(out + i, sum, sizeof sum);
    }
}

#if defined(__x86_64__)
static bool is_wide(void) {
    return __builtin_cpu_supports("avx2");
}
#else
static bool is_wide(void) {
    return false;
}
#define mien_resize_across_u8_3_avx2 mien_resize_across_u8_3_plain
#define mien_resize_across_f32_3_avx2 mien_resize_across_f32_3_plain
#define mien_resize_down_u8_avx2 mien_resize_down_u8_plain
#define mien_resize_down_f32_avx2 mien_resize_down_f32_plain
#endif

void mien_resize_across_u8(
    const mien_taps *taps, int channels, const uint8_t *pixels, uint8_t *out) {
    if (channels == 3 && is_wide()) {
        mien_resize_across_u8_3_avx2(taps, pixels, out);
    } else if (channels == 3) {
        mien_resize_across_u8_3_plain(taps, pixels, out);
    } else {
        across_u8_plain(taps, channels, pixels, out);
    }
}

void mien_resize_across_f32(
    const mien_taps *taps, int channels, const uint8_t *pixels, float *out) {
    if (channels == 3 && is_wide()) {
        mien_resize_across_f32_3_avx2(taps, pixels, out);
    } else if (channels == 3) {
        mien_resize_across_f32_3_plain(taps, pixels, out);
    } else {
        across_f32_plain(taps, channels, pixels, out);
    }
}

void mien_resize_down_u8(const int32_t *weight, int length, const uint8_t *rows,
    size_t stride, size_t count, uint8_t *out) {
    if (is_wide()) {
        mien_resize_down_u8_avx2(weight, length, rows, stride, count, out);
    } else {
        mien_resize_down_u8_plain(weight, length, rows, stride, count, out);
    }
}

void mien_resize_down_f32(const float *weight, int length, const float *rows,
    size_t stride, size_t count, float *out) {
    if (is_wide()) {
        mien_resize_down_f32_avx2(weight, length, rows, stride, count, out);
    } else {
        mien_resize_down_f32_plain(weight, length, rows, stride, count, out);
    }
}
