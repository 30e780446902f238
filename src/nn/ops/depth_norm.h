/* SPDX-License-Identifier: MIT */
/* A trained convolution of one filter a channel that takes the batch-norm before it
 * into its own step: the norm's step then only finds the statistics. */
#ifndef MIEN_NN_DEPTH_NORM_STEP_H
#define MIEN_NN_DEPTH_NORM_STEP_H

#include "nn/plan/plan.h"

/** The group of the batch-norm that this convolution computes along; NULL: none. */
const mien_group *mien_depth_norm_of(const mien_builder *b, const mien_group *conv);
/** Whether the only reader of a batch-norm computes it along. */
bool mien_depth_norm_defers(const mien_builder *b, const mien_group *norm);

/** prepare() and backward() of a convolution with such a norm. The latter leaves the
 * sums that the norm's gradient begins with as the workspace of its main node:
 * [batch, 2, channels], see nn/kernels/depth_norm.h. */
mien_status mien_depth_norm_prepare(
    mien_builder *b, const mien_group *conv, const mien_group *norm);
mien_status mien_depth_norm_backward(
    mien_builder *b, const mien_group *conv, const mien_group *norm);

#endif
