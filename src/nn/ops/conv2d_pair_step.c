/* SPDX-License-Identifier: MIT */
/* Pairs of convolutions, and first ones, of a plan: which, and as what step. Called by
 * op_conv2d.c. */
#include <math.h>
#include <string.h>

#include "nn/ops/conv2d.h"
#include "nn/kernels/conv2d_pair.h"
#include "nn/ops/pool.h"

/* A step of its own settings. */
typedef struct settings {
    const mien_conv2d_pair_kernels *kernels;
    mien_conv2d_pair pair;
} settings;

/* A square kernel, padded by `padding` on all sides. */
static bool is_square(const mien_conv2d_settings *c, int padding) {
    bool good = true;
    for (int i = 0; i < 2; i++) {
        good = good && c->kernel[i] == c->kernel[0] && c->stride[i] == c->stride[0] &&
               c->dilation[i] == 1 && c->padding[i] == padding &&
               c->padding[2 + i] == padding;
    }
    return good;
}

static bool is_pair(const mien_op_node *node, const mien_op_node *next) {
    if (node->op != next->op || !mien_conv2d_pair_best()) {
        return false;
    }
    const mien_conv2d_settings *point = node->settings, *filter = next->settings;
    const int size = filter->kernel[0], step = filter->stride[0];
    return is_square(point, 0) && point->kernel[0] == 1 && point->stride[0] == 1 &&
           point->groups == 1 && is_square(filter, size / 2) &&
           (size == 3 || size == 5) && (step == 1 || step == 2) &&
           filter->groups == point->out && filter->out == point->out &&
           point->out % MIEN_CONV2D_PAIR_CHANNELS == 0;
}

/* What an activation does, as the loops have it; whether they have it. */
static bool is_after(const mien_op_node *n, mien_conv2d_pair_after *after) {
    const mien_eltwise e = n->op->eltwise(n);
    const bool clips = e.algorithm == dnnl_eltwise_clip_v2;
    *after = (mien_conv2d_pair_after){.form = MIEN_CONV2D_PAIR_CLAMP,
        .least = clips ? e.alpha : 0,
        .most = clips ? e.beta : INFINITY};
    if (e.algorithm == dnnl_eltwise_swish && e.alpha == 1) {
        after->form = MIEN_CONV2D_PAIR_SILU;
        return true;
    }
    if (e.algorithm == dnnl_eltwise_hardswish && e.alpha == 1.0F / 6 &&
        e.beta == 0.5F) {
        after->form = MIEN_CONV2D_PAIR_HARDSWISH;
        return true;
    }
    return clips || (e.algorithm == dnnl_eltwise_relu && e.alpha == 0);
}

static bool is_halving(const mien_op_node *n) {
    const mien_pooling_settings *s = n->settings;
    bool good = strcmp(n->op->name, "max_pool2d") == 0;
    for (int i = 0; good && i < 2; i++) {
        good = s->kernel[i] == 2 && s->stride[i] == 2 && !s->padding[i] &&
               !s->padding[2 + i];
    }
    return good && !s->ceil;
}

/* Whether the posts of a group from `first` on are at most one activation that the
 * loops have. */
static bool is_simple(
    const mien_graph *graph, const mien_group *group, int first, bool clamps) {
    mien_conv2d_pair_after after;
    if (group->posts_count == first) {
        return true;
    }
    const mien_post *post = &group->posts[first];
    return group->posts_count == first + 1 && post->other < 0 &&
           is_after(graph->nodes[post->node], &after) &&
           (!clamps || after.form == MIEN_CONV2D_PAIR_CLAMP);
}

bool mien_conv2d_joins(
    const mien_graph *graph, const mien_group *group, const mien_op_node *next) {
    const mien_op_node *main = graph->nodes[group->main];
    const mien_op_node *second = graph->nodes[group->second];
    if (!group->second) {
        return is_pair(main, next) && is_simple(graph, group, 0, false);
    }
    const mien_conv2d_settings *filter = second->settings;
    return !group->third && is_halving(next) && filter->kernel[0] == 3 &&
           filter->stride[0] == 1 && main->shape[2] % 2 == 0 &&
           main->shape[3] % 2 == 0 && is_simple(graph, group, group->between, true);
}

