/* SPDX-License-Identifier: MIT */
/* Settings of a convolution, and the ways to compute one. */
#ifndef MIEN_NN_CONV2D_H
#define MIEN_NN_CONV2D_H

#include "nn/plan/plan.h"

typedef struct mien_conv2d_settings {
    int64_t out, groups;
    int kernel[2], stride[2], padding[4], dilation[2];
    bool bias;
} mien_conv2d_settings;

/**
 * Adds the group's convolution as a Winograd step where that is possible and pays.
 *
 * @param src, dst  the layouts the direct convolution would have
 * @param done      whether it did; if not, nothing was added
 */
mien_status mien_conv2d_winograd(mien_builder *b, const mien_group *group,
    const_dnnl_memory_desc_t src, const_dnnl_memory_desc_t dst, bool *done);

/** The row's joins(): a pointwise convolution takes one of 3 × 3 and one filter a
 * channel, the two of them the largest of each 2 × 2. */
bool mien_conv2d_joins(
    const mien_graph *graph, const mien_group *group, const mien_op_node *next);
/** Adds the step of such a group (nn/conv2d_pair.h). */
mien_status mien_conv2d_pair_prepare(mien_builder *b, const mien_group *group);
/** Adds the group's convolution as one that reads a picture's planes, where that pays;
 * done: whether it did. */
mien_status mien_conv2d_first_prepare(
    mien_builder *b, const mien_group *group, bool *done);

/** The part of a convolution that a Winograd step computes. */
typedef enum mien_conv2d_part {
    MIEN_CONV2D_INPUT,
    MIEN_CONV2D_WEIGHTS
} mien_conv2d_part;

/** True if that gradient of the convolution runs by Winograd's algorithm. */
bool mien_conv2d_winograd_suits(
    const mien_builder *b, const mien_op_node *node, mien_conv2d_part part);
/**
 * Adds the gradient of the input as a Winograd step, which reads and writes blocked or
 * channels-last values: others are brought there.
 *
 * @param x         the layout that the result should have where it is one of those
 */
mien_status mien_conv2d_winograd_input(mien_builder *b, mien_node node,
    mien_value_ref dy, const_dnnl_memory_desc_t x, mien_value_ref *dx);
/** Adds the gradients of weights and bias as a Winograd step, straight to where they
 * are read. x and dy are brought to layouts that it reads. */
mien_status mien_conv2d_winograd_weights(
    mien_builder *b, mien_node node, mien_value_ref x, mien_value_ref dy);

/** False if the chosen implementation is one of the library's slow ones. */
bool mien_conv2d_is_fast(const_dnnl_primitive_desc_t pd);
/** The row's backward(). */
mien_status mien_conv2d_backward(mien_builder *b, const mien_group *group);

#endif
