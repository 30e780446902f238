/* SPDX-License-Identifier: MIT */
/* Shared by the rows of element-wise activations. */
#ifndef MIEN_NN_ACTIVATION_H
#define MIEN_NN_ACTIVATION_H

#include "nn/ops/op.h"

typedef struct mien_activation_settings {
    double alpha;
} mien_activation_settings;

/** Reads the option "alpha". */
mien_status mien_activation_parse(const mien_options *given, void *settings);
/** 0 where the row has no options. */
double mien_activation_alpha(const mien_op_node *node);
mien_status mien_activation_prepare(mien_builder *builder, const mien_group *group);
mien_status mien_activation_backward(mien_builder *builder, const mien_group *group);
/** The steps of an activation whose gradient is told from x, which its row needs. */
mien_status mien_eltwise_prepare(
    mien_builder *builder, const mien_group *group, const mien_eltwise *eltwise);
mien_status mien_eltwise_backward(
    mien_builder *builder, const mien_group *group, const mien_eltwise *eltwise);
/** y = f(x, alpha) for each value. */
void mien_activation_map(const mien_reference *r, double (*f)(double x, double alpha));

#endif
