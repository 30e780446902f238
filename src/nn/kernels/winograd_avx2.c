/* SPDX-License-Identifier: MIT */
/* Winograd's inner loops for processors with AVX2. */
#if defined(__x86_64__)

#include "nn/kernels/vectors_avx2.h"

#define VECTORS 2

#include "nn/kernels/winograd_kernels.h"

#else
typedef int mien_winograd_no_avx2;
#endif
