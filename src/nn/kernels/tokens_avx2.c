/* SPDX-License-Identifier: MIT */
/* Loops for transformers on processors with AVX2. */
#if defined(__x86_64__)

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
#define SUM(x) sum_of(x)
#define LARGEST(x) largest_of(x)
#define NAME(x) x##_avx2
#define KERNELS_NAME "avx2"

TARGET static inline __attribute__((always_inline)) float sum_of(__m256 x) {
    __m128 h = _mm_add_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    h = _mm_add_ps(h, _mm_movehl_ps(h, h));
    return _mm_cvtss_f32(_mm_add_ss(h, _mm_shuffle_ps(h, h, 1)));
}

TARGET static inline __attribute__((always_inline)) float largest_of(__m256 x) {
    __m128 h = _mm_max_ps(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1));
    h = _mm_max_ps(h, _mm_movehl_ps(h, h));
    return _mm_cvtss_f32(_mm_max_ss(h, _mm_shuffle_ps(h, h, 1)));
}

#include "nn/kernels/tokens_kernels.h"

#else
typedef int mien_tokens_no_avx2;
#endif
