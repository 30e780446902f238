/* SPDX-License-Identifier: MIT */
/* Finds convolutions of one filter a channel that can take the batch-norm before them
 * into their step, and adds those steps (nn/kernels/depth_norm.h) to plans that train.
 * Called by the rows of both. */
#include <math.h>
#include <string.h>

#include "nn/kernels/depth_norm.h"
#include "nn/ops/batch_norm.h"
#include "nn/ops/conv2d.h"
#include "nn/ops/depth_norm.h"
#include "nn/ops/gradient.h"

/* ---- which ones ---------------------------------------------------------------------
 */

static bool is(const mien_builder *b, mien_node node, const char *op) {
    return mien_builder_node(b, node)->op &&
           !strcmp(mien_builder_node(b, node)->op->name, op);
}

/* One filter of 3 × 3 a channel, over a picture padded by a pixel. */
static bool suits(const mien_builder *b, const mien_group *group) {
    if (!is(b, group->main, "conv2d") || group->posts_count || group->norm >= 0) {
        return false;
    }
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_op_node *x = mien_builder_node(b, n->inputs[0]);
    const mien_conv2d_settings *c = n->settings;
    bool good = c->groups == c->out && x->shape[1] == c->out && !c->bias &&
                c->out % MIEN_DEPTH_CHANNELS == 0 && c->stride[0] == c->stride[1] &&
                c->stride[0] <= 2;
    for (int i = 0; good && i < 2; i++) {
        good = c->kernel[i] == 3 && c->dilation[i] == 1 && c->padding[i] == 1 &&
               c->padding[2 + i] == 1 && x->shape[2 + i] % c->stride[i] == 0;
    }
    return good && mien_builder_trains(b, n, "weight");
}

static bool reads(const mien_builder *b, const mien_group *group, mien_node node) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    bool found = false;
    for (int k = 0; k < n->inputs_count; k++) {
        found |= n->inputs[k] == node;
    }
    for (int k = 0; k < group->posts_count; k++) {
        found |= group->posts[k].other == node;
    }
    return found;
}

/* The only group that reads the node's value; NULL: none, several, or the caller. */
static const mien_group *reader_of(const mien_builder *b, mien_node node) {
    const mien_group *reader = NULL;
    for (int i = 0; i < b->plan->outputs_count; i++) {
        if (b->plan->outputs[i] == node) {
            return NULL;
        }
    }
    for (int i = 0; i < b->groups->count; i++) {
        if (!reads(b, &b->groups->groups[i], node)) {
            continue;
        }
        if (reader) {
            return NULL;
        }
        reader = &b->groups->groups[i];
    }
    return reader;
}

/* A batch-norm by the batch's statistics, with no more than a clipping behind it, over
 * channels that lie last. */
static bool may_defer(const mien_builder *b, const mien_group *norm) {
    if (!is(b, norm->main, "batch_norm") || !mien_builder_learns(b, norm->main) ||
        norm->posts_count > 1 || (norm->posts_count && norm->posts[0].other >= 0)) {
        return false;
    }
    const mien_op_node *n = mien_builder_node(b, norm->main);
    return n->rank == 4 && mien_batch_norm_learns(b, n) &&
           mien_md_is_channels_last(mien_builder_value(b, n->inputs[0]).md);
}

const mien_group *mien_depth_norm_of(const mien_builder *b, const mien_group *conv) {
    if (!mien_depth_best() || b->plan->mode != MIEN_TRAIN || !suits(b, conv)) {
        return NULL;
    }
    mien_node input = mien_builder_node(b, conv->main)->inputs[0];
    for (int i = 0; i < b->groups->count; i++) {
        const mien_group *norm = &b->groups->groups[i];
        if (norm->last == input) {
            return may_defer(b, norm) && reader_of(b, input) == conv ? norm : NULL;
        }
    }
    return NULL;
}

bool mien_depth_norm_defers(const mien_builder *b, const mien_group *norm) {
    const mien_group *reader = reader_of(b, norm->last);
    return reader && mien_depth_norm_of(b, reader) == norm;
}

/* ---- what runs ----------------------------------------------------------------------
 */

typedef struct joined {
    mien_depth p;
    const float *weight, *bias; /* of the norm */
    const float *filter;
} joined;

static mien_depth_data data_of(const mien_step *step) {
    const joined *j = step->settings;
    return (mien_depth_data){.x = mien_step_data(step, DNNL_ARG_SRC),
        .mean = mien_step_data(step, DNNL_ARG_MEAN),
        .variance = mien_step_data(step, DNNL_ARG_VARIANCE),
        .weight = j->weight,
        .bias = j->bias,
        .filter = j->filter,
        .scratch = mien_step_data(step, DNNL_ARG_SCRATCHPAD)};
}

static void run_forward(const mien_step *step) {
    const joined *j = step->settings;
    mien_depth_data d = data_of(step);
    d.y = mien_step_data(step, DNNL_ARG_DST);
    mien_depth_forward(mien_depth_best(), &j->p, &d);
}

static void run_backward(const mien_step *step) {
    const joined *j = step->settings;
    mien_depth_data d = data_of(step);
    d.dy = mien_step_data(step, DNNL_ARG_DIFF_DST);
    d.da = mien_step_data(step, DNNL_ARG_DIFF_SRC);
    d.dfilter = mien_step_data(step, DNNL_ARG_DIFF_WEIGHTS);
    d.sums = mien_step_data(step, DNNL_ARG_WORKSPACE);
    mien_depth_backward(mien_depth_best(), &j->p, &d);
}

