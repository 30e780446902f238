/* SPDX-License-Identifier: MIT */
/* Loops for transformers on processors with AVX-512. */
#if defined(__x86_64__)

#include <immintrin.h>

#define VEC __m512
#define LANES 16
#define TARGET __attribute__((target("avx512f,fma")))
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define SPLAT(x) _mm512_set1_ps(x)
#define MAX(a, b) _mm512_max_ps(a, b)
#define MIN(a, b) _mm512_min_ps(a, b)
#define ROUND(x) _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
#define POWER(n) _mm512_scalef_ps(_mm512_set1_ps(1.0f), n)
#define SUM(x) _mm512_reduce_add_ps(x)
#define LARGEST(x) _mm512_reduce_max_ps(x)
#define NAME(x) x##_avx512
#define KERNELS_NAME "avx512"

#include "nn/kernels/tokens_kernels.h"

#else
typedef int mien_tokens_no_avx512;
#endif
