/* SPDX-License-Identifier: MIT */
/* Shared by the four pooling rows: windows, the plan's steps and the plain-C
 * reference. */
#ifndef MIEN_NN_POOL_H
#define MIEN_NN_POOL_H

#include "nn/ops/op.h"

typedef struct mien_pooling_settings {
    bool average, adaptive;
    int kernel[2], stride[2], padding[4];
    bool count_padding, ceil;
    int out[2]; /**< adaptive */
} mien_pooling_settings;

extern const mien_option mien_pooling_options[];
extern const mien_option mien_pooling_average_options[];
extern const mien_option mien_pooling_adaptive_options[];

mien_status mien_pooling_parse(const mien_options *given, void *settings);
mien_status mien_pooling_parse_average(const mien_options *given, void *settings);
mien_status mien_pooling_parse_adaptive(const mien_options *given, void *settings);
mien_status mien_pooling_parse_adaptive_average(
    const mien_options *given, void *settings);
mien_status mien_pooling_shape(mien_op_node *node, const mien_op_node *const *inputs);
bool mien_pooling_passes(
    const mien_op_node *node, const mien_op_node *const *inputs, mien_mode mode);
mien_status mien_pooling_prepare(mien_builder *builder, const mien_group *group);
mien_status mien_pooling_backward(mien_builder *builder, const mien_group *group);
void mien_pooling_reference(const mien_reference *r);

#endif
