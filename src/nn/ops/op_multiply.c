/* SPDX-License-Identifier: MIT */
/* Product of two values, the second broadcast where it is 1. */
#include "nn/ops/binary.h"

#include "base/need.h"
#include "nn/ops/gradient.h"

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_binary_prepare(b, group, dnnl_binary_mul);
}

/* d(a b) = da b + a db, in the row-major layout where b is broadcast. */
static mien_status backward(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    int64_t shape[MIEN_RANK_MAX];
    mien_value_ref dy, other, product;
    dnnl_memory_desc_t md = NULL;
    mien_builder_shape(b, group->main, shape);
    mien_status status = mien_builder_output_gradient(b, group, &dy);
    if (status == MIEN_OK) {
        status = mien_md_plain(&md, n->rank, shape);
    }
    if (status == MIEN_OK) {
        status = mien_builder_in(b, group->main, dy, md, &dy);
    }
    for (int k = 0; status == MIEN_OK && k < 2; k++) {
        if (!mien_builder_learns(b, n->inputs[k])) {
            continue;
        }
        status = mien_builder_plain(b, n->inputs[1 - k], &other);
        if (status == MIEN_OK) {
            status = mien_builder_new(b, -1, md, &product);
        }
        if (status == MIEN_OK) {
            status = mien_builder_binary(
                b, group->main, dnnl_binary_mul, dy, other, product, NULL);
        }
        if (status == MIEN_OK) {
            status = mien_binary_gradient_add(b, group, k, product);
        }
    }
    dnnl_memory_desc_destroy(md);
    return status;
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
    .parts = MIEN_PART_ACTIVATES | MIEN_PART_NEEDS_X,
    .shape = mien_binary_shape,
    .prepare = prepare,
    .backward = backward,
    .reference = reference,
};

mien_status mien_multiply(
    mien_graph *graph, const char *name, mien_node a, mien_node b, mien_node *y) {
    MIEN_NEED(graph, name, y);
    mien_node inputs[2] = {a, b};
    return mien_graph_add(graph, "multiply", name, inputs, 2, "", y);
}
