/* SPDX-License-Identifier: MIT */
/* Batch-norms that a plan trains through, as steps of our own: the norm, the sum and
 * the ReLU behind it forward, and all their gradients back (nn/kernels/norm_act.h).
 * The value before the norm is kept; that of the group only if something was added.
 * op_batch_norm.c calls both. */
#include <math.h>

#include "nn/kernels/norm_act.h"
#include "nn/ops/batch_norm.h"
#include "nn/ops/depth_norm.h"
#include "nn/ops/gradient.h"

/* Settings of both steps. */
typedef struct joined {
    mien_norm_act n;
    int64_t parts; /* of sums that the reader left: pictures */
    bool by_batch; /* the batch gives the statistics, and the running ones follow */
    double momentum;
    const float *weight, *bias;
    float *mean, *variance; /* running */
} joined;

/* Arguments of the steps, beside those whose names say it. */
enum { ADDED = DNNL_ARG_SRC_1, CLIPPED = DNNL_ARG_DST, DADDED = DNNL_ARG_DIFF_SRC_1 };

/* ---- what runs ----------------------------------------------------------------------
 */

static mien_norm_act_data data_of(const mien_step *step) {
    const joined *j = step->settings;
    return (mien_norm_act_data){.x = mien_step_data(step, DNNL_ARG_SRC),
        .weight = j->weight,
        .bias = j->bias,
        .mean = j->by_batch ? mien_step_data(step, DNNL_ARG_MEAN) : j->mean,
        .variance = j->by_batch ? mien_step_data(step, DNNL_ARG_VARIANCE) : j->variance,
        .scratch = mien_step_data(step, DNNL_ARG_SCRATCHPAD)};
}

/* running ← (1 − momentum) running + momentum (the batch's; unbiased variance). */
static void follow(const joined *j, const mien_norm_act_data *d) {
    double count = (double)j->n.outer * (double)j->n.rows;
    double unbiased = count > 1 ? count / (count - 1) : 1;
    for (int64_t c = 0; c < j->n.channels; c++) {
        j->mean[c] = (float)((1 - j->momentum) * (double)j->mean[c] +
                             j->momentum * (double)d->mean[c]);
        j->variance[c] = (float)((1 - j->momentum) * (double)j->variance[c] +
                                 j->momentum * unbiased * (double)d->variance[c]);
    }
}

static void run_forward(const mien_step *step) {
    const joined *j = step->settings;
    mien_norm_act_data d = data_of(step);
    d.added = mien_step_data(step, ADDED);
    d.y = mien_step_data(step, DNNL_ARG_DST);
    if (j->by_batch) {
        mien_norm_act_statistics(mien_norm_best(), &j->n, &d);
        follow(j, &d);
    }
    if (d.y) {
        mien_norm_act_apply(mien_norm_best(), &j->n, &d);
    }
}

static void run_backward(const mien_step *step) {
    const joined *j = step->settings;
    mien_norm_act_data d = data_of(step);
    d.dy = mien_step_data(step, DNNL_ARG_DIFF_DST);
    d.clipped = mien_step_data(step, CLIPPED);
    d.dx = mien_step_data(step, DNNL_ARG_DIFF_SRC);
    d.dadded = mien_step_data(step, DADDED);
    d.dweight = mien_step_data(step, DNNL_ARG_DIFF_SCALE);
    d.dbias = mien_step_data(step, DNNL_ARG_DIFF_SHIFT);
    d.sums = mien_step_data(step, DNNL_ARG_WORKSPACE);
    d.parts = j->parts;
    mien_norm_act_backward(mien_norm_best(), &j->n, &d);
}

/* ---- plan ---------------------------------------------------------------------------
 */

/* Where channels lie in a layout; false: nowhere that the loops know. */
static bool lay(const_dnnl_memory_desc_t md, mien_norm_act *n) {
    const int64_t *dims = mien_md_dims(md);
    int64_t points = mien_shape_count(mien_md_rank(md), dims) / dims[0] / dims[1];
    int64_t block = mien_md_channel_block(md);
    bool plain = mien_md_is_plain(md);
    n->channels = dims[1];
    if (mien_md_is_channels_last(md) || (plain && points == 1)) {
        n->outer = n->blocks = 1;
        n->rows = dims[0] * points;
        n->width = dims[1];
        return true;
    }
    n->outer = dims[0];
    n->rows = points;
    n->width = block ? block : 1;
    n->blocks = (dims[1] + n->width - 1) / n->width;
    return block || plain;
}

