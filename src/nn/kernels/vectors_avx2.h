/* SPDX-License-Identifier: MIT */
/* Vectors of AVX2 under the names that loops written once for all widths use: such a
 * file's *_kernels.h is included behind this by its *_avx2.c. POWER(n) is 2ⁿ of whole
 * n. */
#ifndef MIEN_NN_VECTORS_AVX2_H
#define MIEN_NN_VECTORS_AVX2_H

#include <immintrin.h>

#define VEC __m256
#define LANES 8
#define TARGET __attribute__((target("avx2,fma")))
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define SPLAT(x) _mm256_set1_ps(x)
#define MAX(a, b) _mm256_max_ps(a, b)
#define MIN(a, b) _mm256_min_ps(a, b)
#define ROUND(x) _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define POWER(n)                                                                       \
    _mm256_castsi256_ps(_mm256_slli_epi32(                                             \
        _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23))
#define NAME(x) x##_avx2
#define KERNELS_NAME "avx2"

#endif
