/* SPDX-License-Identifier: MIT */
/* Whether all of many values are finite, read at the speed of memory. */
#ifndef MIEN_TENSOR_FINITE_H
#define MIEN_TENSOR_FINITE_H

#include "mien/tensor.h"

/** Index of the first of `count` values that is infinite or NaN; -1: none is. */
int64_t mien_not_finite(const float *values, int64_t count);

#endif
