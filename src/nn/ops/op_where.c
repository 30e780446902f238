/* SPDX-License-Identifier: MIT */
/* The second value where the first is not 0, the third elsewhere; each is broadcast. */
#include <string.h>

#include "nn/ops/broadcast.h"

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    return mien_broadcast_shape(node, inputs, 3, 0);
}

static void reference(const mien_reference *r) {
    for (int64_t i = 0; i < r->y_count; i++) {
        int k = r->x[0][mien_broadcast_index(r, 0, i)] != 0 ? 1 : 2;
        r->y[i] = r->x[k][mien_broadcast_index(r, k, i)];
    }
}

static void forward(const mien_kernel_call *c) {
    mien_broadcast b = mien_broadcast_here(c);
    int last = b.rank - 1;
    int64_t n = b.size[last];
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->y_count))
    for (int64_t r = 0; r < b.runs; r++) {
        int64_t at[3];
        mien_broadcast_at(&b, 3, r, at);
        for (int64_t i = 0; i < n; i++) {
            int k = c->x[0][at[0] + i * b.stride[0][last]] != 0 ? 1 : 2;
            c->y[r * n + i] = c->x[k][at[k] + i * b.stride[k][last]];
        }
    }
}

/* The condition has no gradient. */
static void backward(const mien_kernel_call *c) {
    mien_broadcast b = mien_broadcast_here(c);
    int last = b.rank - 1;
    int64_t n = b.size[last];
    for (int k = 0; k < 3; k++) {
        if (c->dx[k]) {
            memset(c->dx[k], 0, (size_t)c->x_count[k] * sizeof *c->dx[k]);
        }
    }
    for (int64_t r = 0; r < b.runs; r++) {
        int64_t at[3];
        mien_broadcast_at(&b, 3, r, at);
        for (int64_t i = 0; i < n; i++) {
            int k = c->x[0][at[0] + i * b.stride[0][last]] != 0 ? 1 : 2;
            if (c->dx[k]) {
                c->dx[k][at[k] + i * b.stride[k][last]] += c->dy[r * n + i];
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

const mien_op mien_op_where = {
    .name = "where",
    .summary = "Of two values one or the other",
    .inputs_min = 3,
    .inputs_max = 3,
    .parts = MIEN_PART_NEEDS_X,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
