/* SPDX-License-Identifier: MIT */
/* Winograd's inner loops for any processor: vectors of four as the compiler finds them,
 * NEON's fused multiply-add where there is one. */
#if defined(__aarch64__)
#include <arm_neon.h>
#endif

typedef float four_floats __attribute__((vector_size(16)));

#define VEC four_floats
#define LANES 4
#define TARGET
#define SPLAT(x) ((four_floats){(x), (x), (x), (x)})
#if defined(__aarch64__)
#define VECTORS 4
#define FMA(a, b, c)                                                                   \
    ((four_floats)vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b)))
#else
#define VECTORS 2
#define FMA(a, b, c) ((a) * (b) + (c))
#endif
#define PICK(test, a, b)                                                               \
    ((four_floats)(((test) & (four_ints)(a)) | (~(test) & (four_ints)(b))))
#define MAX(a, b) PICK((a) > (b), a, b)
#define MIN(a, b) PICK((a) < (b), a, b)
#define NAME(x) x##_plain
#define KERNELS_NAME "plain"

typedef int four_ints __attribute__((vector_size(16)));

#include "nn/kernels/winograd_kernels.h"
