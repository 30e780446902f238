/* SPDX-License-Identifier: MIT */
/* Shared by convolutions in one and in three dimensions. */
#include "nn/ops/conv_nd.h"

#include <string.h>

#include "nn/kernels/conv1d_narrow.h"
#include "nn/ops/conv_thin_step.h"
#include "nn/ops/gradient.h"
#include "nn/ops/weighted_step.h"

typedef mien_conv_nd_settings conv;

static const char *const no_yes[] = {"no", "yes", NULL};
const mien_option mien_conv_nd_options[] = {
    {.name = "out",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = 1 << 24,
        .help = "channels of the result"},
    {.name = "kernel", .type = MIEN_OPTION_TEXT, .help = "for all dimensions, or each"},
    {.name = "stride", .type = MIEN_OPTION_TEXT, .initial = "1", .help = "likewise"},
    {.name = "padding",
        .type = MIEN_OPTION_TEXT,
        .initial = "0",
        .help = "zeros around x: for all dimensions, each, or all before, then after"},
    {.name = "dilation",
        .type = MIEN_OPTION_TEXT,
        .initial = "1",
        .help = "distance of the kernel's points"},
    {.name = "groups",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = 1 << 24,
        .help = "channel groups that do not see each other"},
    {.name = "bias",
        .type = MIEN_OPTION_CHOICE,
        .initial = "yes",
        .choices = no_yes,
        .help = "adds a number per channel"},
    {0},
};

mien_status mien_conv_nd_parse(const mien_options *given, int dims, void *settings) {
    conv *c = settings;
    if (!mien_options_text(given, "kernel") || !mien_options_given(given, "out")) {
        return mien_fail(MIEN_EINVAL, "options out and kernel must be given");
    }
    c->dims = dims;
    c->out = mien_options_int(given, "out");
    c->groups = mien_options_int(given, "groups");
    c->bias = !strcmp(mien_options_text(given, "bias"), "yes");
    mien_status status = mien_window_numbers(given, "kernel", 1, dims, c->kernel);
    if (status == MIEN_OK) {
        status = mien_window_numbers(given, "stride", 1, dims, c->stride);
    }
    if (status == MIEN_OK) {
        status = mien_window_numbers(given, "dilation", 1, dims, c->dilation);
    }
    return status == MIEN_OK
               ? mien_window_padding(given, "padding", dims, c->before, c->after)
               : status;
}

mien_status mien_conv_nd_shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const conv *c = node->settings;
    const mien_op_node *x = inputs[0];
    int64_t weight[2 + MIEN_WINDOW_DIMS] = {c->out};
    if (x->rank != 2 + c->dims) {
        return mien_fail(
            MIEN_ESHAPE, "it takes [N, C, %s]", c->dims == 1 ? "L" : "D, H, W");
    }
    if (x->shape[1] % c->groups || c->out % c->groups) {
        return mien_fail(MIEN_ESHAPE,
            "%lld groups do not divide %lld and %lld channels", (long long)c->groups,
            (long long)x->shape[1], (long long)c->out);
    }
    node->rank = x->rank;
    node->shape[0] = x->shape[0];
    node->shape[1] = c->out;
    weight[1] = x->shape[1] / c->groups;
    for (int i = 0; i < c->dims; i++) {
        int64_t reach = (int64_t)(c->kernel[i] - 1) * c->dilation[i] + 1;
        int64_t room = x->shape[2 + i] + c->before[i] + c->after[i] - reach;
        if (room < 0) {
            return mien_fail(MIEN_ESHAPE,
                "a kernel that reaches over %lld does not fit %lld with its padding",
                (long long)reach, (long long)x->shape[2 + i]);
        }
        node->shape[2 + i] = room / c->stride[i] + 1;
        weight[2 + i] = c->kernel[i];
    }
    int64_t fan_in = mien_shape_count(node->rank - 1, weight + 1);
    mien_op_node_own(
        node, "weight", true, MIEN_INITIAL_ZERO, fan_in, node->rank, weight);
    if (c->bias) {
        mien_op_node_own(node, "bias", true, MIEN_INITIAL_ZERO, fan_in, 1, &c->out);
    }
    return MIEN_OK;
}

