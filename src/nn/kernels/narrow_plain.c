/* SPDX-License-Identifier: MIT */
/* Loops for small networks on any processor: vectors of four as the compiler finds
 * them, NEON's fused multiply-add where there is one. */
#include <math.h>
#include <stdint.h>
#if defined(__aarch64__)
#include <arm_neon.h>
#endif

typedef float four_floats __attribute__((vector_size(16)));
typedef int four_ints __attribute__((vector_size(16)));

#define TARGET
#define VEC four_floats
#define LANES 4
#define ROWS 4
#define VECTORS 2
#define SPLAT(x) ((four_floats){(x), (x), (x), (x)})
#if defined(__aarch64__)
#define FMA(a, b, c)                                                                   \
    ((four_floats)vfmaq_f32((float32x4_t)(c), (float32x4_t)(a), (float32x4_t)(b)))
#else
#define FMA(a, b, c) ((a) * (b) + (c))
#endif
#define MAX(a, b)                                                                      \
    ((four_floats)((((a) > (b)) & (four_ints)(a)) | (~((a) > (b)) & (four_ints)(b))))
#define ROOT(a)                                                                        \
    ((four_floats){sqrtf((a)[0]), sqrtf((a)[1]), sqrtf((a)[2]), sqrtf((a)[3])})
#define IF_POSITIVE(test, a) ((four_floats)(((test) > SPLAT(0.0f)) & (four_ints)(a)))
#define NAME(x) x##_plain
#define KERNELS_NAME "plain"

/* The first `count` lanes; the others are 0, or left alone. */
static inline four_floats load_some(const float *from, int64_t count) {
    four_floats v = {0};
    for (int64_t i = 0; i < count; i++) {
        v[i] = from[i];
    }
    return v;
}

static inline void store_some(float *to, four_floats v, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        to[i] = v[i];
    }
}

/* Rows become columns. */
static inline __attribute__((always_inline)) void transpose(four_floats *v) {
    four_floats t[4];
    for (int i = 0; i < 4; i++) {
        t[i] = (four_floats){v[0][i], v[1][i], v[2][i], v[3][i]};
    }
    for (int i = 0; i < 4; i++) {
        v[i] = t[i];
    }
}

#include "nn/kernels/narrow_kernels.h"
