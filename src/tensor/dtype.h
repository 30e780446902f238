/* SPDX-License-Identifier: MIT */
/* Reading and writing runs of values of any dtype as doubles or integers. */
#ifndef MIEN_TENSOR_DTYPE_H
#define MIEN_TENSOR_DTYPE_H

#include "mien/tensor.h"

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
