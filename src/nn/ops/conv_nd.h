/* SPDX-License-Identifier: MIT */
/* Shared by convolutions in one and in three dimensions. */
#ifndef MIEN_NN_CONV_ND_H
#define MIEN_NN_CONV_ND_H

#include "nn/plan/plan.h"
#include "nn/kernels/window.h"

typedef struct mien_conv_nd_settings {
    int dims; /**< 1 or 3 */
    int64_t out, groups;
    int kernel[MIEN_WINDOW_DIMS], stride[MIEN_WINDOW_DIMS];
    int dilation[MIEN_WINDOW_DIMS];
    int before[MIEN_WINDOW_DIMS], after[MIEN_WINDOW_DIMS]; /**< padding */
    bool bias;
} mien_conv_nd_settings;

extern const mien_option mien_conv_nd_options[];
/** Settings of that many dimensions. */
mien_status mien_conv_nd_parse(const mien_options *given, int dims, void *settings);
mien_status mien_conv_nd_shape(mien_op_node *node, const mien_op_node *const *inputs);
double mien_conv_nd_flops(
    const mien_op_node *node, const mien_op_node *const *inputs, int64_t batch);
mien_status mien_conv_nd_prepare(mien_builder *builder, const mien_group *group);
mien_status mien_conv_nd_backward(mien_builder *builder, const mien_group *group);
/** Adds the group's convolution as a Winograd step where that is possible and pays.
 *
 * @param src, dst  the layouts the direct convolution would have
 * @param done      whether it did; if not, nothing was added */
mien_status mien_conv3d_winograd(mien_builder *builder, const mien_group *group,
    const_dnnl_memory_desc_t src, const_dnnl_memory_desc_t dst, bool *done);
void mien_conv_nd_reference(const mien_reference *r);

#endif
