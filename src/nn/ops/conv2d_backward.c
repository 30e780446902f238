/* SPDX-License-Identifier: MIT */
/* Gradients of a convolution: of its input, its weights and its bias. */
#include "nn/ops/conv2d.h"

#include "nn/ops/depth_norm.h"
#include "nn/ops/gradient.h"

/* The settings from which the library's gradients are made. */
typedef struct making {
    const mien_conv2d_settings *conv;
    const mien_op_node *node;
    mien_node index;
    const_dnnl_memory_desc_t x_now, y_now; /* layouts that the values have */
    dnnl_memory_desc_t x, weight, bias, y; /* layouts left to the library */
    dnnl_primitive_attr_t attr;
} making;

static void making_clear(making *m) {
    dnnl_primitive_attr_destroy(m->attr);
    dnnl_memory_desc_destroy(m->x);
    dnnl_memory_desc_destroy(m->weight);
    dnnl_memory_desc_destroy(m->bias);
    dnnl_memory_desc_destroy(m->y);
}

static mien_status making_init(mien_builder *b, mien_node index, making *m) {
    const mien_op_node *n = mien_builder_node(b, index);
    const mien_conv2d_settings *c = n->settings;
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    mien_builder_shape(b, n->inputs[0], x);
    mien_builder_shape(b, index, y);
    int64_t grouped[] = {
        c->groups, c->out / c->groups, x[1] / c->groups, c->kernel[0], c->kernel[1]};
    bool one = c->groups == 1;
    mien_group none = {0};
    m->conv = c;
    m->node = n;
    m->index = index;
    m->x_now = mien_builder_value(b, n->inputs[0]).md;
    mien_status status = mien_md_any(&m->x, 4, x);
    if (status == MIEN_OK) {
        status = mien_md_any(&m->y, 4, y);
    }
    if (status == MIEN_OK) {
        status = mien_md_any(&m->weight, one ? 4 : 5, grouped + one);
    }
    if (status == MIEN_OK) {
        status = mien_md_plain(&m->bias, 1, &c->out);
    }
    return status == MIEN_OK ? mien_builder_attr(b, &none, 0, false, &m->attr) : status;
}

/* One of the two gradients, with values in these layouts. */
static mien_status describe_as(const mien_builder *b, const making *m,
    mien_conv2d_part part, bool with_bias, const_dnnl_memory_desc_t x,
    const_dnnl_memory_desc_t y, dnnl_primitive_desc_t *pd) {
    const mien_conv2d_settings *c = m->conv;
    dnnl_dims_t strides = {c->stride[0], c->stride[1]};
    dnnl_dims_t dilates = {c->dilation[0] - 1, c->dilation[1] - 1};
    dnnl_dims_t before = {c->padding[0], c->padding[1]};
    dnnl_dims_t after = {c->padding[2], c->padding[3]};
    dnnl_primitive_desc_t forward = NULL; /* a hint that both ask for */
    mien_status status = MIEN_DNNL(dnnl_convolution_forward_primitive_desc_create(
        &forward, b->plan->engine, dnnl_forward_training, dnnl_convolution_direct, x,
        m->weight, NULL, y, strides, dilates, before, after, m->attr));
    if (status == MIEN_OK && part == MIEN_CONV2D_INPUT) {
        status = MIEN_DNNL(dnnl_convolution_backward_data_primitive_desc_create(pd,
            b->plan->engine, dnnl_convolution_direct, x, m->weight, y, strides, dilates,
            before, after, forward, m->attr));
    } else if (status == MIEN_OK) {
        status = MIEN_DNNL(
            dnnl_convolution_backward_weights_primitive_desc_create(pd, b->plan->engine,
                dnnl_convolution_direct, x, m->weight, with_bias ? m->bias : NULL, y,
                strides, dilates, before, after, forward, m->attr));
    }
    dnnl_primitive_desc_destroy(forward);
    return status;
}

/* In the layouts that the values have where the library is fast there, so that nothing
 * is reordered; else in those it likes. */
static mien_status describe(const mien_builder *b, const making *m,
    mien_conv2d_part part, bool with_bias, dnnl_primitive_desc_t *pd) {
    if (describe_as(b, m, part, with_bias, m->x_now, m->y_now, pd) == MIEN_OK) {
        if (mien_conv2d_is_fast(*pd)) {
            return MIEN_OK;
        }
        dnnl_primitive_desc_destroy(*pd);
        *pd = NULL;
    }
    return describe_as(b, m, part, with_bias, m->x, m->y, pd);
}

/* ---- of the input -------------------------------------------------------------------
 */

