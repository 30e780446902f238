/* SPDX-License-Identifier: MIT */
/* The shape rule of pools over rows with a mask. */
#include "nn/ops/masked.h"

mien_status mien_masked_shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_op_node *x = inputs[0], *mask = inputs[1];
    bool good = x->rank >= 3 && mask->rank == x->rank - 1;
    for (int i = 0; good && i < mask->rank; i++) {
        good = mask->shape[i] == x->shape[i];
    }
    if (!good) {
        return mien_fail(
            MIEN_ESHAPE, "it takes values [N, …, S, D] and a mask [N, …, S]");
    }
    for (int i = 0; i < x->rank; i++) {
        if (i != x->rank - 2) {
            node->shape[node->rank++] = x->shape[i];
        }
    }
    return MIEN_OK;
}
