/* SPDX-License-Identifier: MIT */
/* All dimensions but the first made one. */
#include "nn/plan/plan.h"
#include "base/need.h"

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    int64_t rest = mien_shape_count(inputs[0]->rank - 1, inputs[0]->shape + 1);
    if (rest < 0) {
        return MIEN_ESHAPE;
    }
    node->rank = 2;
    node->shape[0] = inputs[0]->shape[0];
    node->shape[1] = rest;
    return MIEN_OK;
}

const mien_op mien_op_flatten = {
    .name = "flatten",
    .summary = "All dimensions but the first made one",
    .inputs_min = 1,
    .inputs_max = 1,
    .shape = shape,
    .passes = mien_op_passes,
    .prepare = mien_builder_pass,
    .reference = mien_op_pass_reference,
};

mien_status mien_flatten(
    mien_graph *graph, const char *name, mien_node x, mien_node *y) {
    MIEN_NEED(graph, name, y);
    return mien_graph_add(graph, "flatten", name, &x, 1, "", y);
}
