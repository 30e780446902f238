/* SPDX-License-Identifier: MIT */
/* Softmax over the last dimension. */
#include <math.h>

#include "nn/ops/gradient.h"
#include "base/need.h"

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

/* Forward, or (from the forward's result) backward. */
static mien_status describe(mien_builder *b, const mien_op_node *n,
    const_dnnl_memory_desc_t md, bool back, dnnl_primitive_desc_t *pd) {
    mien_group none = {0};
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t forward = NULL;
    mien_status status = mien_builder_attr(b, &none, 0, false, &attr);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_softmax_forward_primitive_desc_create(&forward,
            b->plan->engine, back ? dnnl_forward_training : dnnl_forward_inference,
            dnnl_softmax_accurate, md, md, n->rank - 1, attr));
    }
    if (status == MIEN_OK && back) {
        status =
            MIEN_DNNL(dnnl_softmax_backward_primitive_desc_create(pd, b->plan->engine,
                dnnl_softmax_accurate, md, md, md, n->rank - 1, forward, attr));
    } else if (status == MIEN_OK) {
        *pd = forward;
        forward = NULL;
    }
    dnnl_primitive_desc_destroy(forward);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

static mien_status backward(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref y = mien_builder_value(b, group->last), dx;
    mien_value_ref dy = mien_builder_gradient(b, group->last);
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_status status = describe(b, n, y.md, true, &pd);
    if (status == MIEN_OK) {
        status = mien_builder_in(b, group->main, dy, y.md, &dy);
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, y.md, &dx);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_DST, y) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DIFF_DST, dy);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DIFF_SRC, dx);
    }
    if (status == MIEN_OK) {
        status = mien_step_primitive(b, step, pd);
        return status == MIEN_OK ? mien_builder_gradient_add(b, n->inputs[0], dx)
                                 : status;
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref from, to;
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_status status = mien_builder_plain(b, n->inputs[0], &from);
    if (status == MIEN_OK) {
        status = describe(b, n, from.md, false, &pd);
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
    .parts = MIEN_PART_NEEDS_Y,
    .prepare = prepare,
    .backward = backward,
    .reference = reference,
};

mien_status mien_softmax(
    mien_graph *graph, const char *name, mien_node x, mien_node *y) {
    MIEN_NEED(graph, name, y);
    return mien_graph_add(graph, "softmax", name, &x, 1, "", y);
}
