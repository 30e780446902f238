/* SPDX-License-Identifier: MIT */
/* Steps of activations whose gradient is told from what they read. */
#include "nn/activation.h"
#include "nn/ops/gradient.h"

mien_status mien_eltwise_prepare(
    mien_builder *b, const mien_group *group, const mien_eltwise *eltwise) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref from = mien_builder_value(b, n->inputs[0]), to = from;
    mien_status status = MIEN_OK;
    if (!mien_builder_dies(b, n->inputs[0])) {
        status = mien_builder_new(b, group->last, from.md, &to);
    }
    if (status == MIEN_OK) {
        status = mien_builder_eltwise(b, group->main, *eltwise, from, to);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
    }
    return status;
}

static mien_status describe(mien_builder *b, const mien_eltwise *e,
    const_dnnl_memory_desc_t md, dnnl_primitive_desc_t *pd) {
    mien_group none = {0};
    dnnl_alg_kind_t algorithm = (dnnl_alg_kind_t)e->algorithm;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t forward = NULL;
    mien_status status = mien_builder_attr(b, &none, 0, false, &attr);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(
            dnnl_eltwise_forward_primitive_desc_create(&forward, b->plan->engine,
                dnnl_forward_training, algorithm, md, md, e->alpha, e->beta, attr));
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_eltwise_backward_primitive_desc_create(pd,
            b->plan->engine, algorithm, md, md, md, e->alpha, e->beta, forward, attr));
    }
    dnnl_primitive_desc_destroy(forward);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

mien_status mien_eltwise_backward(
    mien_builder *b, const mien_group *group, const mien_eltwise *eltwise) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref x = mien_builder_value(b, n->inputs[0]), dx;
    mien_value_ref dy = mien_builder_gradient(b, group->last);
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_status status = describe(b, eltwise, x.md, &pd);
    if (status == MIEN_OK) {
        status = mien_builder_in(b, group->main, dy, x.md, &dy);
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, x.md, &dx);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, x) : MIEN_ENOMEM;
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