double mien_conv_nd_flops(
    const mien_op_node *node, const mien_op_node *const *inputs, int64_t batch) {
    int64_t y[MIEN_RANK_MAX];
    const mien_op_parameter *weight = &node->parameters[0];
    (void)inputs;
    mien_shape_of(node, batch, y);
    return 2.0 * (double)mien_shape_count(node->rank, y) *
           (double)mien_shape_count(weight->rank - 1, weight->shape + 1);
}

/* ---- reference: one dimension is three of which two are 1
 * -------------------------------- */

/* Where kernel point k of place i lies in x along a dimension; -1 outside. */
static int64_t reach(const conv *c, int dim, int64_t in, int64_t i, int64_t k) {
    int64_t at = i * c->stride[dim] + k * c->dilation[dim] - c->before[dim];
    return at >= 0 && at < in ? at : -1;
}

static double point(const mien_reference *r, int64_t n, int64_t o, const int64_t *i) {
    const conv *c = r->node->settings;
    const int64_t *xs = r->x_shape[0];
    int64_t in = xs[1] / c->groups, group = o / (c->out / c->groups);
    int64_t points = mien_shape_count(c->dims, r->node->parameters[0].shape + 2);
    double sum = c->bias ? (double)r->parameters[1][o] : 0;
    for (int64_t k = 0; k < points * in; k++) {
        int64_t rest = k % points, at = 0, stride = 1;
        for (int d = c->dims - 1; d >= 0 && at >= 0; d--) {
            int64_t place = reach(c, d, xs[2 + d], i[d], rest % c->kernel[d]);
            at = place < 0 ? -1 : at + place * stride;
            stride *= xs[2 + d];
            rest /= c->kernel[d];
        }
        if (at >= 0) {
            int64_t channel = n * xs[1] + group * in + k / points;
            sum += (double)r->parameters[0][o * in * points + k] *
                   r->x[0][channel * stride + at];
        }
    }
    return sum;
}

void mien_conv_nd_reference(const mien_reference *r) {
    const conv *c = r->node->settings;
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t place[MIEN_WINDOW_DIMS], rest = i;
        for (int d = c->dims - 1; d >= 0; d--) {
            place[d] = rest % r->y_shape[2 + d];
            rest /= r->y_shape[2 + d];
        }
        r->y[i] = point(r, rest / c->out, rest % c->out, place);
    }
}

/* ---- plan ---------------------------------------------------------------------------
 */

/* The settings from which the library's convolutions are made; layouts are its
 * choice. */
typedef struct making {
    const conv *conv;
    dnnl_memory_desc_t x, weight, bias, y;
    dnnl_dims_t strides, dilates, before, after;
    bool with_bias, in_place;
    int posts;
} making;

static void making_clear(making *m) {
    dnnl_memory_desc_destroy(m->x);
    dnnl_memory_desc_destroy(m->weight);
    dnnl_memory_desc_destroy(m->bias);
    dnnl_memory_desc_destroy(m->y);
}

static mien_status making_init(mien_builder *b, const mien_group *group, making *m) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const conv *c = n->settings;
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    int64_t grouped[3 + MIEN_WINDOW_DIMS] = {c->groups, c->out / c->groups};
    bool one = c->groups == 1;
    mien_builder_shape(b, n->inputs[0], x);
    mien_shape_of(n, b->program->batch, y);
    grouped[2] = x[1] / c->groups;
    m->conv = c;
    m->with_bias = c->bias || group->norm >= 0;
    for (int i = 0; i < c->dims; i++) {
        grouped[3 + i] = c->kernel[i];
        m->strides[i] = c->stride[i];
        m->dilates[i] = c->dilation[i] - 1;
        m->before[i] = c->before[i];
        m->after[i] = c->after[i];
    }
    mien_status status = mien_md_any(&m->x, n->rank, x);
    if (status == MIEN_OK) {
        status = mien_md_any(&m->y, n->rank, y);
    }
    if (status == MIEN_OK) {
        status = mien_md_any(&m->weight, n->rank + !one, grouped + one);
    }
    return status == MIEN_OK ? mien_md_plain(&m->bias, 1, &c->out) : status;
}

