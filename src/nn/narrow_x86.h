/* SPDX-License-Identifier: MIT */
/* What the loops for small networks are made of where vectors hold eight floats. The
 * including file defines TARGET. No include guard. */
#include <immintrin.h>

#define VEC __m256
#define LANES 8
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define SPLAT(x) _mm256_set1_ps(x)
#define MAX(a, b) _mm256_max_ps(a, b)
#define ROOT(a) _mm256_sqrt_ps(a)
#define IF_POSITIVE(test, a)                                                           \
    _mm256_and_ps(_mm256_cmp_ps(test, _mm256_setzero_ps(), _CMP_GT_OQ), a)

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

#include "nn/narrow_kernels.h"