static mien_status direct_input(
    mien_builder *b, const making *m, mien_value_ref dy, mien_value_ref *dx) {
    dnnl_primitive_desc_t pd = NULL;
    dnnl_memory_t weight = NULL;
    mien_step *step = NULL;
    mien_status status = describe(b, m, MIEN_CONV2D_INPUT, false, &pd);
    if (status == MIEN_OK) {
        status = mien_builder_in(
            b, m->index, dy, mien_pd_md(pd, dnnl_query_diff_dst_md), &dy);
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, mien_pd_md(pd, dnnl_query_diff_src_md), dx);
    }
    if (status == MIEN_OK) {
        status = mien_builder_packed(b, m->node, NULL, MIEN_PACKED_WEIGHT, "weight",
            mien_pd_md(pd, dnnl_query_weights_md), &weight);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, m->index);
        status = step ? mien_step_value(b, step, DNNL_ARG_DIFF_DST, dy) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        mien_step_memory(step, DNNL_ARG_WEIGHTS, weight);
        status = mien_step_value(b, step, DNNL_ARG_DIFF_SRC, *dx);
    }
    if (status == MIEN_OK) {
        return mien_step_primitive(b, step, pd);
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

/* ---- of weights and bias
 * ---------------------------------------------------------------- */

static mien_status direct_weights(mien_builder *b, const making *m, mien_value_ref dy,
    dnnl_memory_t bias, mien_value_ref *dw) {
    dnnl_primitive_desc_t pd = NULL;
    mien_value_ref x;
    mien_step *step = NULL;
    mien_status status = describe(b, m, MIEN_CONV2D_WEIGHTS, bias, &pd);
    if (status == MIEN_OK) {
        status = mien_builder_in(
            b, m->index, dy, mien_pd_md(pd, dnnl_query_diff_dst_md), &dy);
    }
    if (status == MIEN_OK) {
        status = mien_builder_as(
            b, m->node->inputs[0], mien_pd_md(pd, dnnl_query_src_md), &x);
    }
    if (status == MIEN_OK) {
        status =
            mien_builder_new(b, -1, mien_pd_md(pd, dnnl_query_diff_weights_md), dw);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, m->index);
        status = step ? mien_step_value(b, step, DNNL_ARG_DIFF_DST, dy) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_SRC, x);
    }
    if (status == MIEN_OK) {
        if (bias) {
            mien_step_memory(step, DNNL_ARG_DIFF_BIAS, bias);
        }
        status = mien_step_value(b, step, DNNL_ARG_DIFF_WEIGHTS, *dw);
    }
    if (status == MIEN_OK) {
        return mien_step_primitive(b, step, pd);
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

static mien_status weights_back(mien_builder *b, const making *m, mien_value_ref dy) {
    dnnl_memory_t bias = NULL;
    mien_value_ref dw;
    bool trained = mien_builder_trains(b, m->node, "weight");
    mien_status status = mien_builder_parameter_gradient(b, m->node, "bias", &bias);
    if (status != MIEN_OK || (!bias && !trained)) {
        return status;
    }
    if (trained && mien_conv2d_winograd_suits(b, m->node, MIEN_CONV2D_WEIGHTS)) {
        return mien_conv2d_winograd_weights(
            b, m->index, mien_builder_value(b, m->node->inputs[0]), dy);
    }
    status = direct_weights(b, m, dy, bias, &dw);
    return status == MIEN_OK ? mien_builder_parameter_deliver(b, m->node, "weight", dw)
                             : status;
}

static mien_status input_back(mien_builder *b, const making *m, mien_value_ref dy) {
    mien_value_ref dx;
    mien_status status =
        mien_conv2d_winograd_suits(b, m->node, MIEN_CONV2D_INPUT)
            ? mien_conv2d_winograd_input(b, m->index, dy, m->x_now, &dx)
            : direct_input(b, m, dy, &dx);
    return status == MIEN_OK ? mien_builder_gradient_add(b, m->node->inputs[0], dx)
                             : status;
}

mien_status mien_conv2d_backward(mien_builder *b, const mien_group *group) {
    const mien_group *norm = mien_depth_norm_of(b, group);
    if (norm) {
        return mien_depth_norm_backward(b, group, norm);
    }
    making m = {0};
    mien_value_ref dy;
    mien_status status = making_init(b, group->main, &m);
    if (status == MIEN_OK) {
        status = mien_builder_output_gradient(b, group, &dy);
    }
    if (status == MIEN_OK) {
        m.y_now = dy.md;
        status = weights_back(b, &m, dy);
    }
    if (status == MIEN_OK && mien_builder_learns(b, m.node->inputs[0])) {
        status = input_back(b, &m, dy);
    }
    making_clear(&m);
    return status;
}
