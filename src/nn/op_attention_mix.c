/* SPDX-License-Identifier: MIT */
/* Values mixed by how much each query looks at them, the heads side by side. */
#include "nn/kernel.h"
#include "nn/narrow.h"

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_op_node *p = inputs[0], *v = inputs[1];
    if (p->rank != 4 || v->rank != 3 || p->shape[0] != v->shape[0] ||
        p->shape[3] != v->shape[1] || v->shape[2] % p->shape[1]) {
        return mien_fail(MIEN_ESHAPE,
            "it takes weights [N, heads, T, S] and value [N, S, D], D a multiple of "
            "heads");
    }
    node->rank = 3;
    node->shape[0] = p->shape[0];
    node->shape[1] = p->shape[2];
    node->shape[2] = v->shape[2];
    return MIEN_OK;
}

static void reference(const mien_reference *r) {
    const int64_t *p = r->x_shape[0];
    int64_t d = r->y_shape[2], each = d / p[1];
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t n = i / d / p[2], t = i / d % p[2], h = i % d / each;
        const double *weights = r->x[0] + ((n * p[1] + h) * p[2] + t) * p[3];
        double sum = 0;
        for (int64_t k = 0; k < p[3]; k++) {
            sum += weights[k] * r->x[1][(n * p[3] + k) * d + i % d];
        }
        r->y[i] = sum;
    }
}

/* Short sequences run many at once. */
static bool is_narrow(const mien_kernel_call *c) {
    const int64_t *p = c->x_shape[0];
    return mien_narrow_attends(p[1], p[2], p[3], c->y_shape[2]);
}

static mien_narrow_attention narrow_of(const mien_kernel_call *c) {
    const int64_t *p = c->x_shape[0];
    return (mien_narrow_attention){.heads = p[1],
        .queries = p[2],
        .keys = p[3],
        .width = c->y_shape[2],
        .p = c->x[0],
        .v = c->x[1],
        .dy = c->dy};
}

static void narrow_forward(const void *context, int64_t first, int64_t last) {
    mien_narrow_best()->mix_forward(context, first, last);
}

static void narrow_backward(const void *context, int64_t first, int64_t last) {
    mien_narrow_best()->mix_backward(context, first, last);
}

static void forward(const mien_kernel_call *c) {
    const int64_t *p = c->x_shape[0];
    int64_t d = c->y_shape[2], each = d / p[1];
    if (is_narrow(c)) {
        mien_narrow_attention work = narrow_of(c);
        work.to[0] = c->y;
        mien_in_parts(
            mien_kernel_threads(c, c->x_count[0] * 10), p[0], narrow_forward, &work);
        return;
    }
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->x_count[0] * each))
    for (int64_t i = 0; i < p[0] * p[1]; i++) {
        int64_t n = i / p[1], h = i % p[1];
        mien_product(false, false, p[2], each, p[3], c->x[0] + i * p[2] * p[3], p[3],
            c->x[1] + n * p[3] * d + h * each, d, 0, c->y + n * p[2] * d + h * each, d);
    }
}

static void backward(const mien_kernel_call *c) {
    const int64_t *p = c->x_shape[0];
    int64_t d = c->y_shape[2], each = d / p[1];
    if (is_narrow(c)) {
        mien_narrow_attention work = narrow_of(c);
        work.to[0] = c->dx[0];
        work.to[1] = c->dx[1];
        mien_in_parts(
            mien_kernel_threads(c, c->x_count[0] * 10), p[0], narrow_backward, &work);
        return;
    }
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->x_count[0] * 2 * each))
    for (int64_t i = 0; i < p[0] * p[1]; i++) {
        int64_t n = i / p[1], h = i % p[1], weights = i * p[2] * p[3];
        const float *dy = c->dy + n * p[2] * d + h * each;
        int64_t value = n * p[3] * d + h * each;
        if (c->dx[0]) {
            mien_product(false, true, p[2], p[3], each, dy, d, c->x[1] + value, d, 0,
                c->dx[0] + weights, p[3]);
        }
        if (c->dx[1]) {
            mien_product(true, false, p[3], each, p[2], c->x[0] + weights, p[3], dy, d,
                0, c->dx[1] + value, d);
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

const mien_op mien_op_attention_mix = {
    .name = "attention_mix",
    .summary = "Values mixed by attention, heads side by side",
    .inputs_min = 2,
    .inputs_max = 2,
    .parts = MIEN_PART_NEEDS_X,
    .shape = shape,
    .prepare = prepare,
    .backward = prepare_backward,
    .reference = reference,
};
