/* SPDX-License-Identifier: MIT */
/* Loops for transformers on processors with AVX-512. */
#if defined(__x86_64__)

#include "nn/kernels/vectors_avx512.h"

#define SUM(x) _mm512_reduce_add_ps(x)
#define LARGEST(x) _mm512_reduce_max_ps(x)

#include "nn/kernels/tokens_kernels.h"

#else
typedef int mien_tokens_no_avx512;
#endif
