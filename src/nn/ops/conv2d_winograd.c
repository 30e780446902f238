/* SPDX-License-Identifier: MIT */
/* Convolutions of a plan that run by Winograd's algorithm: which, and as what step. */
#include "nn/ops/conv2d.h"

#include <math.h>

#include "nn/ops/gradient.h"
#include "nn/kernels/winograd.h"

/* Transformed weights take four times the memory of plain ones and are read once a run:
 * with fewer pixels than this to work on, reading them takes longer than is won. */
#define PIXELS_LEAST 128
/* Tiles that one thread takes through all three steps while they are in its cache. */
#define TILES_OWN 48
#define TILES_SHARED 192
/* From this many channels on a side, threads had better read weights once between them.
 */
#define CHANNELS_SHARED 512

static bool layout_of(const_dnnl_memory_desc_t md, mien_winograd_layout *layout) {
    const int64_t *dims = mien_md_dims(md);
    int64_t area = dims[2] * dims[3], block = mien_md_channel_block(md);
    if (block) {
        int64_t slabs = (dims[1] + block - 1) / block;
        *layout = (mien_winograd_layout){.block = block,
            .image = slabs * block * area,
            .slab = block * area,
            .row = block * dims[3],
            .pixel = block};
        return true;
    }
    *layout = (mien_winograd_layout){.block = dims[1],
        .image = dims[1] * area,
        .slab = dims[1],
        .row = dims[1] * dims[3],
        .pixel = dims[1]};
    return mien_md_is_channels_last(md);
}

/* What the step does after the convolution; false where it cannot do what the group
 * asks. At most one sum, then at most one activation that is linear on each side of 0.
 */
static bool take_posts(
    const mien_builder *b, const mien_group *group, mien_winograd *w) {
    int i = 0;
    if (i < group->posts_count && group->posts[i].other >= 0) {
        w->sums = true;
        i++;
    }
    if (i < group->posts_count && group->posts[i].other < 0) {
        const mien_op_node *n = mien_builder_node(b, group->posts[i].node);
        mien_eltwise e = n->op->eltwise(n);
        if (e.algorithm == dnnl_eltwise_relu) {
            w->slope = e.alpha;
        } else if (e.algorithm == dnnl_eltwise_clip_v2 && e.alpha == 0) {
            w->slope = 0;
            w->most = e.beta;
        } else {
            return false;
        }
        i++;
    }
    return i == group->posts_count;
}

static void schedule(mien_winograd *w) {
    int64_t tiles = w->pictures * ((w->y_height + 3) / 4) * ((w->y_width + 3) / 4);
    w->together =
        w->threads > 1 && (tiles < TILES_OWN * w->threads || w->in >= CHANNELS_SHARED ||
                              w->out >= CHANNELS_SHARED);
    w->tiles_at_once = w->together ? TILES_SHARED : TILES_OWN;
}

/* The convolution itself, before layouts. */
static mien_winograd problem_of(const mien_builder *b, const mien_op_node *n) {
    const mien_conv2d_settings *c = n->settings;
    int64_t x[MIEN_RANK_MAX], y[MIEN_RANK_MAX];
    mien_builder_shape(b, n->inputs[0], x);
    mien_shape_of(n, b->program->batch, y);
    return (mien_winograd){.pictures = x[0],
        .in = x[1],
        .out = y[1],
        .x_height = x[2],
        .x_width = x[3],
        .y_height = y[2],
        .y_width = y[3],
        .top = c->padding[0],
        .left = c->padding[1],
        .slope = 1,
        .most = INFINITY,
        .threads = b->plan->threads};
}

/* Whether the convolution can run this way, and pays by the rule above: shapes alone
 * decide, never a measurement, so that the same network gives the same bits each time.
 */
static bool suits(const mien_builder *b, const mien_op_node *n) {
    const mien_conv2d_settings *c = n->settings;
    int64_t in = mien_builder_node(b, n->inputs[0])->shape[1];
    bool plain = c->groups == 1 && !b->plan->exact;
    for (int i = 0; i < 2; i++) {
        plain &= c->kernel[i] == 3 && c->stride[i] == 1 && c->dilation[i] == 1;
    }
    return plain && in % MIEN_WINOGRAD_CHANNELS == 0 &&
           c->out % MIEN_WINOGRAD_CHANNELS == 0 &&
           b->plan->batch * n->shape[2] * n->shape[3] >= PIXELS_LEAST;
}