/* ---- plan ---------------------------------------------------------------------------
 */

static const float *own(const mien_builder *b, const mien_op_node *n, int index) {
    b->plan->reads_parameters = true;
    return mien_parameters_at(b->plan->parameters, n->parameters_first + index)->data;
}

static const joined *joined_new(
    mien_builder *b, const mien_group *conv, const mien_group *norm) {
    const mien_op_node *n = mien_builder_node(b, norm->main);
    const mien_op_node *filter = mien_builder_node(b, conv->main);
    const mien_batch_norm_settings *s = n->settings;
    const mien_conv2d_settings *c = filter->settings;
    joined *j = mien_arena_alloc(b->program->arena, 1, sizeof *j);
    if (!j) {
        return NULL;
    }
    *j = (joined){.p = {.pictures = b->program->batch,
                      .height = n->shape[2],
                      .width = n->shape[3],
                      .channels = n->shape[1],
                      .stride = c->stride[0],
                      .least = -INFINITY,
                      .most = INFINITY,
                      .epsilon = s->epsilon,
                      .threads = b->plan->threads},
        .weight = own(b, n, 0),
        .bias = own(b, n, 1),
        .filter = own(b, filter, 0)};
    mien_batch_norm_clip(b, norm, &j->p.least, &j->p.most);
    return j;
}

/* A step over x, the norm's statistics and scratch memory; all other room is made
 * before. */
static mien_status step_new(mien_builder *b, const mien_group *conv,
    const mien_group *norm, mien_step_run *run, mien_step **step) {
    const joined *j = joined_new(b, conv, norm);
    *step = j ? mien_builder_step(b, conv->main) : NULL;
    if (!*step) {
        return MIEN_ENOMEM;
    }
    (*step)->run = run;
    (*step)->settings = j;
    mien_node x = mien_builder_node(b, norm->main)->inputs[0];
    mien_status status =
        mien_step_value(b, *step, DNNL_ARG_SRC, mien_builder_value(b, x));
    if (status == MIEN_OK) {
        status =
            mien_step_value(b, *step, DNNL_ARG_MEAN, b->statistics[2 * norm->main]);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(
            b, *step, DNNL_ARG_VARIANCE, b->statistics[2 * norm->main + 1]);
    }
    return status == MIEN_OK ? mien_step_scratch(b, *step, mien_depth_scratch(&j->p))
                             : status;
}

/* The layout of the convolution's result. */
static mien_status result_md(
    mien_builder *b, const mien_group *conv, dnnl_memory_desc_t *md) {
    int64_t shape[MIEN_RANK_MAX];
    mien_builder_shape(b, conv->main, shape);
    return mien_md_channels_last(md, shape);
}

mien_status mien_depth_norm_prepare(
    mien_builder *b, const mien_group *conv, const mien_group *norm) {
    dnnl_memory_desc_t md = NULL;
    mien_value_ref y;
    mien_step *step = NULL;
    mien_status status = result_md(b, conv, &md);
    if (status == MIEN_OK) {
        status = mien_builder_new(b, conv->last, md, &y);
    }
    if (status == MIEN_OK) {
        status = step_new(b, conv, norm, run_forward, &step);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DST, y);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, conv->last, y);
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

/* What the step back writes and reads beside x. */
typedef struct back {
    mien_value_ref dy, da, sums;
    dnnl_memory_t dfilter;
} back;

static mien_status back_of(
    mien_builder *b, const mien_group *conv, const mien_group *norm, back *v) {
    const mien_op_node *n = mien_builder_node(b, norm->main);
    const int64_t sums[] = {b->program->batch, 2, n->shape[1]};
    dnnl_memory_desc_t md = NULL, flat = NULL;
    mien_status status = result_md(b, conv, &md);
    if (status == MIEN_OK) {
        status = mien_builder_in(
            b, conv->main, mien_builder_gradient(b, conv->last), md, &v->dy);
    }
    if (status == MIEN_OK) {
        status =
            mien_builder_new(b, -1, mien_builder_value(b, n->inputs[0]).md, &v->da);
    }
    if (status == MIEN_OK) {
        status = mien_md_plain(&flat, 3, sums);
    }
    if (status == MIEN_OK) {
        status = mien_builder_workspace(b, norm->main, flat, &v->sums);
    }
    if (status == MIEN_OK) {
        status = mien_builder_parameter_gradient(
            b, mien_builder_node(b, conv->main), "weight", &v->dfilter);
    }
    dnnl_memory_desc_destroy(md);
    dnnl_memory_desc_destroy(flat);
    return status;
}

mien_status mien_depth_norm_backward(
    mien_builder *b, const mien_group *conv, const mien_group *norm) {
    back v;
    mien_step *step = NULL;
    mien_status status = back_of(b, conv, norm, &v);
    if (status == MIEN_OK) {
        status = step_new(b, conv, norm, run_backward, &step);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DIFF_DST, v.dy);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DIFF_SRC, v.da);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_WORKSPACE, v.sums);
    }
    if (status == MIEN_OK) {
        mien_step_memory(step, DNNL_ARG_DIFF_WEIGHTS, v.dfilter);
        status = mien_builder_gradient_add(b, norm->last, v.da);
    }
    return status;
}
