/* SPDX-License-Identifier: MIT */
/* Joined batch-norms on processors with AVX-512. */
#if defined(__x86_64__)

#include <immintrin.h>

#define VEC __m512
#define LANES 16
#define TARGET __attribute__((target("avx512f,fma")))
#define LOAD(a) _mm512_loadu_ps(a)
#define STORE(a, v) _mm512_storeu_ps(a, v)
#define STREAM(a, v) _mm512_stream_ps(a, v)
#define FENCE() _mm_sfence()
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define SPLAT(x) _mm512_set1_ps(x)
#define MAX(a, b) _mm512_max_ps(a, b)
#define MIN(a, b) _mm512_min_ps(a, b)
#define WITHIN(z, a, b, v)                                                             \
    _mm512_maskz_mov_ps(_mm512_mask_cmp_ps_mask(                                       \
                            _mm512_cmp_ps_mask(z, a, _CMP_GT_OQ), z, b, _CMP_LT_OQ),   \
        v)
#define NAME(x) x##_avx512
#define KERNELS_NAME "avx512"

TARGET static inline float fma1(float a, float b, float c) {
    return __builtin_fmaf(a, b, c);
}

#include "nn/kernels/norm_act_kernels.h"

#else
typedef int mien_norm_no_avx512;
#endif