/* The step's settings, and what it adds in which argument. */
typedef struct settings {
    mien_winograd winograd;
    bool in_place; /* the addend is y itself */
} settings;

static settings *settings_of(mien_builder *b, const mien_winograd *w) {
    settings *s = mien_arena_alloc(b->program->arena, 1, sizeof *s);
    if (s) {
        s->winograd = *w;
    }
    return s;
}

static void run(const mien_step *step) {
    const settings *s = step->settings;
    float *y = mien_step_data(step, DNNL_ARG_DST);
    const float *addend = !s->winograd.sums ? NULL
                          : s->in_place     ? y
                                            : mien_step_data(step, DNNL_ARG_SRC_1);
    mien_winograd_run(&s->winograd, mien_step_data(step, DNNL_ARG_SRC),
        mien_step_data(step, DNNL_ARG_WEIGHTS), mien_step_data(step, DNNL_ARG_BIAS),
        addend, mien_step_data(step, DNNL_ARG_SCRATCHPAD), y);
}

/* The transformed weights of a convolution. */
static mien_status pack(mien_builder *b, const mien_op_node *n,
    const mien_op_node *norm, const mien_winograd *w, mien_packed_kind kind,
    dnnl_memory_t *out) {
    int64_t count = mien_winograd_weight_count(w);
    dnnl_memory_desc_t md = NULL;
    mien_status status = mien_md_plain(&md, 1, &count);
    if (status == MIEN_OK) {
        status = mien_builder_packed(b, n, norm, kind, "weight", md, out);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

/* Where the sum's other operand is, in y's layout, and where the result goes. */
static mien_status place(mien_builder *b, const mien_group *group, settings *s,
    const_dnnl_memory_desc_t dst, mien_value_ref *addend, mien_value_ref *to) {
    mien_status status = MIEN_OK;
    mien_builder_fusable(b, group, &s->in_place);
    if (s->winograd.sums) {
        status = mien_builder_as(b, group->posts[0].other, dst, addend);
    }
    return status == MIEN_OK
               ? mien_builder_target(b, group, group->posts_count, s->in_place, dst, to)
               : status;
}

static mien_status add_step(mien_builder *b, const mien_group *group, settings *s,
    const_dnnl_memory_desc_t src, const_dnnl_memory_desc_t dst) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_op_node *norm =
        group->norm < 0 ? NULL : mien_builder_node(b, group->norm);
    bool with_bias = ((const mien_conv2d_settings *)n->settings)->bias || norm;
    mien_value_ref from, addend = {-1, NULL}, to;
    dnnl_memory_t weight = NULL, bias = NULL;
    mien_step *step = NULL;
    mien_status status = mien_builder_as(b, n->inputs[0], src, &from);
    if (status == MIEN_OK) {
        status = place(b, group, s, dst, &addend, &to);
    }
    if (status == MIEN_OK) {
        status = pack(b, n, norm, &s->winograd, MIEN_PACKED_WINOGRAD, &weight);
    }
    if (status == MIEN_OK && with_bias) {
        status = mien_builder_bias(b, n, norm, s->winograd.out, &bias);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        step->run = run;
        step->settings = s;
        mien_step_memory(step, DNNL_ARG_WEIGHTS, weight);
        if (bias) {
            mien_step_memory(step, DNNL_ARG_BIAS, bias);
        }
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status == MIEN_OK && s->winograd.sums && !s->in_place) {
        status = mien_step_value(b, step, DNNL_ARG_SRC_1, addend);
    }
    if (status == MIEN_OK) {
        status = mien_step_scratch(b, step, mien_winograd_scratch_count(&s->winograd));
    }
    return status == MIEN_OK ? mien_builder_finish(b, group, group->posts_count, to)
                             : status;
}

mien_status mien_conv2d_winograd(mien_builder *b, const mien_group *group,
    const_dnnl_memory_desc_t src, const_dnnl_memory_desc_t dst, bool *done) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_winograd w = problem_of(b, n);
    *done = false;
    if (!suits(b, n) || !take_posts(b, group, &w) || !layout_of(src, &w.x) ||
        !layout_of(dst, &w.y)) {
        return MIEN_OK;
    }
    schedule(&w);
    mien_winograd_init(&w);
    settings *s = settings_of(b, &w);
    *done = true;
    return s ? add_step(b, group, s, src, dst) : MIEN_ENOMEM;
}

