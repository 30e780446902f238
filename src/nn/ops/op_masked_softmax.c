/* SPDX-License-Identifier: MIT */
/* Softmax over the last dimension among those places where a mask is not 0: of branches
 * or of steps that are there. */
#include <math.h>
#include <string.h>

#include "nn/kernel.h"
#include "base/need.h"

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_op_node *x = inputs[0], *mask = inputs[1];
    bool good = x->rank == mask->rank &&
                !memcmp(x->shape, mask->shape, (size_t)x->rank * sizeof *x->shape);
    return good ? mien_op_same_shape(node, inputs)
                : mien_fail(MIEN_ESHAPE, "the mask must have the shape of the value");
}

/* Zeros where the mask is 0 for all. */
static void reference(const mien_reference *r) {
    int64_t n = r->y_shape[r->node->rank - 1];
    for (int64_t row = 0; row < r->y_count / n; row++) {
        const double *x = r->x[0] + row * n, *mask = r->x[1] + row * n;
        double *y = r->y + row * n, sum = 0;
        for (int64_t i = 0; i < n; i++) {
            sum += y[i] = mask[i] != 0 ? exp(x[i]) : 0;
        }
        for (int64_t i = 0; i < n; i++) {
            y[i] = sum > 0 ? y[i] / sum : 0;
        }
    }
}

static void forward(const mien_kernel_call *c) {
    int64_t n = c->y_shape[c->node->rank - 1];
    for (int64_t row = 0; row < c->y_count / n; row++) {
        const float *x = c->x[0] + row * n, *mask = c->x[1] + row * n;
        float *y = c->y + row * n, most = -INFINITY, sum = 0;
        for (int64_t i = 0; i < n; i++) {
            most = mask[i] != 0 && x[i] > most ? x[i] : most;
        }
        for (int64_t i = 0; i < n; i++) {
            sum += y[i] = mask[i] != 0 ? expf(x[i] - most) : 0;
        }
        for (int64_t i = 0; i < n; i++) {
            y[i] = sum > 0 ? y[i] / sum : y[i]; /* keeps a NaN */
        }
    }
}

/* dx = y (dy - Σ dy y): 0 where y is. */
static void backward(const mien_kernel_call *c) {
    int64_t n = c->y_shape[c->node->rank - 1];
    if (c->dx[1]) {
        memset(c->dx[1], 0, (size_t)c->x_count[1] * sizeof *c->dx[1]);
    }
    for (int64_t row = 0; c->dx[0] && row < c->y_count / n; row++) {
        const float *y = c->y + row * n, *dy = c->dy + row * n;
        float *dx = c->dx[0] + row * n, sum = 0;
        for (int64_t i = 0; i < n; i++) {
            sum += dy[i] * y[i];
        }
        for (int64_t i = 0; i < n; i++) {
            dx[i] = y[i] * (dy[i] - sum);
        }
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_masked_softmax = {
    .name = "masked_softmax",
    .summary = "Softmax among places that a mask leaves",
    .inputs_min = 2,
    .inputs_max = 2,
    .parts = MIEN_PART_NEEDS_Y,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_masked_softmax(
    mien_graph *graph, const char *name, mien_node x, mien_node mask, mien_node *y) {
    MIEN_NEED(graph, name, y);
    mien_node inputs[2] = {x, mask};
    return mien_graph_add(graph, "masked_softmax", name, inputs, 2, NULL, y);
}
