/* SPDX-License-Identifier: MIT */
/* Gradients of a convolution: of its input, its weights and its bias. */
#include "nn/conv2d.h"

#include "nn/gradient.h"

/* What the library's gradients are made from; layouts are its choice. */
typedef struct making {
    const mien_conv2d_settings *conv;
    dnnl_memory_desc_t x, weight, bias, y;
    dnnl_primitive_attr_t attr;
    dnnl_primitive_desc_t forward; /* a hint that both gradients ask for */
} making;

static void making_clear(making *m) {
    dnnl_primitive_desc_destroy(m->forward);
    dnnl_primitive_attr_destroy(m->attr);
    dnnl_memory_desc_destroy(m->x);
    dnnl_memory_desc_destroy(m->weight);
    dnnl_memory_desc_destroy(m->bias);
    dnnl_memory_desc_destroy(m->y);
}

/* The window as the library counts it. */
typedef struct window {
    dnnl_dims_t strides, dilates, before, after;
} window;

static window window_of(const mien_conv2d_settings *c) {
    return (window){{c->stride[0], c->stride[1]},
        {c->dilation[0] - 1, c->dilation[1] - 1}, {c->padding[0], c->padding[1]},
        {c->padding[2], c->padding[3]}};
}

static mien_status making_init(mien_builder *b, const mien_op_node *n, making *m) {
    const mien_conv2d_settings *c = n->settings;
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    mien_builder_shape(b, n->inputs[0], x);
    mien_shape_of(n, b->program->batch, y);
    int64_t grouped[] = {
        c->groups, c->out / c->groups, x[1] / c->groups, c->kernel[0], c->kernel[1]};
    bool one = c->groups == 1;
    window w = window_of(c);
    mien_group none = {0};
    m->conv = c;
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
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, &none, 0, false, &m->attr);
    }
    return status == MIEN_OK ? MIEN_DNNL(dnnl_convolution_forward_primitive_desc_create(
                                   &m->forward, b->plan->engine, dnnl_forward_training,
                                   dnnl_convolution_direct, m->x, m->weight, NULL, m->y,
                                   w.strides, w.dilates, w.before, w.after, m->attr))
                             : status;
}

/* ---- of the input -------------------------------------------------------------------
 */

static mien_status input_step(mien_builder *b, const mien_op_node *n, mien_node node,
    const making *m, mien_value_ref dy, mien_value_ref *dx) {
    window w = window_of(m->conv);
    bool winograd = mien_conv2d_winograd_suits(b, n, MIEN_CONV2D_INPUT);
    dnnl_primitive_desc_t pd = NULL;
    dnnl_memory_t weight = NULL;
    mien_step *step = NULL;
    mien_status status = MIEN_DNNL(dnnl_convolution_backward_data_primitive_desc_create(
        &pd, b->plan->engine, dnnl_convolution_direct, m->x, m->weight, m->y, w.strides,
        w.dilates, w.before, w.after, m->forward, m->attr));
    if (status == MIEN_OK) {
        status =
            mien_builder_in(b, node, dy, mien_pd_md(pd, dnnl_query_diff_dst_md), &dy);
    }
    if (status == MIEN_OK && winograd) {
        status = mien_conv2d_winograd_input(
            b, node, dy, mien_pd_md(pd, dnnl_query_diff_src_md), dx);
        dnnl_primitive_desc_destroy(pd);
        return status;
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, mien_pd_md(pd, dnnl_query_diff_src_md), dx);
    }
    if (status == MIEN_OK) {
        status = mien_builder_packed(b, n, NULL, MIEN_PACKED_WEIGHT, "weight",
            mien_pd_md(pd, dnnl_query_weights_md), &weight);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, node);
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

/* Adds the direct step; dw is given the library's layout. */
static mien_status direct_weights(mien_builder *b, mien_node node, mien_value_ref x,
    mien_value_ref dy, dnnl_memory_t bias, dnnl_primitive_desc_t pd,
    mien_value_ref *dw) {
    mien_step *step = NULL;
    mien_status status =
        mien_builder_new(b, -1, mien_pd_md(pd, dnnl_query_diff_weights_md), dw);
    if (status == MIEN_OK) {
        step = mien_builder_step(b, node);
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

static mien_status weight_step(mien_builder *b, const mien_op_node *n, mien_node node,
    const making *m, mien_value_ref dy, dnnl_memory_t bias) {
    window w = window_of(m->conv);
    dnnl_primitive_desc_t pd = NULL;
    mien_value_ref x, dw;
    mien_status status = MIEN_DNNL(
        dnnl_convolution_backward_weights_primitive_desc_create(&pd, b->plan->engine,
            dnnl_convolution_direct, m->x, m->weight, bias ? m->bias : NULL, m->y,
            w.strides, w.dilates, w.before, w.after, m->forward, m->attr));
    if (status == MIEN_OK) {
        status =
            mien_builder_in(b, node, dy, mien_pd_md(pd, dnnl_query_diff_dst_md), &dy);
    }
    if (status == MIEN_OK) {
        status =
            mien_builder_as(b, n->inputs[0], mien_pd_md(pd, dnnl_query_src_md), &x);
    }
    bool winograd = mien_builder_trains(b, n, "weight") &&
                    mien_conv2d_winograd_suits(b, n, MIEN_CONV2D_WEIGHTS);
    if (status == MIEN_OK && winograd) {
        status = mien_conv2d_winograd_weights(b, node, x, dy);
    } else if (status == MIEN_OK) {
        status = direct_weights(b, node, x, dy, bias, pd, &dw);
        return status == MIEN_OK ? mien_builder_parameter_deliver(b, n, "weight", dw)
                                 : status;
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

static mien_status weights_back(mien_builder *b, const mien_op_node *n, mien_node node,
    const making *m, mien_value_ref dy) {
    dnnl_memory_t bias = NULL;
    mien_status status = mien_builder_parameter_gradient(b, n, "bias", &bias);
    return status == MIEN_OK && (bias || mien_builder_trains(b, n, "weight"))
               ? weight_step(b, n, node, m, dy, bias)
               : status;
}

mien_status mien_conv2d_backward(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    making m = {0};
    mien_value_ref dy, dx;
    mien_status status = making_init(b, n, &m);
    if (status == MIEN_OK) {
        status = mien_builder_output_gradient(b, group, &dy);
    }
    if (status == MIEN_OK) {
        status = weights_back(b, n, group->main, &m, dy);
    }
    if (status == MIEN_OK && mien_builder_learns(b, n->inputs[0])) {
        status = input_step(b, n, group->main, &m, dy, &dx);
        if (status == MIEN_OK) {
            status = mien_builder_gradient_add(b, n->inputs[0], dx);
        }
    }
    making_clear(&m);
    return status;
}
