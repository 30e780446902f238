/* SPDX-License-Identifier: MIT */
/* Joined batch-norms on any processor: vectors of four as the compiler finds them. */
#include <string.h>

typedef float four_floats __attribute__((vector_size(16)));
typedef int four_ints __attribute__((vector_size(16)));

static inline four_floats load(const float *from) {
    four_floats v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline void store(float *to, four_floats v) {
    memcpy(to, &v, sizeof v);
}

static inline four_floats pick(four_ints mask, four_floats a, four_floats b) {
    return (four_floats)((mask & (four_ints)a) | (~mask & (four_ints)b));
}

static inline float fma1(float a, float b, float c) {
    return a * b + c;
}

#define VEC four_floats
#define LANES 4
#define TARGET
#define LOAD(a) load(a)
#define STORE(a, v) store(a, v)
#define STREAM(a, v) store(a, v)
#define FENCE()
#define FMA(a, b, c) ((a) * (b) + (c))
#define SPLAT(x) ((four_floats){(x), (x), (x), (x)})
#define MAX(a, b) pick((four_ints)((a) > (b)), a, b)
#define MIN(a, b) pick((four_ints)((a) < (b)), a, b)
#define WITHIN(z, a, b, v) pick((four_ints)(((z) > (a)) & ((z) < (b))), v, SPLAT(0.0f))
#define NAME(x) x##_plain
#define KERNELS_NAME "plain"

#include "nn/kernels/norm_act_kernels.h"
