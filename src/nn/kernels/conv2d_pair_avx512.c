/* SPDX-License-Identifier: MIT */
/* Pairs of convolutions on processors with AVX-512. */
#if defined(__x86_64__)

#include "nn/kernels/vectors_avx512.h"

#define VECTORS 4
#define ROWS 6
#define TALL 16
#define ACROSS 8
#define ESTIMATE(x) _mm512_rcp14_ps(x)

#include "nn/kernels/conv2d_pair_kernels.h"

#else
typedef int mien_conv2d_pair_no_avx512;
#endif
