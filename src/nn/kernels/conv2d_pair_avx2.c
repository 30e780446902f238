/* SPDX-License-Identifier: MIT */
/* Pairs of convolutions on processors with AVX2. */
#if defined(__x86_64__)

#include <immintrin.h>

#define VEC __m256
#define LANES 8
#define VECTORS 2
#define ROWS 6
#define TALL 12
#define ACROSS 4
#define TARGET __attribute__((target("avx2,fma")))
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define SPLAT(x) _mm256_set1_ps(x)
#define MAX(a, b) _mm256_max_ps(a, b)
#define MIN(a, b) _mm256_min_ps(a, b)
#define ROUND(x) _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define POWER(n)                                                                       \
    _mm256_castsi256_ps(_mm256_slli_epi32(                                             \
        _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23))
#define ESTIMATE(x) _mm256_rcp_ps(x)
#define NAME(x) x##_avx2
#define KERNELS_NAME "avx2"

#include "nn/kernels/conv2d_pair_kernels.h"

#else
typedef int mien_conv2d_pair_no_avx2;
#endif
