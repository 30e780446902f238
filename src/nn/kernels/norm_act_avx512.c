/* SPDX-License-Identifier: MIT */
/* Joined batch-norms on processors with AVX-512. */
#if defined(__x86_64__)

#include "nn/kernels/vectors_avx512.h"

#define LOAD(a) _mm512_loadu_ps(a)
#define STORE(a, v) _mm512_storeu_ps(a, v)
#define STREAM(a, v) _mm512_stream_ps(a, v)
#define FENCE() _mm_sfence()
#define WITHIN(z, a, b, v)                                                             \
    _mm512_maskz_mov_ps(_mm512_mask_cmp_ps_mask(                                       \
                            _mm512_cmp_ps_mask(z, a, _CMP_GT_OQ), z, b, _CMP_LT_OQ),   \
        v)

TARGET static inline float fma1(float a, float b, float c) {
    return __builtin_fmaf(a, b, c);
}

#include "nn/kernels/norm_act_kernels.h"

#else
typedef int mien_norm_no_avx512;
#endif
