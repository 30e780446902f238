/* SPDX-License-Identifier: MIT */
/* Reading and writing runs of values of any dtype as doubles or integers. */
#ifndef MIEN_TENSOR_DTYPE_H
#define MIEN_TENSOR_DTYPE_H

#include "mien/tensor.h"

#include <string.h>

/* The half's exponent and mantissa in a float's place are the value divided by 2^112;
 * without branches, so that a loop over halves uses vectors. */
static inline float mien_float_of_half(uint16_t h) {
    uint32_t magnitude = (uint32_t)(h & 0x7fff) << 13;
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, bits;
    float value;
    memcpy(&value, &magnitude, sizeof value);
    value *= 0x1p112F;
    memcpy(&bits, &value, sizeof bits);
    bits = (h & 0x7c00) == 0x7c00 ? magnitude | 0x7f800000U : bits;
    bits |= sign;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* True for integers and bool. */
bool mien_dtype_is_integer(mien_dtype dtype);
/* values[i] = data[first + i] */
void mien_dtype_load(
    mien_dtype dtype, const void *data, int64_t first, int64_t count, double *values);
/* data[first + i] = values[i]: half-precision floats and integers rounded to nearest
 * even, integers saturated, NaN to integer 0. */
void mien_dtype_store(
    mien_dtype dtype, const double *values, int64_t first, int64_t count, void *data);
/* The same between integers, exact beyond 2^53. */
void mien_dtype_load_integers(
    mien_dtype dtype, const void *data, int64_t first, int64_t count, int64_t *values);
void mien_dtype_store_integers(
    mien_dtype dtype, const int64_t *values, int64_t first, int64_t count, void *data);

#endif