static mien_status describe(mien_builder *b, const mien_group *group, const making *m,
    dnnl_prop_kind_t kind, dnnl_primitive_desc_t *pd) {
    dnnl_primitive_attr_t attr = NULL;
    mien_status status = mien_builder_attr(b, group, m->posts, m->in_place, &attr);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(
            dnnl_convolution_forward_primitive_desc_create(pd, b->plan->engine, kind,
                dnnl_convolution_direct, m->x, m->weight, m->with_bias ? m->bias : NULL,
                m->y, m->strides, m->dilates, m->before, m->after, attr));
    }
    dnnl_primitive_attr_destroy(attr);
    return status;
}

/* With as many posts as can be fused without falling to slow code. */
static mien_status choose(
    mien_builder *b, const mien_group *group, making *m, dnnl_primitive_desc_t *pd) {
    m->posts = mien_builder_fusable(b, group, &m->in_place);
    mien_status status = describe(b, group, m, dnnl_forward_inference, pd);
    if (!m->posts || (status == MIEN_OK && !mien_pd_is_reference(*pd))) {
        return status;
    }
    if (status == MIEN_OK) {
        dnnl_primitive_desc_destroy(*pd);
        *pd = NULL;
    }
    m->posts = 0;
    m->in_place = false;
    return describe(b, group, m, dnnl_forward_inference, pd);
}

static mien_status add_step(mien_builder *b, const mien_group *group, const making *m,
    dnnl_primitive_desc_t pd) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_weighted weighted = {.posts = m->posts,
        .in_place = m->in_place,
        .bias = m->with_bias ? m->conv->out : 0};
    mien_value_ref from, to;
    mien_status status =
        mien_builder_as(b, n->inputs[0], mien_pd_md(pd, dnnl_query_src_md), &from);
    if (status != MIEN_OK) {
        dnnl_primitive_desc_destroy(pd);
        return status;
    }
    status = mien_weighted_step(b, group, pd, &weighted, from, &to);
    return status == MIEN_OK ? mien_builder_finish(b, group, m->posts, to) : status;
}

mien_status mien_conv_nd_prepare(mien_builder *b, const mien_group *group) {
    if (mien_conv1d_narrow(b, group)) {
        return mien_kernel_prepare(b, group, &mien_conv1d_narrow_kernel);
    }
    making m = {0};
    dnnl_primitive_desc_t pd = NULL;
    mien_status status = making_init(b, group, &m);
    if (status == MIEN_OK) {
        status = choose(b, group, &m, &pd);
    }
    bool done = false;
    if (status == MIEN_OK && m.conv->dims == 3) {
        const conv *c = m.conv;
        const mien_conv_thin_settings thin = {
            3, c->kernel, c->stride, c->dilation, c->before, c->groups, c->bias};
        status = mien_conv_thin_step(
            b, group, &thin, mien_pd_md(pd, dnnl_query_dst_md), &done);
    }
    if (status == MIEN_OK && !done) {
        status = mien_conv3d_winograd(b, group, mien_pd_md(pd, dnnl_query_src_md),
            mien_pd_md(pd, dnnl_query_dst_md), &done);
    }
    if (done || status != MIEN_OK) {
        dnnl_primitive_desc_destroy(pd);
    }
    if (status == MIEN_OK && !done) {
        status = add_step(b, group, &m, pd);
    }
    making_clear(&m);
    return status;
}

/* ---- gradients ----------------------------------------------------------------------
 */

