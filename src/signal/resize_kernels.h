/* SPDX-License-Identifier: MIT */
/* The inner loops of a resize. */
#ifndef MIEN_SIGNAL_RESIZE_KERNELS_H
#define MIEN_SIGNAL_RESIZE_KERNELS_H

#include "signal/resize.h"

/* Kernels: each picks the widest vectors of the processor. Rows are strided so that
 * whole vectors of 32 bytes may be read and written past their ends. */

/** One row: out[x, c] = sum of pixels[first + k, c] × weight. Reads up to 8 bytes past.
 */
void mien_resize_across_u8(
    const mien_taps *taps, int channels, const uint8_t *pixels, uint8_t *out);
void mien_resize_across_f32(
    const mien_taps *taps, int channels, const uint8_t *pixels, float *out);
/** out[i] = sum over k of rows[k × stride + i] × weight[k], i in [0, count) rounded up
 * to a multiple of 32; stride in bytes. */
void mien_resize_down_u8(const int32_t *weight, int length, const uint8_t *rows,
    size_t stride, size_t count, uint8_t *out);
void mien_resize_down_f32(const float *weight, int length, const float *rows,
    size_t stride, size_t count, float *out);

/* The variants among which the functions above choose, declared for the tests that
 * compare them. */
void mien_resize_across_u8_3_plain(
    const mien_taps *taps, const uint8_t *pixels, uint8_t *out);
void mien_resize_across_f32_3_plain(
    const mien_taps *taps, const uint8_t *pixels, float *out);
void mien_resize_down_u8_plain(const int32_t *weight, int length, const uint8_t *rows,
    size_t stride, size_t count, uint8_t *out);
void mien_resize_down_f32_plain(const float *weight, int length, const float *rows,
    size_t stride, size_t count, float *out);

#if defined(__x86_64__)
/* The same for processors with AVX2. Pairs of weights are read:
 * their room is even, and what is past their length is 0. */
void mien_resize_across_u8_3_avx2(
    const mien_taps *taps, const uint8_t *pixels, uint8_t *out);
void mien_resize_across_f32_3_avx2(
    const mien_taps *taps, const uint8_t *pixels, float *out);
void mien_resize_down_u8_avx2(const int32_t *weight, int length, const uint8_t *rows,
    size_t stride, size_t count, uint8_t *out);
void mien_resize_down_f32_avx2(const float *weight, int length, const float *rows,
    size_t stride, size_t count, float *out);
#endif

#endif
