/* SPDX-License-Identifier: MIT */
/* Winograd's inner loops for processors with AVX-512. */
#if defined(__x86_64__)

#include "nn/kernels/vectors_avx512.h"

#define VECTORS 4

#include "nn/kernels/winograd_kernels.h"

#else
typedef int mien_winograd_no_avx512;
#endif
