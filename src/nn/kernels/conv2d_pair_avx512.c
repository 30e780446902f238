/* SPDX-License-Identifier: MIT */
/* Pairs of convolutions on processors with AVX-512. */
#if defined(__x86_64__)

#include <immintrin.h>

#define VEC __m512
#define LANES 16
#define VECTORS 4
#define ROWS 6
#define TALL 16
#define ACROSS 8
#define TARGET __attribute__((target("avx512f,fma")))
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define SPLAT(x) _mm512_set1_ps(x)
#define MAX(a, b) _mm512_max_ps(a, b)
#define MIN(a, b) _mm512_min_ps(a, b)
#define ROUND(x) _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define POWER(n) _mm512_scalef_ps(_mm512_set1_ps(1.0f), n)
#define ESTIMATE(x) _mm512_rcp14_ps(x)
#define NAME(x) x##_avx512
#define KERNELS_NAME "avx512"

#include "nn/kernels/conv2d_pair_kernels.h"

#else
typedef int mien_conv2d_pair_no_avx512;
#endif
