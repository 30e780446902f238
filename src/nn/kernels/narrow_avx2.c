/* SPDX-License-Identifier: MIT */
/* Loops for small networks on processors with AVX2. */
#if defined(__x86_64__)

#define TARGET __attribute__((target("avx2,fma")))
#define ROWS 4
#define VECTORS 2
#define NAME(x) x##_avx2
#define KERNELS_NAME "avx2"

#include "nn/kernels/narrow_x86.h"

#else
typedef int mien_narrow_no_avx2;
#endif
