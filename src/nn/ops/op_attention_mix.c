/* SPDX-License-Identifier: MIT */
/* Values mixed by how much each query looks at them, the heads side by side; each group
 * (a dimension behind the batch) for itself. */
#include "nn/kernel.h"
#include "nn/kernels/narrow.h"

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_op_node *p = inputs[0], *v = inputs[1];
    int last = v->rank - 1;
    bool good = (v->rank == 3 || v->rank == 4) && p->rank == v->rank + 1 &&
                p->shape[0] == v->shape[0] &&
                p->shape[last + 1] == v->shape[last - 1] &&
                v->shape[last] % p->shape[last - 1] == 0;
    if (!good || (v->rank == 4 && p->shape[1] != v->shape[1])) {
        return mien_fail(MIEN_ESHAPE,
            "it takes weights [N, heads, T, S] and value [N, S, D], D a multiple of "
            "heads, or [N, G, heads, T, S] and [N, G, S, D] of G groups");
    }
    mien_op_same_shape(node, &v);
    node->shape[last - 1] = p->shape[last];
    return MIEN_OK;
}

/* Sizes of a run, groups counted as items of the batch. */
typedef struct sizes {
    int64_t heads, length, keys, d, each;
} sizes;

static sizes sizes_of(int rank, const int64_t *weights, const int64_t *y) {
    int64_t heads = weights[rank - 2], d = y[rank - 1];
    return (sizes){heads, weights[rank - 1], weights[rank], d, d / heads};
}

static void reference(const mien_reference *r) {
    const sizes z = sizes_of(r->node->rank, r->x_shape[0], r->y_shape);
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t n = i / z.d / z.length, t = i / z.d % z.length, h = i % z.d / z.each;
        const double *weights = r->x[0] + ((n * z.heads + h) * z.length + t) * z.keys;
        double sum = 0;
        for (int64_t k = 0; k < z.keys; k++) {
            sum += weights[k] * r->x[1][(n * z.keys + k) * z.d + i % z.d];
        }
        r->y[i] = sum;
    }
}

/* Short sequences without groups run many at once. */
static bool is_narrow(const mien_kernel_call *c) {
    const int64_t *p = c->x_shape[0];
    return c->node->rank == 3 && mien_narrow_attends(p[1], p[2], p[3], c->y_shape[2]);
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
    if (is_narrow(c)) {
        mien_narrow_attention work = narrow_of(c);
        work.to[0] = c->y;
        mien_in_parts(mien_kernel_threads(c, c->x_count[0] * 10), c->x_shape[0][0],
            narrow_forward, &work);
        return;
    }
    const sizes z = sizes_of(c->node->rank, c->x_shape[0], c->y_shape);
    int64_t map = z.length * z.keys;
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->x_count[0] * z.each))
    for (int64_t i = 0; i < c->x_count[0] / map; i++) {
        int64_t n = i / z.heads, h = i % z.heads;
        mien_product(false, false, z.length, z.each, z.keys, c->x[0] + i * map, z.keys,
            c->x[1] + n * z.keys * z.d + h * z.each, z.d, 0,
            c->y + n * z.length * z.d + h * z.each, z.d);
    }
}

static void backward(const mien_kernel_call *c) {
    if (is_narrow(c)) {
        mien_narrow_attention work = narrow_of(c);
        work.to[0] = c->dx[0];
        work.to[1] = c->dx[1];
        mien_in_parts(mien_kernel_threads(c, c->x_count[0] * 10), c->x_shape[0][0],
            narrow_backward, &work);
        return;
    }
    const sizes z = sizes_of(c->node->rank, c->x_shape[0], c->y_shape);
    int64_t map = z.length * z.keys;
#pragma omp parallel for num_threads(mien_kernel_threads(c, c->x_count[0] * 2 * z.each))
    for (int64_t i = 0; i < c->x_count[0] / map; i++) {
        int64_t n = i / z.heads, h = i % z.heads;
        const float *dy = c->dy + n * z.length * z.d + h * z.each;
        int64_t value = n * z.keys * z.d + h * z.each;
        if (c->dx[0]) {
            mien_product(false, true, z.length, z.keys, z.each, dy, z.d,
                c->x[1] + value, z.d, 0, c->dx[0] + i * map, z.keys);
        }
        if (c->dx[1]) {
            mien_product(true, false, z.keys, z.each, z.length, c->x[0] + i * map,
                z.keys, dy, z.d, 0, c->dx[1] + value, z.d);
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
