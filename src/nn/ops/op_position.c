/* SPDX-License-Identifier: MIT */
/* A learned row for each place is added to what stands there. */
#include "nn/kernel.h"
#include "base/need.h"

#include <string.h>

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_op_node *x = inputs[0];
    if (x->rank < 3) {
        return mien_fail(MIEN_ESHAPE, "it takes [N, …, T, D]");
    }
    const int64_t *table = &x->shape[x->rank - 2];
    mien_op_node_own(node, "weight", true, MIEN_INITIAL_ZERO, table[1], 2, table);
    return mien_op_same_shape(node, inputs);
}

static void reference(const mien_reference *r) {
    int rank = r->node->rank;
    int64_t table = r->y_shape[rank - 1] * r->y_shape[rank - 2];
    for (int64_t i = 0; i < r->y_count; i++) {
        r->y[i] = r->x[0][i] + (double)r->parameters[0][i % table];
    }
}

static int64_t table_of(const mien_kernel_call *c) {
    int rank = c->node->rank;
    return c->y_shape[rank - 1] * c->y_shape[rank - 2];
}

static void forward(const mien_kernel_call *c) {
    int64_t table = table_of(c);
    for (int64_t first = 0; first < c->y_count; first += table) {
        for (int64_t i = 0; i < table; i++) {
            c->y[first + i] = c->x[0][first + i] + c->parameters[0][i];
        }
    }
}

static void backward(const mien_kernel_call *c) {
    int64_t table = table_of(c);
    if (c->gradients[0]) {
        mien_column_sums(c->dy, c->y_count / table, table,
            mien_kernel_threads(c, c->y_count), c->gradients[0]);
    }
    if (c->dx[0]) {
        memcpy(c->dx[0], c->dy, (size_t)c->y_count * sizeof *c->dy);
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_position = {
    .name = "position",
    .summary = "Adds a learned row for each place",
    .inputs_min = 1,
    .inputs_max = 1,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_position(
    mien_graph *graph, const char *name, mien_node x, mien_node *y) {
    MIEN_NEED(graph, name, y);
    return mien_graph_add(graph, "position", name, &x, 1, NULL, y);
}
