/* SPDX-License-Identifier: MIT */
/* The building blocks of the loops for small networks where vectors hold eight
 * floats. The including file defines TARGET. No include guard. */
#include <immintrin.h>
#include <stdint.h>

#define VEC __m256
#define LANES 8
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define SPLAT(x) _mm256_set1_ps(x)
#define MAX(a, b) _mm256_max_ps(a, b)
#define ROOT(a) _mm256_sqrt_ps(a)
#define IF_POSITIVE(test, a)                                                           \
    _mm256_and_ps(_mm256_cmp_ps(test, _mm256_setzero_ps(), _CMP_GT_OQ), a)

/* The first `count` lanes; the others are 0, or left alone. */
TARGET static inline __attribute__((always_inline)) __m256i mask_of(int64_t count) {
    static const int32_t masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_loadu_si256((const __m256i *)(const void *)(masks + 8 - count));
}

TARGET static inline __attribute__((always_inline)) VEC load_some(
    const float *from, int64_t count) {
    return _mm256_maskload_ps(from, mask_of(count));
}

TARGET static inline __attribute__((always_inline)) void store_some(
    float *to, VEC v, int64_t count) {
    _mm256_maskstore_ps(to, mask_of(count), v);
}

/* Rows become columns. */
TARGET static inline __attribute__((always_inline)) void transpose(VEC *v) {
    __m256 t[8], u[8];
    for (int i = 0; i < 4; i++) {
        t[2 * i] = _mm256_unpacklo_ps(v[2 * i], v[2 * i + 1]);
        t[2 * i + 1] = _mm256_unpackhi_ps(v[2 * i], v[2 * i + 1]);
    }
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++) {
            u[4 * i + 2 * k] = _mm256_shuffle_ps(t[4 * i + k], t[4 * i + 2 + k], 0x44);
            u[4 * i + 2 * k + 1] =
                _mm256_shuffle_ps(t[4 * i + k], t[4 * i + 2 + k], 0xee);
        }
    }
    for (int i = 0; i < 4; i++) {
        v[i] = _mm256_permute2f128_ps(u[i], u[4 + i], 0x20);
        v[4 + i] = _mm256_permute2f128_ps(u[i], u[4 + i], 0x31);
    }
}

#include "nn/kernels/narrow_kernels.h"
