/* SPDX-License-Identifier: MIT */
/* Shared by add and multiply: broadcasting, the plan's step and the plain-C loop. */
#include "nn/ops/binary.h"

#include <string.h>

#include "nn/ops/gradient.h"

mien_status mien_binary_shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_op_node *a = inputs[0], *c = inputs[1];
    bool good = a->rank == c->rank;
    for (int i = 0; good && i < a->rank; i++) {
        good = c->shape[i] == a->shape[i] || c->shape[i] == 1;
    }
    if (!good) {
        return mien_fail(MIEN_ESHAPE,
            "the second must have the shape of the first, or 1 where it is broadcast");
    }
    return mien_op_same_shape(node, inputs);
}

int64_t mien_binary_index(const mien_reference *r, int64_t i) {
    const int64_t *small = r->x_shape[1];
    int64_t at = 0, stride = 1;
    for (int d = r->node->rank - 1; d >= 0; d--) {
        int64_t place = i % r->y_shape[d];
        i /= r->y_shape[d];
        at += small[d] == 1 ? 0 : place * stride;
        stride *= small[d];
    }
    return at;
}

mien_status mien_binary_gradient_add(
    mien_builder *b, const mien_group *group, int index, mien_value_ref dy) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    mien_builder_shape(b, n->inputs[index], x);
    mien_builder_shape(b, group->main, y);
    if (!memcmp(x, y, (size_t)n->rank * sizeof *x)) {
        return mien_builder_gradient_add(b, n->inputs[index], dy);
    }
    mien_group none = {0};
    dnnl_memory_desc_t md = NULL;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t pd = NULL;
    mien_value_ref dx;
    mien_step *step = NULL;
    mien_status status = mien_md_plain(&md, n->rank, x);
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, &none, 0, false, &attr);
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_reduction_primitive_desc_create(
            &pd, b->plan->engine, dnnl_reduction_sum, dy.md, md, 0, 0, attr));
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, md, &dx);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, dy) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DST, dx);
    }
    if (status == MIEN_OK) {
        status = mien_step_primitive(b, step, pd);
        pd = NULL;
    }
    dnnl_primitive_desc_destroy(pd);
    dnnl_primitive_attr_destroy(attr);
    dnnl_memory_desc_destroy(md);
    return status == MIEN_OK ? mien_builder_gradient_add(b, n->inputs[index], dx)
                             : status;
}

static mien_status in_layouts(mien_builder *b, const mien_group *group,
    dnnl_alg_kind_t algorithm, mien_value_ref a, mien_value_ref c) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref to = a;
    mien_status status = MIEN_OK;
    bool free = mien_builder_dies(b, n->inputs[0]) && a.storage != c.storage;
    if (!free) {
        status = mien_builder_new(b, group->last, a.md, &to);
    }
    if (status == MIEN_OK) {
        status = mien_builder_binary(b, group->main, algorithm, a, c, to, group);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
    }
    return status;
}

/* A number for each channel, or for each and every item. */
static bool is_each_channel(int rank, const int64_t *shape) {
    return rank == 4 && shape[2] == 1 && shape[3] == 1;
}

mien_status mien_binary_prepare(
    mien_builder *b, const mien_group *group, dnnl_alg_kind_t algorithm) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref a = mien_builder_value(b, n->inputs[0]), c;
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    mien_builder_shape(b, n->inputs[0], x);
    mien_builder_shape(b, n->inputs[1], y);
    if (!memcmp(x, y, (size_t)n->rank * sizeof *x)) {
        mien_status status = mien_builder_as(b, n->inputs[1], a.md, &c);
        return status == MIEN_OK ? in_layouts(b, group, algorithm, a, c) : status;
    }
    mien_status status = MIEN_OK;
    if (is_each_channel(n->rank, y) && mien_md_is_channels_last(a.md)) {
        dnnl_memory_desc_t md = NULL; /* a stays as it lies */
        status = mien_md_channels_last(&md, y);
        if (status == MIEN_OK) {
            status = mien_builder_as(b, n->inputs[1], md, &c);
        }
        dnnl_memory_desc_destroy(md);
        return status == MIEN_OK ? in_layouts(b, group, algorithm, a, c) : status;
    }
    status = mien_builder_plain(b, n->inputs[0], &a);
    if (status == MIEN_OK) {
        status = mien_builder_plain(b, n->inputs[1], &c);
    }
    return status == MIEN_OK ? in_layouts(b, group, algorithm, a, c) : status;
}
