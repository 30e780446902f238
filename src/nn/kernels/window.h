/* SPDX-License-Identifier: MIT */
/* Options of one- and three-dimensional convolutions and pools: kernels, strides and
 * paddings by dimension. */
#ifndef MIEN_NN_WINDOW_H
#define MIEN_NN_WINDOW_H

#include "nn/ops/op.h"

#define MIEN_WINDOW_DIMS 3

/** "3" for all of dims, or one for each, each at least `minimum`. */
mien_status mien_window_numbers(
    const mien_options *given, const char *key, int minimum, int dims, int *values);
/** "1" for all, one for each dimension, or first those before and then those after. */
mien_status mien_window_padding(
    const mien_options *given, const char *key, int dims, int *before, int *after);

#endif
