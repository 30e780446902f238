/* SPDX-License-Identifier: MIT */
/* Shared by pools in one and in three dimensions. */
#ifndef MIEN_NN_POOL_ND_H
#define MIEN_NN_POOL_ND_H

#include "nn/kernels/window.h"

typedef struct mien_pool_nd_settings {
    int dims; /**< 1 or 3 */
    bool average, count_padding, ceil;
    int kernel[MIEN_WINDOW_DIMS], stride[MIEN_WINDOW_DIMS];
    int before[MIEN_WINDOW_DIMS], after[MIEN_WINDOW_DIMS]; /**< padding */
} mien_pool_nd_settings;

extern const mien_option mien_pool_nd_options[];
extern const mien_option mien_pool_nd_average_options[];
/** Settings of that many dimensions. */
mien_status mien_pool_nd_parse(
    const mien_options *given, int dims, bool average, void *settings);
mien_status mien_pool_nd_shape(mien_op_node *node, const mien_op_node *const *inputs);
mien_status mien_pool_nd_prepare(mien_builder *builder, const mien_group *group);
mien_status mien_pool_nd_backward(mien_builder *builder, const mien_group *group);
void mien_pool_nd_reference(const mien_reference *r);

#endif