static void run(const mien_step *step) {
    const settings *s = step->settings;
    mien_conv2d_pair_run(s->kernels, &s->pair,
        &(mien_conv2d_pair_data){.x = mien_step_data(step, DNNL_ARG_SRC),
            .point = mien_step_data(step, DNNL_ARG_WEIGHTS),
            .point_bias = mien_step_data(step, DNNL_ARG_BIAS),
            .filter = mien_step_data(step, DNNL_ARG_ATTR_POST_OP_DW | DNNL_ARG_WEIGHTS),
            .filter_bias =
                mien_step_data(step, DNNL_ARG_ATTR_POST_OP_DW | DNNL_ARG_BIAS),
            .scratch = mien_step_data(step, DNNL_ARG_SCRATCHPAD),
            .y = mien_step_data(step, DNNL_ARG_DST)});
}

/* Takes a post where it is an activation that the loops have; gives how many it took.
 */
static int take_post(const mien_builder *b, const mien_group *group, int at,
    mien_conv2d_pair_after *after) {
    mien_conv2d_pair_after found;
    const bool there = group->posts_count > at && group->posts[at].other < 0 &&
                       is_after(mien_builder_node(b, group->posts[at].node), &found);
    *after = there ? found : (mien_conv2d_pair_after){.form = MIEN_CONV2D_PAIR_PLAIN};
    return there;
}

/* Weights of the layout, and bias, of a convolution. */
static mien_status pack_as(mien_builder *b, mien_step *step, const mien_op_node *n,
    const mien_op_node *norm, int role, const_dnnl_memory_desc_t md) {
    dnnl_memory_t weight = NULL, bias = NULL;
    mien_status status =
        mien_builder_packed(b, n, norm, MIEN_PACKED_WEIGHT, "weight", md, &weight);
    if (status == MIEN_OK) {
        status = mien_builder_bias(
            b, n, norm, ((const mien_conv2d_settings *)n->settings)->out, &bias);
    }
    if (status == MIEN_OK) {
        mien_step_memory(step, role | DNNL_ARG_WEIGHTS, weight);
        mien_step_memory(step, role | DNNL_ARG_BIAS, bias);
    }
    return status;
}

