/* SPDX-License-Identifier: MIT */
/* Pairs of convolutions on processors with AVX2. */
#if defined(__x86_64__)

#include "nn/kernels/vectors_avx2.h"

#define VECTORS 2
#define ROWS 6
#define TALL 12
#define ACROSS 4
#define ESTIMATE(x) _mm256_rcp_ps(x)

#include "nn/kernels/conv2d_pair_kernels.h"

#else
typedef int mien_conv2d_pair_no_avx2;
#endif
