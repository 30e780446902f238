/* SPDX-License-Identifier: MIT */
/* Convolutions of a plan that run by Winograd's algorithm: which, and as what step. */
#include "nn/ops/conv2d.h"

#include <math.h>

#include "nn/ops/gradient.h"
#include "nn/ops/winograd_step.h"

/* Tiles that one thread takes through all three steps while they are in its cache. */
#define TILES_OWN 48
#define TILES_SHARED 192
/* From this many channels on a side, threads had better read weights once between them.
 */
#define CHANNELS_SHARED 512

static void schedule(mien_winograd *w) {
    int64_t side = 7 - w->taps;
    int64_t tiles = w->pictures * ((w->y_height + side - 1) / side) *
                    ((w->y_width + side - 1) / side);
    w->together =
        w->threads > 1 && (tiles < TILES_OWN * w->threads || w->in >= CHANNELS_SHARED ||
                              w->out >= CHANNELS_SHARED);
    w->tiles_at_once = w->together ? TILES_SHARED : TILES_OWN;
}

/* Whether it is 5×5 of stride 2 as the strided kind takes it. */
static bool is_strided(const mien_conv2d_settings *c) {
    bool strided = true;
    for (int i = 0; i < 2; i++) {
        strided &= c->kernel[i] == 5 && c->stride[i] == 2 && c->padding[i] == 2;
    }
    return strided;
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
        .kind = is_strided(c) ? MIEN_WINOGRAD_STRIDED : MIEN_WINOGRAD_PLAIN,
        .top = is_strided(c) ? 1 : c->padding[0],
        .left = is_strided(c) ? 1 : c->padding[1],
        .taps = is_strided(c) ? 3 : (int)c->kernel[0],
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
    bool good = c->groups == 1 && !b->plan->exact;
    for (int i = 0; i < 2; i++) {
        good &=
            c->dilation[i] == 1 &&
            (is_strided(c) || ((c->kernel[i] == 3 || c->kernel[i] == 5) &&
                                  c->kernel[i] == c->kernel[0] && c->stride[i] == 1));
    }
    return good && in % MIEN_WINOGRAD_CHANNELS == 0 &&
           c->out % MIEN_WINOGRAD_CHANNELS == 0 &&
           b->plan->batch * n->shape[2] * n->shape[3] >= MIEN_WINOGRAD_PIXELS_LEAST;
}

mien_status mien_conv2d_winograd(mien_builder *b, const mien_group *group,
    const_dnnl_memory_desc_t src, const_dnnl_memory_desc_t dst, bool *done) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_winograd w = problem_of(b, n);
    *done = false;
    if (!suits(b, n) || !mien_winograd_posts(b, group, &w) ||
        !mien_winograd_layout_of(src, &w.x) || !mien_winograd_layout_of(dst, &w.y)) {
        return MIEN_OK;
    }
    schedule(&w);
    *done = true;
    return mien_winograd_step(
        b, group, &w, ((const mien_conv2d_settings *)n->settings)->bias, src, dst);
}

/* ---- gradients
 * ------------------------------------------------------------------------ */

bool mien_conv2d_winograd_suits(
    const mien_builder *b, const mien_op_node *node, mien_conv2d_part part) {
    const mien_conv2d_settings *c = node->settings;
    bool good = suits(b, node) && !is_strided(c);
    for (int i = 0; part == MIEN_CONV2D_INPUT && i < 4; i++) {
        good &= c->padding[i] < c->kernel[0]; /* the gradient is padded by the rest */
    }
    return good;
}

/* The layout `now` where Winograd's steps read it, else channels last: a dropout leaves
 * its values row-major, and a reorder is a small part of what a direct gradient costs.
 */
static mien_status readable(const_dnnl_memory_desc_t now, dnnl_memory_desc_t *md) {
    mien_winograd_layout layout;
    return mien_winograd_layout_of(now, &layout)
               ? MIEN_DNNL(dnnl_memory_desc_clone(md, now))
               : mien_md_channels_last(md, mien_md_dims(now));
}

static mien_status bring(mien_builder *b, mien_node node, mien_value_ref *value) {
    dnnl_memory_desc_t md = NULL;
    mien_status status = readable(value->md, &md);
    if (status == MIEN_OK) {
        status = mien_builder_in(b, node, *value, md, value);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

/* The gradient of the input is the convolution of dy with the weights turned around. */
mien_status mien_conv2d_winograd_input(mien_builder *b, mien_node node,
    mien_value_ref dy, const_dnnl_memory_desc_t x, mien_value_ref *dx) {
    const mien_op_node *n = mien_builder_node(b, node);
    mien_winograd f = problem_of(b, n), w = f;
    dnnl_memory_t weight = NULL;
    dnnl_memory_desc_t x_md = NULL;
    mien_step *step = NULL;
    w.in = f.out;
    w.out = f.in;
    w.x_height = f.y_height;
    w.x_width = f.y_width;
    w.y_height = f.x_height;
    w.y_width = f.x_width;
    w.top = f.taps - 1 - f.top;
    w.left = f.taps - 1 - f.left;
    mien_status status = bring(b, node, &dy);
    if (status == MIEN_OK) {
        status = readable(x, &x_md);
    }
    if (status == MIEN_OK && (!mien_winograd_layout_of(dy.md, &w.x) ||
                                 !mien_winograd_layout_of(x_md, &w.y))) {
        status = mien_fail(MIEN_EINTERNAL, "no layout for Winograd");
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, x_md, dx);
    }
    dnnl_memory_desc_destroy(x_md);
    if (status != MIEN_OK) {
        return status;
    }
    schedule(&w);
    mien_winograd_init(&w);
    mien_winograd_settings *s = mien_winograd_settings_of(b, &w);
    status = s ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status =
            mien_winograd_packed(b, n, NULL, &w, MIEN_PACKED_WINOGRAD_BACK, &weight);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, node);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, dy) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        step->run = mien_winograd_step_run;
        step->settings = s;
        mien_step_memory(step, DNNL_ARG_WEIGHTS, weight);
        status = mien_step_value(b, step, DNNL_ARG_DST, *dx);
    }
    return status == MIEN_OK
               ? mien_step_scratch(b, step, mien_winograd_scratch_count(&w))
               : status;
}

static void run_weights(const mien_step *step) {
    const mien_winograd_settings *s = step->settings;
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
    mien_status status = bring(b, node, &x);
    if (status == MIEN_OK) {
        status = bring(b, node, &dy);
    }
    if (status == MIEN_OK && (!mien_winograd_layout_of(x.md, &w.x) ||
                                 !mien_winograd_layout_of(dy.md, &w.y))) {
        status = mien_fail(MIEN_EINTERNAL, "no layout for Winograd");
    }
    if (status != MIEN_OK) {
        return status;
    }
    mien_winograd_init(&w);
    mien_winograd_settings *s = mien_winograd_settings_of(b, &w);
    status = s ? mien_builder_parameter_gradient(b, n, "weight", &weight) : MIEN_ENOMEM;
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
