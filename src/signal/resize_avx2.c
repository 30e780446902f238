/* SPDX-License-Identifier: MIT */
/* The inner loops of a resize in AVX2: the results are those of resize_kernels.c. */
#include "signal/resize_kernels.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE static inline __attribute__((always_inline, target("avx2")))

/* Two pixels of three bytes as eight integers, the fourth of each 0. */
AVX2_INLINE __m256i two_pixels(const uint8_t *from) {
    const __m128i spread =
        _mm_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, -1, -1, -1, -1, -1, -1, -1, -1);
    __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)from);
    return _mm256_cvtepu8_epi32(_mm_shuffle_epi8(bytes, spread));
}

/* The first of two weights four times, then the second. */
AVX2_INLINE __m256i two_weights(const void *weight) {
    const __m256i spread = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1);
    __m256i both = _mm256_castsi128_si256(_mm_loadl_epi64((const __m128i *)weight));
    return _mm256_permutevar8x32_epi32(both, spread);
}

/* `pairs` is a constant where the compiler may unroll, or 0. */
AVX2_INLINE void across_u8(
    const mien_taps *taps, int pairs, const uint8_t *pixels, uint8_t *out) {
    const int count = taps->count, most = taps->most;
    const int *first = taps->first, *length = taps->length;
    const int32_t *weight = taps->fixed;
    const __m128i half = _mm_set1_epi32(1 << (MIEN_RESIZE_BITS - 1));
    for (int x = 0; x < count; x++, weight += most, out += 3) {
        const uint8_t *from = pixels + (size_t)first[x] * 3;
        const int n = pairs ? pairs : (length[x] + 1) / 2;
        __m256i sum = _mm256_setzero_si256();
        for (int k = 0; k < n; k++) {
            sum = _mm256_add_epi32(
                sum, _mm256_mullo_epi32(two_pixels(from + (size_t)k * 6),
                         two_weights(weight + (size_t)k * 2)));
        }
        __m128i four = _mm_add_epi32(half, _mm_add_epi32(_mm256_castsi256_si128(sum),
                                               _mm256_extracti128_si256(sum, 1)));
        four = _mm_srai_epi32(four, MIEN_RESIZE_BITS);
        four = _mm_packus_epi16(_mm_packs_epi32(four, four), four);
        int pixel = _mm_cvtsi128_si32(four);
        memcpy(out, &pixel, sizeof pixel);
    }
}

AVX2 void mien_resize_across_u8_3_avx2(
    const mien_taps *taps, const uint8_t *pixels, uint8_t *out) {
    switch ((taps->even + 1) / 2) {
    case 1:
        across_u8(taps, 1, pixels, out);
        break;
    case 2:
        across_u8(taps, 2, pixels, out);
        break;
    case 3:
        across_u8(taps, 3, pixels, out);
        break;
    case 4:
        across_u8(taps, 4, pixels, out);
        break;
    default:
        across_u8(taps, 0, pixels, out);
        break;
    }
}

AVX2 void mien_resize_across_f32_3_avx2(
    const mien_taps *taps, const uint8_t *pixels, float *out) {
    const float *weight = taps->weight;
    for (int x = 0; x < taps->count; x++, weight += taps->most, out += 3) {
        const uint8_t *from = pixels + (size_t)taps->first[x] * 3;
        __m256 sum = _mm256_setzero_ps();
        for (int k = 0; k < (taps->length[x] + 1) / 2; k++) {
            __m256 two = _mm256_cvtepi32_ps(two_pixels(from + (size_t)k * 6));
            __m256i both = two_weights(weight + (size_t)k * 2);
            sum = _mm256_add_ps(sum, _mm256_mul_ps(two, _mm256_castsi256_ps(both)));
        }
        _mm_storeu_ps(out,
            _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1)));
    }
}

AVX2_INLINE __m256i eight_bytes(const uint8_t *from) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)from));
}

AVX2 void mien_resize_down_u8_avx2(const int32_t *weight, int length,
    const uint8_t *rows, size_t stride, size_t count, uint8_t *out) {
    const __m256i half = _mm256_set1_epi32(1 << (MIEN_RESIZE_BITS - 1));
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    for (size_t i = 0; i < count; i += 32) {
        __m256i a = half, b = half, c = half, d = half;
        const uint8_t *from = rows + i;
        for (int k = 0; k < length; k++, from += stride) {
            const __m256i w = _mm256_set1_epi32(weight[k]);
            a = _mm256_add_epi32(a, _mm256_mullo_epi32(eight_bytes(from), w));
            b = _mm256_add_epi32(b, _mm256_mullo_epi32(eight_bytes(from + 8), w));
            c = _mm256_add_epi32(c, _mm256_mullo_epi32(eight_bytes(from + 16), w));
            d = _mm256_add_epi32(d, _mm256_mullo_epi32(eight_bytes(from + 24), w));
        }
        a = _mm256_packs_epi32(_mm256_srai_epi32(a, MIEN_RESIZE_BITS),
            _mm256_srai_epi32(b, MIEN_RESIZE_BITS));
        c = _mm256_packs_epi32(_mm256_srai_epi32(c, MIEN_RESIZE_BITS),
            _mm256_srai_epi32(d, MIEN_RESIZE_BITS));
        /* packing works in halves of 16 bytes: groups of four come as a0 b0 c0 d0 a1 …
         */
        a = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, c), order);
        _mm256_storeu_si256((__m256i *)(void *)(out + i), a);
    }
}

AVX2 void mien_resize_down_f32_avx2(const float *weight, int length, const float *rows,
    size_t stride, size_t count, float *out) {
    const size_t step = stride / sizeof *rows;
    for (size_t i = 0; i < count; i += 32) {
        __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
        const float *from = rows + i;
        for (int k = 0; k < length; k++, from += step) {
            const __m256 w = _mm256_set1_ps(weight[k]);
            a = _mm256_add_ps(a, _mm256_mul_ps(_mm256_loadu_ps(from), w));
            b = _mm256_add_ps(b, _mm256_mul_ps(_mm256_loadu_ps(from + 8), w));
            c = _mm256_add_ps(c, _mm256_mul_ps(_mm256_loadu_ps(from + 16), w));
            d = _mm256_add_ps(d, _mm256_mul_ps(_mm256_loadu_ps(from + 24), w));
        }
        _mm256_storeu_ps(out + i, a);
        _mm256_storeu_ps(out + i + 8, b);
        _mm256_storeu_ps(out + i + 16, c);
        _mm256_storeu_ps(out + i + 24, d);
    }
}

#else
typedef int mien_resize_avx2_has_no_code; /* a file must hold something */
#endif
