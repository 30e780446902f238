/* SPDX-License-Identifier: MIT */
/* The inner loops of a resize, compiled for the baseline processor and for AVX2. */
#include "signal/resize.h"

#include <string.h>

/* Vectors never cross a function boundary that is not inlined, so the ABI that the
 * compiler warns about does not matter. */
#pragma GCC diagnostic ignored "-Wpsabi"

#define INLINE static inline __attribute__((always_inline))

typedef uint8_t u8x4 __attribute__((vector_size(4)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));
typedef uint8_t u8x8 __attribute__((vector_size(8)));
typedef int32_t i32x8 __attribute__((vector_size(32)));
typedef float f32x8 __attribute__((vector_size(32)));

#define HALF (1 << (MIEN_RESIZE_BITS - 1))

INLINE uint8_t clip(int32_t sum) {
    int32_t v = sum >> MIEN_RESIZE_BITS;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

INLINE void across_u8_plain(
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
INLINE void across_u8_3(const mien_taps *taps, const uint8_t *pixels, uint8_t *out) {
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

INLINE void across_f32_plain(
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

INLINE void across_f32_3(const mien_taps *taps, const uint8_t *pixels, float *out) {
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

INLINE void down_u8(const int32_t *weight, int length, const uint8_t *rows,
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

INLINE void down_f32(const float *weight, int length, const float *rows, size_t stride,
    size_t count, float *out) {
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
#define WIDE __attribute__((target("avx2")))

WIDE static void across_u8_3_wide(
    const mien_taps *taps, const uint8_t *pixels, uint8_t *out) {
    across_u8_3(taps, pixels, out);
}

WIDE static void across_f32_3_wide(
    const mien_taps *taps, const uint8_t *pixels, float *out) {
    across_f32_3(taps, pixels, out);
}

WIDE static void down_u8_wide(const int32_t *weight, int length, const uint8_t *rows,
    size_t stride, size_t count, uint8_t *out) {
    down_u8(weight, length, rows, stride, count, out);
}

WIDE static void down_f32_wide(const float *weight, int length, const float *rows,
    size_t stride, size_t count, float *out) {
    down_f32(weight, length, rows, stride, count, out);
}

static bool is_wide(void) {
    return __builtin_cpu_supports("avx2");
}
#else
#define across_u8_3_wide across_u8_3
#define across_f32_3_wide across_f32_3
#define down_u8_wide down_u8
#define down_f32_wide down_f32
static bool is_wide(void) {
    return false;
}
#endif

void mien_resize_across_u8(
    const mien_taps *taps, int channels, const uint8_t *pixels, uint8_t *out) {
    if (channels == 3 && is_wide()) {
        across_u8_3_wide(taps, pixels, out);
    } else if (channels == 3) {
        across_u8_3(taps, pixels, out);
    } else {
        across_u8_plain(taps, channels, pixels, out);
    }
}

void mien_resize_across_f32(
    const mien_taps *taps, int channels, const uint8_t *pixels, float *out) {
    if (channels == 3 && is_wide()) {
        across_f32_3_wide(taps, pixels, out);
    } else if (channels == 3) {
        across_f32_3(taps, pixels, out);
    } else {
        across_f32_plain(taps, channels, pixels, out);
    }
}

void mien_resize_down_u8(const int32_t *weight, int length, const uint8_t *rows,
    size_t stride, size_t count, uint8_t *out) {
    if (is_wide()) {
        down_u8_wide(weight, length, rows, stride, count, out);
    } else {
        down_u8(weight, length, rows, stride, count, out);
    }
}

void mien_resize_down_f32(const float *weight, int length, const float *rows,
    size_t stride, size_t count, float *out) {
    if (is_wide()) {
        down_f32_wide(weight, length, rows, stride, count, out);
    } else {
        down_f32(weight, length, rows, stride, count, out);
    }
}
