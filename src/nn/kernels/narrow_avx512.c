/* SPDX-License-Identifier: MIT */
/* Loops for small networks on processors with AVX-512: its 32 registers and 256-bit
 * vectors, for rows of eight floats are what such networks have. */
#if defined(__x86_64__)

#if defined(__clang__) /* knows no such preference here; vectors are named anyway */
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,fma")))
#else
#define TARGET                                                                         \
    __attribute__((target("avx512f,avx512vl,avx512dq,fma,prefer-vector-width=256")))
#endif
#define ROWS 8
#define VECTORS 2
#define NAME(x) x##_avx512
#define KERNELS_NAME "avx512"

#include "nn/kernels/narrow_x86.h"

#else
typedef int mien_narrow_no_avx512;
#endif