/* ---- gradients
 * ------------------------------------------------------------------------ */

bool mien_conv2d_winograd_suits(const mien_builder *b, const mien_op_node *node,
    mien_conv2d_part part, const_dnnl_memory_desc_t x, const_dnnl_memory_desc_t y) {
    const mien_conv2d_settings *c = node->settings;
    mien_winograd_layout layout;
    bool good = suits(b, node) && layout_of(x, &layout) && layout_of(y, &layout);
    for (int i = 0; part == MIEN_CONV2D_INPUT && i < 4; i++) {
        good &= c->padding[i] <= 2; /* the gradient is padded by 2 less these */
    }
    return good;
}

/* The gradient of the input is the convolution of dy with the weights turned around. */
mien_status mien_conv2d_winograd_input(mien_builder *b, mien_node node,
    mien_value_ref dy, const_dnnl_memory_desc_t x, mien_value_ref *dx) {
    const mien_op_node *n = mien_builder_node(b, node);
    mien_winograd f = problem_of(b, n), w = f;
    dnnl_memory_t weight = NULL;
    mien_step *step = NULL;
    w.in = f.out;
    w.out = f.in;
    w.x_height = f.y_height;
    w.x_width = f.y_width;
    w.y_height = f.x_height;
    w.y_width = f.x_width;
    w.top = 2 - f.top;
    w.left = 2 - f.left;
    if (!layout_of(dy.md, &w.x) || !layout_of(x, &w.y)) {
        return mien_fail(MIEN_EINTERNAL, "no layout for Winograd");
    }
    schedule(&w);
    mien_winograd_init(&w);
    settings *s = settings_of(b, &w);
    mien_status status = s ? mien_builder_new(b, -1, x, dx) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = pack(b, n, NULL, &w, MIEN_PACKED_WINOGRAD_BACK, &weight);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, node);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, dy) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        step->run = run;
        step->settings = s;
        mien_step_memory(step, DNNL_ARG_WEIGHTS, weight);
        status = mien_step_value(b, step, DNNL_ARG_DST, *dx);
    }
    return status == MIEN_OK
               ? mien_step_scratch(b, step, mien_winograd_scratch_count(&w))
               : status;
}

static void run_weights(const mien_step *step) {
    const settings *s = step->settings;
    mien_winograd_weight_gradient(&s->winograd, mien_step_data(step, DNNL_ARG_SRC),
        mien_step_data(step, DNNL_ARG_DIFF_DST),
        mien_step_data(step, DNNL_ARG_SCRATCHPAD),
        mien_step_data(step, DNNL_ARG_DIFF_WEIGHTS),
        mien_step_data(step, DNNL_ARG_DIFF_BIAS));
}

mien_status mien_conv2d_winograd_weights(
    mien_builder *b, mien_node node, mien_value_ref x, mien_value_ref dy) {
    const mien_op_node *n = mien_builder_node(b, node);
    mien_winograd w = problem_of(b, n);
    dnnl_memory_t weight = NULL, bias = NULL;
    mien_step *step = NULL;
    if (!layout_of(x.md, &w.x) || !layout_of(dy.md, &w.y)) {
        return mien_fail(MIEN_EINTERNAL, "no layout for Winograd");
    }
    mien_winograd_init(&w);
    settings *s = settings_of(b, &w);
    mien_status status =
        s ? mien_builder_parameter_gradient(b, n, "weight", &weight) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_builder_parameter_gradient(b, n, "bias", &bias);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, node);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, x) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DIFF_DST, dy);
    }
    if (status == MIEN_OK) {
        step->run = run_weights;
        step->settings = s;
        mien_step_memory(step, DNNL_ARG_DIFF_WEIGHTS, weight);
        if (bias) {
            mien_step_memory(step, DNNL_ARG_DIFF_BIAS, bias);
        }
        status = mien_step_scratch(b, step, mien_winograd_gradient_scratch_count(&w));
    }
    return status;
}
