/* SPDX-License-Identifier: MIT */
/* Convolutions of pictures and films, whose first layer sees few channels: a row of the
 * kernel, all channels of it side by side, is what is multiplied at once. */
#ifndef MIEN_NN_CONV_THIN_H
#define MIEN_NN_CONV_THIN_H

#include "nn/ops/op.h"
#include "nn/kernels/winograd.h"

/** One such convolution; pictures are films of one frame. */
typedef struct mien_conv_thin {
    int64_t films, in, out;
    int64_t x[3], y[3], kernel[3], stride[3], before[3]; /**< time, height, width */
    mien_winograd after; /**< y's layout of a frame, its channels, what is done to it */
    int64_t to_frame;    /**< distance of frames of y */
    int threads;
    /* set by mien_conv_thin_init() */
    const mien_winograd_kernels *kernels;
    int64_t columns, row, rows, frames; /**< out in whole blocks; x with its padding */
} mien_conv_thin;

void mien_conv_thin_init(mien_conv_thin *c);
int64_t mien_conv_thin_weight_count(const mien_conv_thin *c);
/** @param weight [out, in, time, height, width] or [out, in, height, width]
 * @param packed [columns / block][time][height][width][in][block] */
void mien_conv_thin_pack(const mien_conv_thin *c, const float *weight, float *packed);
int64_t mien_conv_thin_scratch_count(const mien_conv_thin *c);
/** @param x [films, in, time, height, width], row-major
 * @param bias [out], or NULL */
void mien_conv_thin_run(const mien_conv_thin *c, const float *x, const float *packed,
    const float *bias, float *scratch, float *y);

/** The convolution of a node's weights, as far as packing asks. */
mien_conv_thin mien_conv_thin_of_weights(const mien_op_parameter *weight);

#endif
