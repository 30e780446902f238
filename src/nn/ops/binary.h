/* SPDX-License-Identifier: MIT */
/* Shared by add and multiply: broadcasting, the plan's step and the plain-C loop. */
#ifndef MIEN_NN_BINARY_H
#define MIEN_NN_BINARY_H

#include "nn/plan/plan.h"

/** Equal shapes, or the second broadcast along dimensions where it is 1. */
mien_status mien_binary_shape(mien_op_node *node, const mien_op_node *const *inputs);
/** Adds dy, summed over what was broadcast, to the gradient of input `index`. */
mien_status mien_binary_gradient_add(
    mien_builder *builder, const mien_group *group, int index, mien_value_ref dy);
mien_status mien_binary_prepare(
    mien_builder *builder, const mien_group *group, dnnl_alg_kind_t algorithm);
/** Index into the second operand of the value at index i of the result. */
int64_t mien_binary_index(const mien_reference *r, int64_t i);

#endif
