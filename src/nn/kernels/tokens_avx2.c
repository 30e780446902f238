/* SPDX-License-Identifier: MIT */
/* Loops for transformers on processors with AVX2. */
#if defined(__x86_64__)

#include "nn/kernels/vectors_avx2.h"

#define SUM(x) sum_of(x)
#define LARGEST(x) largest_of(x)

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
