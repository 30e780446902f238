/* SPDX-License-Identifier: MIT */
/* The last row along the second last dimension that a mask does not leave out: where a
 * series of any length ends. */
#include <string.h>

#include "nn/kernel.h"
#include "base/need.h"
#include "nn/ops/masked.h"

/* Where nothing is seen the result is 0. */
static void reference(const mien_reference *r) {
    int rank = r->node->rank;
    int64_t d = r->y_shape[rank - 1], s = r->x_shape[0][rank - 1];
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t item = i / d;
        r->y[i] = 0;
        for (int64_t k = 0; k < s; k++) {
            if (r->x[1][item * s + k] != 0) {
                r->y[i] = r->x[0][(item * s + k) * d + i % d];
            }
        }
    }
}

/* -1: none is seen. */
static int64_t last_of(const float *mask, int64_t s) {
    while (s > 0 && mask[s - 1] == 0) {
        s--;
    }
    return s - 1;
}

static void forward(const mien_kernel_call *c) {
    int rank = c->node->rank;
    int64_t d = c->y_shape[rank - 1], s = c->x_shape[0][rank - 1];
    for (int64_t item = 0; item < c->y_count / d; item++) {
        int64_t last = last_of(c->x[1] + item * s, s);
        float *y = c->y + item * d;
        memset(y, 0, (size_t)d * sizeof *y);
        if (last >= 0) {
            memcpy(y, c->x[0] + (item * s + last) * d, (size_t)d * sizeof *y);
        }
    }
}

static void backward(const mien_kernel_call *c) {
    int rank = c->node->rank;
    int64_t d = c->y_shape[rank - 1], s = c->x_shape[0][rank - 1];
    for (int i = 0; i < 2; i++) {
        if (c->dx[i]) {
            memset(c->dx[i], 0, (size_t)c->x_count[i] * sizeof *c->dx[i]);
        }
    }
    for (int64_t item = 0; c->dx[0] && item < c->y_count / d; item++) {
        int64_t last = last_of(c->x[1] + item * s, s);
        if (last >= 0) {
            memcpy(c->dx[0] + (item * s + last) * d, c->dy + item * d,
                (size_t)d * sizeof *c->dy);
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

const mien_op mien_op_masked_last = {
    .name = "masked_last",
    .summary = "The last row that a mask leaves",
    .inputs_min = 2,
    .inputs_max = 2,
    .parts = MIEN_PART_NEEDS_X,
    .shape = mien_masked_shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_masked_last(
    mien_graph *graph, const char *name, mien_node x, mien_node mask, mien_node *y) {
    MIEN_NEED(graph, name, y);
    mien_node inputs[2] = {x, mask};
    return mien_graph_add(graph, "masked_last", name, inputs, 2, NULL, y);
}