/* Channels of the result last, in blocks. */
static mien_status pack_blocks(mien_builder *b, mien_step *step, const mien_op_node *n,
    const mien_conv2d_pair *p, int role) {
    const bool narrow = mien_conv2d_pair_place(p) == 16;
    dnnl_dims_t shape = {0};
    memcpy(shape, n->parameters[0].shape, 4 * sizeof *shape);
    dnnl_memory_desc_t md = NULL;
    mien_status status = MIEN_DNNL(dnnl_memory_desc_create_with_tag(
        &md, 4, shape, dnnl_f32, narrow ? dnnl_Acdb16a : dnnl_Acdb64a));
    if (status == MIEN_OK) {
        status = pack_as(b, step, n, NULL, role, md);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

/* Channels of the result last. */
static mien_status pack(
    mien_builder *b, mien_step *step, const mien_op_node *n, const mien_op_node *norm) {
    const mien_conv2d_settings *c = n->settings;
    dnnl_dims_t shape = {0};
    memcpy(shape, n->parameters[0].shape, 4 * sizeof *shape);
    dnnl_dims_t strides = {1, shape[2] * shape[3] * c->out, shape[3] * c->out, c->out};
    dnnl_memory_desc_t md = NULL;
    mien_status status = MIEN_DNNL(
        dnnl_memory_desc_create_with_strides(&md, 4, shape, dnnl_f32, strides));
    if (status == MIEN_OK) {
        status = pack_as(b, step, n, norm, 0, md);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

mien_status mien_conv2d_pair_prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *point = mien_builder_node(b, group->main);
    settings *s = mien_arena_alloc(b->program->arena, 1, sizeof *s);
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    dnnl_memory_desc_t from_md = NULL, to_md = NULL;
    mien_value_ref from, to;
    mien_step *step = NULL;
    int posts = 0;
    mien_builder_shape(b, point->inputs[0], x);
    mien_builder_shape(b, group->last, y);
    const mien_conv2d_settings *filter = mien_builder_node(b, group->second)->settings;
    mien_status status = s ? mien_md_channels_last(&from_md, x) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        s->kernels = mien_conv2d_pair_best();
        s->pair = (mien_conv2d_pair){.pictures = x[0],
            .height = x[2],
            .width = x[3],
            .in = x[1],
            .out = y[1],
            .kernel = filter->kernel[0],
            .stride = filter->stride[0],
            .halves = group->third != 0,
            .threads = b->plan->threads};
        if (group->between) {
            take_post(b, group, 0, &s->pair.between);
        }
        posts = group->between + take_post(b, group, group->between, &s->pair.after);
        status = mien_md_channels_last(&to_md, y);
    }
    if (status == MIEN_OK) {
        status = mien_builder_as(b, point->inputs[0], from_md, &from);
    }
    if (status == MIEN_OK) {
        status = mien_builder_target(b, group, posts, false, to_md, &to);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->second);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        step->run = run;
        step->settings = s;
        status = pack_blocks(b, step, point, &s->pair, 0);
    }
    if (status == MIEN_OK) {
        status = pack_blocks(b, step, mien_builder_node(b, group->second), &s->pair,
            DNNL_ARG_ATTR_POST_OP_DW);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status == MIEN_OK) {
        status = mien_step_scratch(b, step, mien_conv2d_pair_scratch(&s->pair));
    }
    dnnl_memory_desc_destroy(to_md);
    dnnl_memory_desc_destroy(from_md);
    return status == MIEN_OK ? mien_builder_finish(b, group, posts, to) : status;
}

/* ---- first convolutions -------------------------------------------------------------
 */

typedef struct first_settings {
    const mien_conv2d_pair_kernels *kernels;
    mien_conv2d_first first;
} first_settings;

static void run_first(const mien_step *step) {
    const first_settings *s = step->settings;
    mien_conv2d_first_run(s->kernels, &s->first,
        &(mien_conv2d_first_data){.x = mien_step_data(step, DNNL_ARG_SRC),
            .weight = mien_step_data(step, DNNL_ARG_WEIGHTS),
            .bias = mien_step_data(step, DNNL_ARG_BIAS),
            .scratch = mien_step_data(step, DNNL_ARG_SCRATCHPAD),
            .y = mien_step_data(step, DNNL_ARG_DST)});
}

/* Planes of up to four channels into sixteen. Of more than sixteen the maths library
 * does as well, but for its activations with an exponential. */
static bool is_first(const mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_conv2d_settings *c = n->settings;
    mien_conv2d_pair_after after;
    take_post(b, group, 0, &after);
    const int64_t most = after.form == MIEN_CONV2D_PAIR_SILU
                             ? 2 * MIEN_CONV2D_PAIR_CHANNELS
                             : MIEN_CONV2D_PAIR_CHANNELS;
    bool good = b->plan->mode == MIEN_INFER && b->plan->channels_last &&
                mien_conv2d_pair_best() && c->groups == 1 &&
                c->out % MIEN_CONV2D_PAIR_CHANNELS == 0 && c->out <= most &&
                mien_builder_node(b, n->inputs[0])->shape[1] <= MIEN_CONV2D_FIRST_IN &&
                mien_md_is_plain(mien_builder_value(b, n->inputs[0]).md);
    for (int i = 0; i < 2; i++) {
        good = good && c->kernel[i] == 3 && c->stride[i] == 2 && c->dilation[i] == 1 &&
               c->padding[i] == 1 && c->padding[2 + i] == 1;
    }
    return good;
}

static mien_status add_first(
    mien_builder *b, const mien_group *group, first_settings *s) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_op_node *norm =
        group->norm < 0 ? NULL : mien_builder_node(b, group->norm);
    int64_t y[MIEN_RANK_MAX];
    dnnl_memory_desc_t md = NULL;
    mien_value_ref to;
    mien_builder_shape(b, group->main, y);
    const int posts = take_post(b, group, 0, &s->first.after);
    mien_step *step = NULL;
    mien_status status = mien_md_channels_last(&md, y);
    if (status == MIEN_OK) {
        status = mien_builder_target(b, group, posts, false, md, &to);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(
                            b, step, DNNL_ARG_SRC, mien_builder_value(b, n->inputs[0]))
                      : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        step->run = run_first;
        step->settings = s;
        status = pack(b, step, n, norm);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status == MIEN_OK) {
        status = mien_step_scratch(b, step, mien_conv2d_first_scratch(&s->first));
    }
    dnnl_memory_desc_destroy(md);
    return status == MIEN_OK ? mien_builder_finish(b, group, posts, to) : status;
}

mien_status mien_conv2d_first_prepare(
    mien_builder *b, const mien_group *group, bool *done) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    *done = is_first(b, group);
    if (!*done) {
        return MIEN_OK;
    }
    int64_t x[MIEN_RANK_MAX];
    first_settings *s = mien_arena_alloc(b->program->arena, 1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    mien_builder_shape(b, n->inputs[0], x);
    s->kernels = mien_conv2d_pair_best();
    s->first = (mien_conv2d_first){.pictures = x[0],
        .in = x[1],
        .height = x[2],
        .width = x[3],
        .out = n->shape[1],
        .threads = b->plan->threads};
    return add_first(b, group, s);
}
