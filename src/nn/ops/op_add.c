/* SPDX-License-Identifier: MIT */
/* Sum of two values, the second broadcast where it is 1. */
#include "nn/ops/binary.h"

#include "base/need.h"
#include "nn/ops/gradient.h"

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_binary_prepare(b, group, dnnl_binary_add);
}

static mien_status backward(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref dy;
    mien_status status = mien_builder_output_gradient(b, group, &dy);
    for (int k = 0; status == MIEN_OK && k < 2; k++) {
        if (mien_builder_learns(b, n->inputs[k])) {
            status = mien_binary_gradient_add(b, group, k, dy);
        }
    }
    return status;
}

static void reference(const mien_reference *r) {
    for (int64_t i = 0; i < r->y_count; i++) {
        r->y[i] = r->x[0][i] + r->x[1][mien_binary_index(r, i)];
    }
}

const mien_op mien_op_add = {
    .name = "add",
    .summary = "Sum of two values",
    .inputs_min = 2,
    .inputs_max = 2,
    .parts = MIEN_PART_SUM | MIEN_PART_ACTIVATES,
    .shape = mien_binary_shape,
    .prepare = prepare,
    .backward = backward,
    .reference = reference,
};

mien_status mien_add(
    mien_graph *graph, const char *name, mien_node a, mien_node b, mien_node *y) {
    MIEN_NEED(graph, name, y);
    mien_node inputs[2] = {a, b};
    return mien_graph_add(graph, "add", name, inputs, 2, "", y);
}