/* The input in a layout that the loops know. */
static mien_status input_of(
    mien_builder *b, const mien_group *group, mien_value_ref *x) {
    mien_node input = mien_builder_node(b, group->main)->inputs[0];
    mien_norm_act n;
    *x = mien_builder_value(b, input);
    return lay(x->md, &n) ? MIEN_OK : mien_builder_plain(b, input, x);
}

/* The sum behind the norm; NULL: none. */
static const mien_post *sum_of(const mien_group *group) {
    return group->posts_count && group->posts[0].other >= 0 ? &group->posts[0] : NULL;
}

bool mien_batch_norm_clip(
    const mien_builder *b, const mien_group *group, float *least, float *most) {
    const mien_post *last = group->posts + group->posts_count - 1;
    if (!group->posts_count || last->other >= 0) {
        return false;
    }
    const mien_op_node *node = mien_builder_node(b, last->node);
    mien_eltwise e = node->op->eltwise(node);
    bool both = e.algorithm == dnnl_eltwise_clip_v2;
    *least = both ? e.alpha : 0;
    *most = both ? e.beta : INFINITY;
    return true;
}

static float *own(const mien_builder *b, const mien_op_node *n, int index) {
    b->plan->reads_parameters = true;
    return mien_parameters_at(b->plan->parameters, n->parameters_first + index)->data;
}

static const joined *joined_new(
    mien_builder *b, const mien_group *group, const_dnnl_memory_desc_t md) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_batch_norm_settings *s = n->settings;
    joined *j = mien_arena_alloc(b->program->arena, 1, sizeof *j);
    if (!j) {
        return NULL;
    }
    *j = (joined){.parts = b->program->batch,
        .by_batch = mien_batch_norm_learns(b, n),
        .momentum = s->momentum,
        .weight = own(b, n, 0),
        .bias = own(b, n, 1),
        .mean = own(b, n, 2),
        .variance = own(b, n, 3)};
    lay(md, &j->n);
    j->n.clips = mien_batch_norm_clip(b, group, &j->n.least, &j->n.most);
    j->n.fixed = !j->by_batch;
    j->n.epsilon = s->epsilon;
    j->n.threads = b->plan->threads;
    return j;
}

/* Room for mean and variance of the batch. Like all room it is made before the step,
 * whose memory it would share else. */
static mien_status statistics_of(mien_builder *b, mien_node node) {
    const mien_op_node *n = mien_builder_node(b, node);
    dnnl_memory_desc_t md = NULL;
    mien_status status = mien_md_plain(&md, 1, &n->shape[1]);
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        mien_value_ref *kept = &b->statistics[2 * node + i];
        if (kept->storage < 0) {
            status = mien_builder_new(b, -1, md, kept);
        }
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

static mien_status step_new(mien_builder *b, const mien_group *group, mien_value_ref x,
    mien_step_run *run, mien_step **step) {
    static const int args[] = {DNNL_ARG_MEAN, DNNL_ARG_VARIANCE};
    const joined *j = joined_new(b, group, x.md);
    mien_status status = j ? statistics_of(b, group->main) : MIEN_ENOMEM;
    *step = status == MIEN_OK ? mien_builder_step(b, group->main) : NULL;
    if (!*step) {
        return MIEN_ENOMEM;
    }
    (*step)->run = run;
    (*step)->settings = j;
    status = mien_step_value(b, *step, DNNL_ARG_SRC, x);
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        status = mien_step_value(b, *step, args[i], b->statistics[2 * group->main + i]);
    }
    return status == MIEN_OK ? mien_step_scratch(b, *step, mien_norm_act_scratch(&j->n))
                             : status;
}

/* Only the statistics: the reader normalises what the norm reads. */
static mien_status deferred(mien_builder *b, const mien_group *group) {
    mien_value_ref x =
        mien_builder_value(b, mien_builder_node(b, group->main)->inputs[0]);
    mien_step *step = NULL;
    mien_status status = step_new(b, group, x, run_forward, &step);
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, x);
    }
    return status;
}

mien_status mien_batch_norm_step(mien_builder *b, const mien_group *group) {
    if (mien_depth_norm_defers(b, group)) {
        return deferred(b, group);
    }
    const mien_post *sum = sum_of(group);
    mien_value_ref x, added, y;
    mien_step *step = NULL;
    bool over = false; /* the result takes the place of what is added */
    mien_status status = input_of(b, group, &x);
    if (status == MIEN_OK && sum) {
        over = mien_builder_dies(b, sum->other) &&
               dnnl_memory_desc_equal(mien_builder_value(b, sum->other).md, x.md);
        status = mien_builder_as(b, sum->other, x.md, &added);
    }
    if (status == MIEN_OK && over) {
        y = added;
    } else if (status == MIEN_OK) {
        status = mien_builder_new(b, group->last, x.md, &y);
    }
    if (status == MIEN_OK) {
        status = step_new(b, group, x, run_forward, &step);
    }
    if (status == MIEN_OK && sum) {
        status = mien_step_value(b, step, ADDED, added);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DST, y);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, y);
    }
    return status;
}

