/* SPDX-License-Identifier: MIT */
/* Two-dimensional convolution: grouped, depthwise, dilated, padded on each side. */
#include <stdio.h>
#include <string.h>

#include "nn/ops/conv2d.h"
#include "base/need.h"
#include "nn/ops/conv_thin_step.h"
#include "nn/ops/depth_norm.h"
#include "nn/ops/weighted_step.h"

typedef mien_conv2d_settings conv;

static const char *const no_yes[] = {"no", "yes", NULL};
static const mien_option options[] = {
    {.name = "out",
        .type = MIEN_OPTION_INT,
        .minimum = 1,
        .maximum = 1 << 24,
        .help = "channels of the result"},
    {.name = "kernel", .type = MIEN_OPTION_TEXT, .help = "height,width"},
    {.name = "stride", .type = MIEN_OPTION_TEXT, .initial = "1", .help = "down,across"},
    {.name = "padding",
        .type = MIEN_OPTION_TEXT,
        .initial = "0",
        .help = "zeros around x: all, or down,across, or top,left,bottom,right"},
    {.name = "dilation",
        .type = MIEN_OPTION_TEXT,
        .initial = "1",
        .help = "distance of the kernel's points: down,across"},
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

static mien_status parse(const mien_options *given, void *settings) {
    conv *c = settings;
    if (!mien_options_text(given, "kernel") || !mien_options_given(given, "out")) {
        return mien_fail(MIEN_EINVAL, "options out and kernel must be given");
    }
    c->out = mien_options_int(given, "out");
    c->groups = mien_options_int(given, "groups");
    c->bias = !strcmp(mien_options_text(given, "bias"), "yes");
    mien_status status = mien_op_pair(given, "kernel", 1, c->kernel);
    if (status == MIEN_OK) {
        status = mien_op_pair(given, "stride", 1, c->stride);
    }
    if (status == MIEN_OK) {
        status = mien_op_padding(given, "padding", c->padding);
    }
    if (status == MIEN_OK) {
        status = mien_op_pair(given, "dilation", 1, c->dilation);
    }
    return status;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const conv *c = node->settings;
    const mien_op_node *x = inputs[0];
    if (x->rank != 4) {
        return mien_fail(MIEN_ESHAPE, "it takes [N, C, H, W]");
    }
    if (x->shape[1] % c->groups || c->out % c->groups) {
        return mien_fail(MIEN_ESHAPE,
            "%lld groups do not divide %lld and %lld channels", (long long)c->groups,
            (long long)x->shape[1], (long long)c->out);
    }
    node->rank = 4;
    node->shape[0] = x->shape[0];
    node->shape[1] = c->out;
    for (int i = 0; i < 2; i++) {
        int64_t reach = (int64_t)(c->kernel[i] - 1) * c->dilation[i] + 1;
        int64_t room = x->shape[2 + i] + c->padding[i] + c->padding[2 + i] - reach;
        if (room < 0) {
            return mien_fail(MIEN_ESHAPE,
                "a kernel that reaches over %lld does not fit %s %lld with its padding",
                (long long)reach, i ? "width" : "height", (long long)x->shape[2 + i]);
        }
        node->shape[2 + i] = room / c->stride[i] + 1;
    }
    int64_t weight[4] = {c->out, x->shape[1] / c->groups, c->kernel[0], c->kernel[1]};
    int64_t fan_in = weight[1] * weight[2] * weight[3];
    mien_op_node_own(node, "weight", true, MIEN_INITIAL_ZERO, fan_in, 4, weight);
    if (c->bias) {
        mien_op_node_own(node, "bias", true, MIEN_INITIAL_ZERO, fan_in, 1, &c->out);
    }
    return MIEN_OK;
}

static double flops(
    const mien_op_node *node, const mien_op_node *const *inputs, int64_t batch) {
    const conv *c = node->settings;
    int64_t y[MIEN_RANK_MAX];
    mien_shape_of(node, batch, y);
    return 2.0 * (double)y[0] * (double)y[1] * (double)y[2] * (double)y[3] *
           (double)(inputs[0]->shape[1] / c->groups) * c->kernel[0] * c->kernel[1];
}

/* One point of y: channel o of group g at row h, column w. */
static double point(
    const mien_reference *r, int64_t n, int64_t o, int64_t h, int64_t w) {
    const conv *c = r->node->settings;
    const int64_t *xs = r->x_shape[0];
    int64_t in = xs[1] / c->groups, first = o / (c->out / c->groups) * in;
    double sum = c->bias ? (double)r->parameters[1][o] : 0;
    for (int64_t i = 0; i < in; i++) {
        for (int64_t kh = 0; kh < c->kernel[0]; kh++) {
            for (int64_t kw = 0; kw < c->kernel[1]; kw++) {
                int64_t row = h * c->stride[0] + kh * c->dilation[0] - c->padding[0];
                int64_t column = w * c->stride[1] + kw * c->dilation[1] - c->padding[1];
                if (row < 0 || row >= xs[2] || column < 0 || column >= xs[3]) {
                    continue;
                }
                int64_t k = ((o * in + i) * c->kernel[0] + kh) * c->kernel[1] + kw;
                int64_t at = ((n * xs[1] + first + i) * xs[2] + row) * xs[3] + column;
                sum += (double)r->parameters[0][k] * r->x[0][at];
            }
        }
    }
    return sum;
}

static void reference(const mien_reference *r) {
    const int64_t *ys = r->y_shape;
    double *y = r->y;
    for (int64_t n = 0; n < ys[0]; n++) {
        for (int64_t o = 0; o < ys[1]; o++) {
            for (int64_t h = 0; h < ys[2]; h++) {
                for (int64_t w = 0; w < ys[3]; w++) {
                    *y++ = point(r, n, o, h, w);
                }
            }
        }
    }
}

/* ---- plan -------------------------------------------------------------------------
 */

/* The settings from which a convolution is made; layouts are `any` until one is
 * asked for. */
typedef struct making {
    const conv *conv;
    const mien_group *group;
    dnnl_memory_desc_t src, weight, bias, dst;
    bool with_bias, in_place;
    int posts;
} making;

static void making_clear(making *m) {
    dnnl_memory_desc_destroy(m->src);
    dnnl_memory_desc_destroy(m->weight);
    dnnl_memory_desc_destroy(m->bias);
    dnnl_memory_desc_destroy(m->dst);
}

static mien_status making_init(mien_builder *b, const mien_group *group, making *m) {
    const mien_op_node *node = mien_builder_node(b, group->main);
    const conv *c = node->settings;
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    mien_builder_shape(b, node->inputs[0], x);
    mien_builder_shape(b, group->main, y);
    int64_t in = x[1] / c->groups, out = c->out / c->groups;
    int64_t grouped[] = {c->groups, out, in, c->kernel[0], c->kernel[1]};
    bool one = c->groups == 1;
    m->conv = c;
    m->group = group;
    m->with_bias = c->bias || group->norm >= 0;
    m->posts = mien_builder_fusable(b, group, &m->in_place);
    mien_status status = mien_md_any(&m->src, 4, x);
    if (status == MIEN_OK) {
        status = mien_md_any(&m->dst, 4, y);
    }
    if (status == MIEN_OK) {
        status = mien_md_any(&m->weight, one ? 4 : 5, grouped + one);
    }
    if (status == MIEN_OK) {
        status = mien_md_plain(&m->bias, 1, &c->out);
    }
    return status;
}

static mien_status describe(
    mien_builder *b, const making *m, dnnl_primitive_desc_t *pd) {
    const conv *c = m->conv;
    dnnl_dims_t strides = {c->stride[0], c->stride[1]};
    dnnl_dims_t dilates = {c->dilation[0] - 1, c->dilation[1] - 1};
    dnnl_dims_t before = {c->padding[0], c->padding[1]};
    dnnl_dims_t after = {c->padding[2], c->padding[3]};
    dnnl_primitive_attr_t attr = NULL;
    mien_status status = mien_builder_attr(b, m->group, m->posts, m->in_place, &attr);
    if (status != MIEN_OK) {
        return status;
    }
    status = MIEN_DNNL(dnnl_convolution_forward_primitive_desc_create(pd,
        b->plan->engine, dnnl_forward_inference, dnnl_convolution_direct, m->src,
        m->weight, m->with_bias ? m->bias : NULL, m->dst, strides, dilates, before,
        after, attr));
    dnnl_primitive_attr_destroy(attr);
    return status;
}

/* With as many posts as can be fused without falling to slow code. */
static mien_status choose(mien_builder *b, making *m, dnnl_primitive_desc_t *pd) {
    mien_status status = describe(b, m, pd);
    if (!m->posts || (status == MIEN_OK && !mien_pd_is_reference(*pd))) {
        return status;
    }
    making bare = *m;
    dnnl_primitive_desc_t alone = NULL;
    bare.posts = 0;
    bare.in_place = false;
    mien_status again = describe(b, &bare, &alone);
    if (status == MIEN_OK && (again != MIEN_OK || mien_pd_is_reference(alone))) {
        dnnl_primitive_desc_destroy(alone);
        return MIEN_OK;
    }
    if (status == MIEN_OK) {
        dnnl_primitive_desc_destroy(*pd);
    }
    *m = bare;
    *pd = alone;
    return again;
}

/* Where AVX2 is the widest, the older kernels for 1×1 and depthwise convolutions beat
 * those that the library (3.2) prefers, by 5 and by 20 %. Looks for them in the same
 * layout. */
static void prefer(dnnl_primitive_desc_t *pd, mien_builder *b, const making *m) {
    static const char *const better[][2] = {
        {"brgconv_1x1:avx2", "jit_1x1:avx2"}, {"brdgmm_dw:avx2", "jit_dw:avx2"}};
    for (int i = 0; i < 2; i++) {
        dnnl_primitive_desc_t other = NULL;
        if (strcmp(mien_pd_name(*pd), better[i][0]) != 0 ||
            describe(b, m, &other) != MIEN_OK) {
            continue;
        }
        do {
            if (!strcmp(mien_pd_name(other), better[i][1])) {
                dnnl_primitive_desc_destroy(*pd);
                *pd = other;
                return;
            }
        } while (dnnl_primitive_desc_next_impl(other) == dnnl_success);
        dnnl_primitive_desc_destroy(other);
    }
}

bool mien_conv2d_is_fast(const_dnnl_primitive_desc_t pd) {
    const char *name = mien_pd_name(pd);
    return !mien_pd_is_reference(pd) && !strstr(name, "gemm:") &&
           !strstr(name, "sse41");
}

/* Asks for channels last throughout: one layout from end to end needs no reorders.
 * Keeps *pd as it is where that has no fast kernel. */
static mien_status use_channels_last(
    mien_builder *b, making *m, dnnl_primitive_desc_t *pd) {
    making last = *m;
    dnnl_primitive_desc_t other = NULL;
    last.src = last.dst = NULL;
    mien_status status = mien_md_channels_last(&last.src, mien_md_dims(m->src));
    if (status == MIEN_OK) {
        status = mien_md_channels_last(&last.dst, mien_md_dims(m->dst));
    }
    if (status == MIEN_OK && describe(b, &last, &other) == MIEN_OK) {
        prefer(&other, b, &last);
        if (mien_conv2d_is_fast(other)) {
            dnnl_primitive_desc_destroy(*pd);
            *pd = other;
            other = NULL;
        }
    }
    dnnl_primitive_desc_destroy(other);
    dnnl_memory_desc_destroy(last.src);
    dnnl_memory_desc_destroy(last.dst);
    return status;
}

static mien_status add_step(
    mien_builder *b, const making *m, dnnl_primitive_desc_t pd) {
    const mien_group *group = m->group;
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

static mien_status prepare(mien_builder *b, const mien_group *group) {
    if (group->second) {
        return mien_conv2d_pair_prepare(b, group);
    }
    const mien_group *norm = mien_depth_norm_of(b, group);
    if (norm) {
        return mien_depth_norm_prepare(b, group, norm);
    }
    making m = {0};
    dnnl_primitive_desc_t pd = NULL;
    bool done = false;
    mien_status status = mien_conv2d_first_prepare(b, group, &done);
    if (status != MIEN_OK || done) {
        return status;
    }
    status = making_init(b, group, &m);
    if (status == MIEN_OK) {
        status = choose(b, &m, &pd);
    }
    if (status == MIEN_OK && b->plan->channels_last) {
        status = use_channels_last(b, &m, &pd);
    }
    if (status == MIEN_OK) {
        const conv *c = m.conv;
        const mien_conv_thin_settings thin = {
            2, c->kernel, c->stride, c->dilation, c->padding, c->groups, c->bias};
        status = mien_conv_thin_step(
            b, group, &thin, mien_pd_md(pd, dnnl_query_dst_md), &done);
    }
    if (status == MIEN_OK && !done) {
        status = mien_conv2d_winograd(b, group, mien_pd_md(pd, dnnl_query_src_md),
            mien_pd_md(pd, dnnl_query_dst_md), &done);
    }
    if (status == MIEN_OK && !done) {
        status = add_step(b, &m, pd);
    } else {
        dnnl_primitive_desc_destroy(pd);
    }
    making_clear(&m);
    return status;
}

mien_status mien_plan_probe(mien_plan *plan) {
    const int64_t x[4] = {1, 64, 56, 56}, w[4] = {64, 64, 3, 3};
    dnnl_dims_t ones = {1, 1}, none = {0, 0};
    dnnl_memory_desc_t src = NULL, weight = NULL;
    dnnl_primitive_desc_t pd = NULL;
    mien_status status = mien_md_any(&src, 4, x);
    if (status == MIEN_OK) {
        status = mien_md_any(&weight, 4, w);
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_convolution_forward_primitive_desc_create(&pd,
            plan->engine, dnnl_forward_inference, dnnl_convolution_direct, src, weight,
            NULL, src, ones, none, ones, ones, NULL));
    }
    if (status == MIEN_OK) {
        plan->channels_last =
            mien_md_is_channels_last(mien_pd_md(pd, dnnl_query_dst_md));
    }
    dnnl_primitive_desc_destroy(pd);
    dnnl_memory_desc_destroy(weight);
    dnnl_memory_desc_destroy(src);
    return status;
}

const mien_op mien_op_conv2d = {
    .name = "conv2d",
    .summary = "Two-dimensional convolution",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_FOLDS | MIEN_PART_ACTIVATES | MIEN_PART_SUMS | MIEN_PART_NEEDS_X,
    .settings_size = sizeof(conv),
    .parse = parse,
    .shape = shape,
    .flops = flops,
    .joins = mien_conv2d_joins,
    .prepare = prepare,
    .backward = mien_conv2d_backward,
    .reference = reference,
};

mien_conv2d_options mien_conv2d_options_of(
    int64_t out_channels, int kernel, int stride, int padding) {
    return (mien_conv2d_options){.out_channels = out_channels,
        .kernel = {kernel, kernel},
        .stride = {stride, stride},
        .padding = {padding, padding, padding, padding},
        .dilation = {1, 1},
        .groups = 1,
        .bias = true};
}

mien_status mien_conv2d(mien_graph *graph, const char *name, mien_node x,
    const mien_conv2d_options *o, mien_node *y) {
    MIEN_NEED(graph, name, o, y);
    char text[256];
    snprintf(text, sizeof text,
        "out=%lld kernel=%d,%d stride=%d,%d padding=%d,%d,%d,%d dilation=%d,%d "
        "groups=%lld bias=%s",
        (long long)o->out_channels, o->kernel[0], o->kernel[1], o->stride[0],
        o->stride[1], o->padding[0], o->padding[1], o->padding[2], o->padding[3],
        o->dilation[0], o->dilation[1], (long long)o->groups, o->bias ? "yes" : "no");
    return mien_graph_add(graph, "conv2d", name, &x, 1, text, y);
}
