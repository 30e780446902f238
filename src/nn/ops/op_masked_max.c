/* SPDX-License-Identifier: MIT */
/* Largest over the second last dimension of those rows that a mask does not leave out;
 * equal largest values share the gradient. */
#include <math.h>
#include <string.h>

#include "nn/kernel.h"
#include "base/need.h"
#include "nn/ops/masked.h"

/* Where nothing is seen the result is 0. */
static void reference(const mien_reference *r) {
    int rank = r->node->rank;
    int64_t d = r->y_shape[rank - 1], s = r->x_shape[0][rank - 1];
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t item = i / d, seen = 0;
        double most = 0;
        for (int64_t k = 0; k < s; k++) {
            double x = r->x[0][(item * s + k) * d + i % d];
            if (r->x[1][item * s + k] != 0) {
                most = seen == 0 || x > most ? x : most;
                seen++;
            }
        }
        r->y[i] = most;
    }
}

static void forward(const mien_kernel_call *c) {
    int rank = c->node->rank;
    int64_t d = c->y_shape[rank - 1], s = c->x_shape[0][rank - 1];
    for (int64_t item = 0; item < c->y_count / d; item++) {
        const float *mask = c->x[1] + item * s;
        float *y = c->y + item * d;
        bool first = true;
        memset(y, 0, (size_t)d * sizeof *y);
        for (int64_t k = 0; k < s; k++) {
            const float *x = c->x[0] + (item * s + k) * d;
            for (int64_t i = 0; mask[k] != 0 && i < d; i++) {
                y[i] = first || x[i] > y[i] ? x[i] : y[i];
            }
            first &= mask[k] == 0;
        }
    }
}

/* Gradients of one row's column, to all seen values that are as large as the largest.
 */
static void share_column(
    const float *x, const float *mask, int64_t s, int64_t d, float dy, float *dx) {
    float most = -INFINITY;
    int64_t equal = 0;
    for (int64_t k = 0; k < s; k++) {
        most = mask[k] != 0 && x[k * d] > most ? x[k * d] : most;
    }
    for (int64_t k = 0; k < s; k++) {
        equal += mask[k] != 0 && x[k * d] == most;
    }
    for (int64_t k = 0; k < s; k++) {
        dx[k * d] = mask[k] != 0 && x[k * d] == most ? dy / (float)equal : 0;
    }
}

static void backward(const mien_kernel_call *c) {
    int rank = c->node->rank;
    int64_t d = c->y_shape[rank - 1], s = c->x_shape[0][rank - 1];
    if (c->dx[1]) {
        memset(c->dx[1], 0, (size_t)c->x_count[1] * sizeof *c->dx[1]);
    }
    for (int64_t i = 0; c->dx[0] && i < c->y_count; i++) {
        int64_t item = i / d, at = item * s * d + i % d;
        share_column(c->x[0] + at, c->x[1] + item * s, s, d, c->dy[i], c->dx[0] + at);
    }
}

static const mien_kernel kernel = {.forward = forward, .backward = backward};

static mien_status prepare(mien_builder *b, const mien_group *group) {
    return mien_kernel_prepare(b, group, &kernel);
}

static mien_status prepare_backward(mien_builder *b, const mien_group *group) {
    return mien_kernel_backward(b, group, &kernel);
}

const mien_op mien_op_masked_max = {
    .name = "masked_max",
    .summary = "Largest of the rows that a mask leaves",
    .inputs_min = 2,
    .inputs_max = 2,
    .parts = MIEN_PART_NEEDS_X,
    .shape = mien_masked_shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_masked_max(
    mien_graph *graph, const char *name, mien_node x, mien_node mask, mien_node *y) {
    MIEN_NEED(graph, name, y);
    mien_node inputs[2] = {x, mask};
    return mien_graph_add(graph, "masked_max", name, inputs, 2, NULL, y);
}
