/* SPDX-License-Identifier: MIT */
/* An exponential in a form that compilers turn into vectors. */
#ifndef MIEN_NN_EXPONENTIAL_H
#define MIEN_NN_EXPONENTIAL_H

#include <stdint.h>

typedef union mien_float_bits {
    float value;
    int32_t bits;
} mien_float_bits;

/** e^x, x taken as at most 87 from 0, to about two units of the last place; NaN where x
 * is not finite. Without a branch: sizes of floats compare as whole numbers, and adding
 * and taking away 1.5 · 2^23 rounds. */
static inline __attribute__((always_inline)) float mien_exp_of(float x) {
    mien_float_bits clipped = {x}, most = {87.0f};
    int32_t size = clipped.bits & 0x7fffffff;
    int32_t sign = clipped.bits & ~0x7fffffff;
    clipped.bits = sign | (size < most.bits ? size : most.bits);
    float whole = clipped.value * 1.44269504f + 12582912.0f - 12582912.0f;
    float r = clipped.value - whole * 0.693145752f - whole * 1.42860677e-6f;
    float p = 1.98756911e-4f;
    p = p * r + 1.39819994e-3f;
    p = p * r + 8.33345205e-3f;
    p = p * r + 4.16657962e-2f;
    p = p * r + 1.66666655e-1f;
    p = p * r + 0.5f;
    p = p * r * r + r + 1;
    mien_float_bits power = {.bits = ((int32_t)whole + 127) * (1 << 23)};
    return p * power.value + (x - x);
}

#endif
