/* SPDX-License-Identifier: MIT */
/* Vectors of AVX512 under the names that loops written once for all widths use: such a
 * file's *_kernels.h is included behind this by its *_avx512.c. POWER(n) is 2ⁿ of whole
 * n. */
#ifndef MIEN_NN_VECTORS_AVX512_H
#define MIEN_NN_VECTORS_AVX512_H

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
#define NAME(x) x##_avx512
#define KERNELS_NAME "avx512"

#endif
