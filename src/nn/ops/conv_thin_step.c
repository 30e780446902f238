/* SPDX-License-Identifier: MIT */
/* Convolutions of few channels as steps of a plan that infers. */
#include "nn/ops/conv_thin_step.h"

#include <math.h>

#include "nn/kernels/conv_thin.h"
#include "nn/ops/winograd_step.h"

/* With more channels the library's own kernels fill their vectors. */
#define CHANNELS_MOST 8
/* Multiplications of one value of y from which on copying x does not count. */
#define WORK_LEAST 200
static void run_step(const mien_step *step) {
    mien_conv_thin_run(step->settings, mien_step_data(step, DNNL_ARG_SRC),
        mien_step_data(step, DNNL_ARG_WEIGHTS), mien_step_data(step, DNNL_ARG_BIAS),
        mien_step_data(step, DNNL_ARG_SCRATCHPAD), mien_step_data(step, DNNL_ARG_DST));
}

/* The step's parts, layouts chosen. */
static mien_status add_step(mien_builder *b, const mien_group *group, mien_conv_thin *c,
    bool with_bias, const_dnnl_memory_desc_t dst) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_op_node *norm =
        group->norm < 0 ? NULL : mien_builder_node(b, group->norm);
    const int64_t count = mien_conv_thin_weight_count(c);
    mien_value_ref from, to;
    dnnl_memory_desc_t md = NULL;
    dnnl_memory_t weight = NULL, bias = NULL;
    mien_step *step = NULL;
    mien_status status = mien_builder_plain(b, n->inputs[0], &from);
    status = status
                 ? status
                 : mien_builder_target(b, group, group->posts_count, false, dst, &to);
    status = status ? status : mien_md_plain(&md, 1, &count);
    status = status ? status
                    : mien_builder_packed(
                          b, n, norm, MIEN_PACKED_THIN, "weight", md, &weight);
    if (status == MIEN_OK && with_bias) {
        status = mien_builder_bias(b, n, norm, c->out, &bias);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        step->run = run_step;
        step->settings = c;
        mien_step_memory(step, DNNL_ARG_WEIGHTS, weight);
        if (bias) {
            mien_step_memory(step, DNNL_ARG_BIAS, bias);
        }
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status == MIEN_OK) {
        status = mien_step_scratch(b, step, mien_conv_thin_scratch_count(c));
    }
    dnnl_memory_desc_destroy(md);
    return status == MIEN_OK ? mien_builder_finish(b, group, group->posts_count, to)
                             : status;
}

/* Whether the layer is one of few channels and a large kernel that infers. */
static bool suits(
    const mien_builder *b, const mien_op_node *n, const mien_conv_thin_settings *s) {
    const int64_t in = mien_builder_node(b, n->inputs[0])->shape[1];
    int64_t work = in;
    bool good = s->groups == 1 && in <= CHANNELS_MOST && b->plan->mode == MIEN_INFER;
    for (int d = 0; d < s->dims; d++) {
        good &= s->dilation[d] == 1;
        work *= s->kernel[d];
    }
    return good && work >= WORK_LEAST && n->shape[1] % MIEN_WINOGRAD_CHANNELS == 0;
}

mien_status mien_conv_thin_step(mien_builder *b, const mien_group *group,
    const mien_conv_thin_settings *s, const_dnnl_memory_desc_t dst, bool *done) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_winograd posts = {.slope = 1, .most = INFINITY};
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    *done = false;
    if (!suits(b, n, s) || !mien_winograd_posts(b, group, &posts) || posts.sums ||
        !mien_winograd_layout_of(dst, &posts.y)) {
        return MIEN_OK;
    }
    mien_conv_thin *c = mien_arena_alloc(b->program->arena, 1, sizeof *c);
    if (!c) {
        return MIEN_ENOMEM;
    }
    mien_builder_shape(b, n->inputs[0], x);
    mien_shape_of(n, b->program->batch, y);
    *c = (mien_conv_thin){.films = x[0],
        .in = x[1],
        .out = y[1],
        .after = posts,
        .threads = b->plan->threads};
    for (int d = 0; d < 3; d++) {
        const int k = d - 3 + s->dims;
        c->x[d] = k < 0 ? 1 : x[2 + k];
        c->y[d] = k < 0 ? 1 : y[2 + k];
        c->kernel[d] = k < 0 ? 1 : s->kernel[k];
        c->stride[d] = k < 0 ? 1 : s->stride[k];
        c->before[d] = k < 0 ? 0 : s->before[k];
    }
    c->after.out = c->out;
    c->to_frame = c->after.y.row * c->y[1];
    mien_conv_thin_init(c);
    *done = true;
    return add_step(b, group, c, s->bias || group->norm >= 0, dst);
}