/* ---- gradients ----------------------------------------------------------------------
 */

/* The step wants room for both gradients, even if one or both are frozen: room that
 * nothing reads. */
typedef struct vectors {
    dnnl_memory_t wanted[2];
    mien_value_ref unread[2];
} vectors;

static const struct {
    const char *suffix;
    int arg;
} vector_kinds[] = {{"weight", DNNL_ARG_DIFF_SCALE}, {"bias", DNNL_ARG_DIFF_SHIFT}};

static mien_status vectors_of(mien_builder *b, const mien_op_node *n, vectors *v) {
    dnnl_memory_desc_t md = NULL;
    mien_status status = mien_md_plain(&md, 1, &n->shape[1]);
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        status = mien_builder_parameter_gradient(
            b, n, vector_kinds[i].suffix, &v->wanted[i]);
        if (status == MIEN_OK && !v->wanted[i]) {
            status = mien_builder_new(b, -1, md, &v->unread[i]);
        }
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

static mien_status add_vectors(mien_builder *b, mien_step *step, const vectors *v) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        if (v->wanted[i]) {
            mien_step_memory(step, vector_kinds[i].arg, v->wanted[i]);
        } else {
            status = mien_step_value(b, step, vector_kinds[i].arg, v->unread[i]);
        }
    }
    return status;
}

/* The values that a step back reads and writes beside x; storage -1: not this one. */
typedef struct back {
    mien_value_ref dy, y, dx, dadded;
} back;

static mien_status back_of(
    mien_builder *b, const mien_group *group, const_dnnl_memory_desc_t md, back *v) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_post *sum = sum_of(group);
    float least, most;
    v->y.storage = v->dx.storage = v->dadded.storage = -1;
    mien_status status = mien_builder_in(
        b, group->main, mien_builder_gradient(b, group->last), md, &v->dy);
    if (status == MIEN_OK && sum && mien_batch_norm_clip(b, group, &least, &most)) {
        status = mien_builder_in(
            b, group->last, mien_builder_value(b, group->last), md, &v->y);
        if (status == MIEN_OK) {
            status = mien_builder_new(b, -1, md, &v->dadded);
        }
    }
    if (status == MIEN_OK && mien_builder_learns(b, n->inputs[0])) {
        status = mien_builder_new(b, -1, md, &v->dx);
    }
    return status;
}

static mien_status add_back(mien_builder *b, mien_step *step, const back *v) {
    const struct {
        int arg;
        mien_value_ref value;
    } all[] = {{DNNL_ARG_DIFF_DST, v->dy}, {CLIPPED, v->y}, {DNNL_ARG_DIFF_SRC, v->dx},
        {DADDED, v->dadded}};
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 4; i++) {
        if (all[i].value.storage >= 0) {
            status = mien_step_value(b, step, all[i].arg, all[i].value);
        }
    }
    return status;
}

mien_status mien_batch_norm_step_back(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_post *sum = sum_of(group);
    mien_value_ref x;
    vectors parameters = {0};
    back values;
    mien_step *step = NULL;
    mien_status status = input_of(b, group, &x);
    if (status == MIEN_OK) {
        status = back_of(b, group, x.md, &values);
    }
    if (status == MIEN_OK) {
        status = vectors_of(b, n, &parameters);
    }
    if (status == MIEN_OK) {
        status = step_new(b, group, x, run_backward, &step);
    }
    if (status == MIEN_OK) {
        status = add_back(b, step, &values);
    }
    if (status == MIEN_OK) {
        status = add_vectors(b, step, &parameters);
    }
    if (status == MIEN_OK && mien_depth_norm_defers(b, group)) {
        /* the reader left them */
        status =
            mien_step_value(b, step, DNNL_ARG_WORKSPACE, b->workspaces[group->main]);
    }
    if (status == MIEN_OK && sum && mien_builder_learns(b, sum->other)) {
        /* it went through the clipping with the norm, or is dy itself */
        status = mien_builder_gradient_add(
            b, sum->other, values.dadded.storage < 0 ? values.dy : values.dadded);
    }
    return status == MIEN_OK && values.dx.storage >= 0
               ? mien_builder_gradient_add(b, n->inputs[0], values.dx)
               : status;
}
