/* SPDX-License-Identifier: MIT */
/* Joined batch-norms on processors with AVX2. */
#if defined(__x86_64__)

#include <immintrin.h>

#define VEC __m256
#define LANES 8
#define TARGET __attribute__((target("avx2,fma")))
#define LOAD(a) _mm256_loadu_ps(a)
#define STORE(a, v) _mm256_storeu_ps(a, v)
#define STREAM(a, v) _mm256_stream_ps(a, v)
#define FENCE() _mm_sfence()
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define SPLAT(x) _mm256_set1_ps(x)
#define MAX(a, b) _mm256_max_ps(a, b)
#define MIN(a, b) _mm256_min_ps(a, b)
#define WITHIN(z, a, b, v)                                                             \
    _mm256_and_ps(_mm256_and_ps(_mm256_cmp_ps(z, a, _CMP_GT_OQ),                       \
                      _mm256_cmp_ps(z, b, _CMP_LT_OQ)),                                \
        v)
#define NAME(x) x##_avx2
#define KERNELS_NAME "avx2"

TARGET static inline float fma1(float a, float b, float c) {
    return __builtin_fmaf(a, b, c);
}

#include "nn/kernels/norm_act_kernels.h"

#else
typedef int mien_norm_no_avx2;
#endif
