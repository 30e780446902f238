/* SPDX-License-Identifier: MIT */
/* Softmax over the last dimension. */
#include <math.h>

#include "nn/plan.h"

static void reference(const mien_reference *r) {
    int64_t n = r->y_shape[r->node->rank - 1];
    for (int64_t row = 0; row < r->y_count / n; row++) {
        const double *x = r->x[0] + row * n;
        double *y = r->y + row * n, most = x[0], sum = 0;
        for (int64_t i = 1; i < n; i++) {
            most = x[i] > most ? x[i] : most;
        }
        for (int64_t i = 0; i < n; i++) {
            sum += y[i] = exp(x[i] - most);
        }
        for (int64_t i = 0; i < n; i++) {
            y[i] /= sum;
        }
    }
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_group none = {0};
    mien_value_ref from, to;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_status status = mien_builder_plain(b, n->inputs[0], &from);
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, &none, 0, false, &attr);
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_softmax_forward_primitive_desc_create(&pd,
            b->plan->engine, dnnl_forward_inference, dnnl_softmax_accurate, from.md,
            from.md, n->rank - 1, attr));
        dnnl_primitive_attr_destroy(attr);
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, group->last, from.md, &to);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
        return mien_step_primitive(b, step, pd);
    }
    if (pd) {
        dnnl_primitive_desc_destroy(pd);
    }
    return status;
}

const mien_op mien_op_softmax = {
    .name = "softmax",
    .summary = "Softmax over the last dimension",
    .inputs_min = 1,
    .inputs_max = 1,
    .shape = mien_op_same_shape,
    .prepare = prepare,
    .reference = reference,
};

mien_status mien_softmax(
    mien_graph *graph, const char *name, mien_node x, mien_node *y) {
    return mien_graph_add(graph, "softmax", name, &x, 1, "", y);
}
