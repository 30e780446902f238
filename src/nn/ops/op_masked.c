/* SPDX-License-Identifier: MIT */
/* Values where a mask is not 0, zeros elsewhere: what is missing gives nothing,
 * whatever is computed of it, and no gradient goes to it. */
#include <string.h>

#include "nn/kernel.h"
#include "base/need.h"

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_op_node *x = inputs[0], *mask = inputs[1];
    bool good = mask->rank <= x->rank;
    for (int i = 0; good && i < mask->rank; i++) {
        good = mask->shape[i] == x->shape[i];
    }
    return good ? mien_op_same_shape(node, inputs)
                : mien_fail(MIEN_ESHAPE,
                      "the mask must have the first dimensions of the value");
}

static void reference(const mien_reference *r) {
    int64_t width = r->y_count / r->x_count[1];
    for (int64_t i = 0; i < r->y_count; i++) {
        r->y[i] = r->x[1][i / width] != 0 ? r->x[0][i] : 0;
    }
}

/* Rows of `from`, or zeros; not a product, which would keep a NaN of what is missing.
 */
static void copy_rows(const mien_kernel_call *c, const float *from, float *to) {
    int64_t rows = c->x_count[1], width = c->y_count / rows;
    for (int64_t i = 0; i < rows; i++) {
        if (c->x[1][i] != 0) {
            memcpy(to + i * width, from + i * width, (size_t)width * sizeof *to);
        } else {
            memset(to + i * width, 0, (size_t)width * sizeof *to);
        }
    }
}

static void forward(const mien_kernel_call *c) {
    copy_rows(c, c->x[0], c->y);
}

static void backward(const mien_kernel_call *c) {
    if (c->dx[1]) {
        memset(c->dx[1], 0, (size_t)c->x_count[1] * sizeof *c->dx[1]);
    }
    if (c->dx[0]) {
        copy_rows(c, c->dy, c->dx[0]);
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_masked = {
    .name = "masked",
    .summary = "Zeros where a mask is 0",
    .inputs_min = 2,
    .inputs_max = 2,
    .parts = MIEN_PART_NEEDS_X,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_masked(
    mien_graph *graph, const char *name, mien_node x, mien_node mask, mien_node *y) {
    MIEN_NEED(graph, name, y);
    mien_node inputs[2] = {x, mask};
    return mien_graph_add(graph, "masked", name, inputs, 2, NULL, y);
}
