/* SPDX-License-Identifier: MIT */
/* Product of two values, the second broadcast where it is 1. */
#include "nn/binary.h"

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_binary_prepare(b, group, dnnl_binary_mul);
}

static void reference(const mien_reference *r) {
    for (int64_t i = 0; i < r->y_count; i++) {
        r->y[i] = r->x[0][i] * r->x[1][mien_binary_index(r, i)];
    }
}

const mien_op mien_op_multiply = {
    .name = "multiply",
    .summary = "Product of two values",
    .inputs_min = 2,
    .inputs_max = 2,
    .parts = MIEN_PART_ACTIVATES,
    .shape = mien_binary_shape,
    .prepare = prepare,
    .reference = reference,
};

mien_status mien_multiply(
    mien_graph *graph, const char *name, mien_node a, mien_node b, mien_node *y) {
    mien_node inputs[2] = {a, b};
    return mien_graph_add(graph, "multiply", name, inputs, 2, "", y);
}
