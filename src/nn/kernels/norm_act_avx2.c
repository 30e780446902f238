/* SPDX-License-Identifier: MIT */
/* Joined batch-norms on processors with AVX2. */
#if defined(__x86_64__)

#include "nn/kernels/vectors_avx2.h"

#define LOAD(a) _mm256_loadu_ps(a)
#define STORE(a, v) _mm256_storeu_ps(a, v)
#define STREAM(a, v) _mm256_stream_ps(a, v)
#define FENCE() _mm_sfence()
#define WITHIN(z, a, b, v)                                                             \
    _mm256_and_ps(_mm256_and_ps(_mm256_cmp_ps(z, a, _CMP_GT_OQ),                       \
                      _mm256_cmp_ps(z, b, _CMP_LT_OQ)),                                \
        v)

TARGET static inline float fma1(float a, float b, float c) {
    return __builtin_fmaf(a, b, c);
}

#include "nn/kernels/norm_act_kernels.h"

#else
typedef int mien_norm_no_avx2;
#endif
