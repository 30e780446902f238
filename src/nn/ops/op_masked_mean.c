/* SPDX-License-Identifier: MIT */
/* Mean over the second last dimension of those rows that a mask does not leave out:
 * of the tokens that are there. */
#include <string.h>

#include "nn/kernel.h"
#include "base/need.h"
#include "nn/ops/masked.h"

/* Where nothing is seen the mean is 0. */
static void reference(const mien_reference *r) {
    int rank = r->node->rank;
    int64_t d = r->y_shape[rank - 1], s = r->x_shape[0][rank - 1];
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t item = i / d, seen = 0;
        double sum = 0;
        for (int64_t k = 0; k < s; k++) {
            if (r->x[1][item * s + k] != 0) {
                sum += r->x[0][(item * s + k) * d + i % d];
                seen++;
            }
        }
        r->y[i] = seen ? sum / (double)seen : 0;
    }
}

/* 1 / rows seen; 0 if there is none. */
static float share_of(const float *mask, int64_t s) {
    int64_t seen = 0;
    for (int64_t k = 0; k < s; k++) {
        seen += mask[k] != 0;
    }
    return seen ? 1 / (float)seen : 0;
}

static void forward(const mien_kernel_call *c) {
    int rank = c->node->rank;
    int64_t d = c->y_shape[rank - 1], s = c->x_shape[0][rank - 1];
    for (int64_t item = 0; item < c->y_count / d; item++) {
        const float *mask = c->x[1] + item * s;
        float *y = c->y + item * d, share = share_of(mask, s);
        memset(y, 0, (size_t)d * sizeof *y);
        for (int64_t k = 0; k < s; k++) {
            const float *x = c->x[0] + (item * s + k) * d;
            for (int64_t i = 0; mask[k] != 0 && i < d; i++) {
                y[i] += x[i];
            }
        }
        for (int64_t i = 0; i < d; i++) {
            y[i] *= share;
        }
    }
}

/* A mask has no gradient: it is there or not. */
static void backward(const mien_kernel_call *c) {
    int rank = c->node->rank;
    int64_t d = c->y_shape[rank - 1], s = c->x_shape[0][rank - 1];
    if (c->dx[1]) {
        memset(c->dx[1], 0, (size_t)c->x_count[1] * sizeof *c->dx[1]);
    }
    for (int64_t item = 0; c->dx[0] && item < c->y_count / d; item++) {
        const float *mask = c->x[1] + item * s, *dy = c->dy + item * d;
        float share = share_of(mask, s);
        for (int64_t k = 0; k < s; k++) {
            float *dx = c->dx[0] + (item * s + k) * d;
            for (int64_t i = 0; i < d; i++) {
                dx[i] = mask[k] != 0 ? dy[i] * share : 0;
            }
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

const mien_op mien_op_masked_mean = {
    .name = "masked_mean",
    .summary = "Mean of the rows that a mask leaves",
    .inputs_min = 2,
    .inputs_max = 2,
    .parts = MIEN_PART_NEEDS_X,
    .shape = mien_masked_shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};

mien_status mien_masked_mean(
    mien_graph *graph, const char *name, mien_node x, mien_node mask, mien_node *y) {
    MIEN_NEED(graph, name, y);
    mien_node inputs[2] = {x, mask};
    return mien_graph_add(graph, "masked_mean", name, inputs, 2, NULL, y);
}
