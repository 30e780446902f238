/* SPDX-License-Identifier: MIT */
/* Shared by convolutions and linear layers: the step that multiplies by a packed
 * weight, adds a bias and does what the group fuses behind it. */
#include "nn/ops/weighted_step.h"

mien_status mien_weighted_step(mien_builder *b, const mien_group *group,
    dnnl_primitive_desc_t pd, const mien_weighted *w, mien_value_ref from,
    mien_value_ref *to) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_op_node *norm =
        group->norm < 0 ? NULL : mien_builder_node(b, group->norm);
    dnnl_memory_t weight = NULL, bias = NULL;
    mien_step *step = NULL;
    mien_status status = mien_builder_target(
        b, group, w->posts, w->in_place, mien_pd_md(pd, dnnl_query_dst_md), to);
    if (status == MIEN_OK) {
        status = mien_builder_packed(b, n, norm, MIEN_PACKED_WEIGHT, "weight",
            mien_pd_md(pd, dnnl_query_weights_md), &weight);
    }
    if (status == MIEN_OK && w->bias > 0) {
        status = mien_builder_bias(b, n, norm, w->bias, &bias);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        mien_step_memory(step, DNNL_ARG_WEIGHTS, weight);
        if (bias) {
            mien_step_memory(step, DNNL_ARG_BIAS, bias);
        }
        status = mien_step_value(b, step, DNNL_ARG_DST, *to);
    }
    if (status == MIEN_OK) {
        status = mien_step_posts(b, step, group, w->posts, w->in_place);
    }
    if (status != MIEN_OK) {
        dnnl_primitive_desc_destroy(pd);
        return status;
    }
    return mien_step_primitive(b, step, pd);
}