static mien_status input_back(mien_builder *b, const mien_group *group, const making *m,
    dnnl_primitive_desc_t forward, dnnl_primitive_attr_t attr, mien_value_ref dy) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    dnnl_primitive_desc_t pd = NULL;
    dnnl_memory_t weight = NULL;
    mien_value_ref dx;
    mien_step *step = NULL;
    mien_status status = MIEN_DNNL(dnnl_convolution_backward_data_primitive_desc_create(
        &pd, b->plan->engine, dnnl_convolution_direct, m->x, m->weight, m->y,
        m->strides, m->dilates, m->before, m->after, forward, attr));
    if (status == MIEN_OK) {
        status = mien_builder_in(
            b, group->main, dy, mien_pd_md(pd, dnnl_query_diff_dst_md), &dy);
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, mien_pd_md(pd, dnnl_query_diff_src_md), &dx);
    }
    if (status == MIEN_OK) {
        status = mien_builder_packed(b, n, NULL, MIEN_PACKED_WEIGHT, "weight",
            mien_pd_md(pd, dnnl_query_weights_md), &weight);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_DIFF_DST, dy) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        mien_step_memory(step, DNNL_ARG_WEIGHTS, weight);
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

static mien_status weights_back(mien_builder *b, const mien_group *group,
    const making *m, dnnl_primitive_desc_t forward, dnnl_primitive_attr_t attr,
    mien_value_ref dy, dnnl_memory_t bias) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    dnnl_primitive_desc_t pd = NULL;
    mien_value_ref x, dw;
    mien_step *step = NULL;
    mien_status status = MIEN_DNNL(
        dnnl_convolution_backward_weights_primitive_desc_create(&pd, b->plan->engine,
            dnnl_convolution_direct, m->x, m->weight, bias ? m->bias : NULL, m->y,
            m->strides, m->dilates, m->before, m->after, forward, attr));
    if (status == MIEN_OK) {
        status = mien_builder_in(
            b, group->main, dy, mien_pd_md(pd, dnnl_query_diff_dst_md), &dy);
    }
    if (status == MIEN_OK) {
        status =
            mien_builder_as(b, n->inputs[0], mien_pd_md(pd, dnnl_query_src_md), &x);
    }
    if (status == MIEN_OK) {
        status =
            mien_builder_new(b, -1, mien_pd_md(pd, dnnl_query_diff_weights_md), &dw);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_DIFF_DST, dy) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_SRC, x);
    }
    if (status == MIEN_OK) {
        if (bias) {
            mien_step_memory(step, DNNL_ARG_DIFF_BIAS, bias);
        }
        status = mien_step_value(b, step, DNNL_ARG_DIFF_WEIGHTS, dw);
    }
    if (status == MIEN_OK) {
        status = mien_step_primitive(b, step, pd);
        return status == MIEN_OK ? mien_builder_parameter_deliver(b, n, "weight", dw)
                                 : status;
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

mien_status mien_conv_nd_backward(mien_builder *b, const mien_group *group) {
    if (mien_conv1d_narrow(b, group)) {
        return mien_kernel_backward(b, group, &mien_conv1d_narrow_kernel);
    }
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_group none = {.norm = -1};
    making m = {0};
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t forward = NULL; /* a hint that both gradients ask for */
    dnnl_memory_t bias = NULL;
    mien_value_ref dy;
    mien_status status = making_init(b, group, &m);
    if (status == MIEN_OK) {
        status = describe(b, &none, &m, dnnl_forward_training, &forward);
    }
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, &none, 0, false, &attr);
    }
    if (status == MIEN_OK) {
        status = mien_builder_output_gradient(b, group, &dy);
    }
    if (status == MIEN_OK) {
        status = mien_builder_parameter_gradient(b, n, "bias", &bias);
    }
    if (status == MIEN_OK && (bias || mien_builder_trains(b, n, "weight"))) {
        status = weights_back(b, group, &m, forward, attr, dy, bias);
    }
    if (status == MIEN_OK && mien_builder_learns(b, n->inputs[0])) {
        status = input_back(b, group, &m, forward, attr, dy);
    }
    dnnl_primitive_attr_destroy(attr);
    dnnl_primitive_desc_destroy(forward);
    making_clear(&m);
    return status;
}
