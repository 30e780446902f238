/* SPDX-License-Identifier: MIT */
/* Steps made rows of the batch: what reads one item then reads each step by itself. */
#include <string.h>

#include "nn/plan/plan.h"
#include "base/need.h"

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_op_node *x = inputs[0];
    int64_t times = x->rank > 1 ? x->shape[1] : 0;
    bool good = x->rank >= 2 && times <= MIEN_STEPS_MAX &&
                (x->shape[0] > 0 || -x->shape[0] * times <= MIEN_STEPS_MAX);
    if (!good) {
        return mien_fail(
            MIEN_ESHAPE, "it takes [N, T, …] with at most %d steps", MIEN_STEPS_MAX);
    }
    node->rank = x->rank - 1;
    node->shape[0] = x->shape[0] * times;
    memcpy(node->shape + 1, x->shape + 2, (size_t)(x->rank - 2) * sizeof *x->shape);
    return MIEN_OK;
}

const mien_op mien_op_merge_steps = {
    .name = "merge_steps",
    .summary = "Steps made rows of the batch",
    .inputs_min = 1,
    .inputs_max = 1,
    .shape = shape,
    .passes = mien_op_passes,
    .prepare = mien_builder_pass,
    .reference = mien_op_pass_reference,
};

mien_status mien_merge_steps(
    mien_graph *graph, const char *name, mien_node x, mien_node *y) {
    MIEN_NEED(graph, name, y);
    return mien_graph_add(graph, "merge_steps", name, &x, 1, "", y);
}
