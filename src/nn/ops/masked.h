/* SPDX-License-Identifier: MIT */
/* Shared by pools over rows with a mask: x [N, …, S, D], mask [N, …, S] → [N, …, D]. */
#ifndef MIEN_NN_MASKED_H
#define MIEN_NN_MASKED_H

#include "nn/ops/op.h"

mien_status mien_masked_shape(mien_op_node *node, const mien_op_node *const *inputs);

#endif
