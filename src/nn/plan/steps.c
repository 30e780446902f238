/* SPDX-License-Identifier: MIT */
/* Element-wise steps: what several operators add to a program. */
#include "nn/plan/plan.h"
#include "nn/plan/small_steps.h"

mien_status mien_builder_eltwise(mien_builder *b, mien_node node, mien_eltwise eltwise,
    mien_value_ref from, mien_value_ref to) {
    mien_group none = {0};
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    if (eltwise.algorithm == dnnl_eltwise_relu && mien_small(b, from.md) &&
        dnnl_memory_desc_equal(from.md, to.md)) {
        return mien_small_rectify(b, node, eltwise.alpha, from, to);
    }
    mien_status status = mien_builder_attr(b, &none, 0, false, &attr);
    if (status != MIEN_OK) {
        return status;
    }
    status = MIEN_DNNL(dnnl_eltwise_forward_primitive_desc_create(&pd, b->plan->engine,
        dnnl_forward_inference, (dnnl_alg_kind_t)eltwise.algorithm, from.md, to.md,
        eltwise.alpha, eltwise.beta, attr));
    dnnl_primitive_attr_destroy(attr);
    if (status != MIEN_OK) {
        return status;
    }
    step = mien_builder_step(b, node);
    status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status != MIEN_OK) {
        dnnl_primitive_desc_destroy(pd);
        return status;
    }
    return mien_step_primitive(b, step, pd);
}

mien_status mien_builder_binary(mien_builder *b, mien_node node,
    dnnl_alg_kind_t algorithm, mien_value_ref a, mien_value_ref c, mien_value_ref to,
    const mien_group *group) {
    mien_group none = {0};
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    bool same =
        dnnl_memory_desc_equal(a.md, c.md) && dnnl_memory_desc_equal(a.md, to.md);
    if (algorithm == dnnl_binary_add && same && !(group && group->posts_count) &&
        mien_small(b, a.md)) {
        return mien_small_add(b, node, a, c, to);
    }
    mien_status status = mien_builder_attr(
        b, group ? group : &none, group ? group->posts_count : 0, false, &attr);
    if (status != MIEN_OK) {
        return status;
    }
    status = MIEN_DNNL(dnnl_binary_primitive_desc_create(
        &pd, b->plan->engine, algorithm, a.md, c.md, to.md, attr));
    dnnl_primitive_attr_destroy(attr);
    if (status != MIEN_OK) {
        return status;
    }
    step = mien_builder_step(b, node);
    status = step ? mien_step_value(b, step, DNNL_ARG_SRC_0, a) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_SRC_1, c);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status != MIEN_OK) {
        dnnl_primitive_desc_destroy(pd);
        return status;
    }
    return mien_step_primitive(b, step, pd);
}

mien_status mien_builder_finish(
    mien_builder *b, const mien_group *group, int first, mien_value_ref value) {
    mien_status status = MIEN_OK;
    for (int i = first; status == MIEN_OK && i < group->posts_count; i++) {
        const mien_post *post = &group->posts[i];
        const mien_op_node *n = mien_builder_node(b, post->node);
        if (post->other < 0) {
            status =
                mien_builder_eltwise(b, post->node, n->op->eltwise(n), value, value);
            continue;
        }
        mien_value_ref other;
        status = mien_builder_as(b, post->other, value.md, &other);
        if (status == MIEN_OK) {
            status = mien_builder_binary(
                b, post->node, dnnl_binary_add, value, other, value, NULL);
        }
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, value);
    }
    return status;
}
