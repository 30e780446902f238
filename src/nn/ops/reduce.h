/* SPDX-License-Identifier: MIT */
/* Shared by sum, mean and max over dimensions. */
#ifndef MIEN_NN_REDUCE_H
#define MIEN_NN_REDUCE_H

#include "nn/ops/op.h"

typedef struct mien_reduce_settings {
    mien_reduction kind;
    int count, dims[MIEN_RANK_MAX];
    bool keep;
    bool over[MIEN_RANK_MAX]; /**< per dimension of x */
} mien_reduce_settings;

extern const mien_option mien_reduce_options[];
mien_status mien_reduce_parse(const mien_options *given, void *settings);
mien_status mien_reduce_shape(mien_op_node *node, const mien_op_node *const *inputs);
mien_status mien_reduce_prepare(mien_builder *builder, const mien_group *group);
mien_status mien_reduce_backward(mien_builder *builder, const mien_group *group);
void mien_reduce_reference(const mien_reference *r);

#endif
