/* SPDX-License-Identifier: MIT */
/* Batch normalisation by running statistics; folded into a convolution or linear layer
 * before it where a plan infers. */
#include <math.h>
#include <stdio.h>

#include "nn/ops/batch_norm.h"
#include "base/need.h"
#include "nn/ops/gradient.h"

const mien_option mien_batch_norm_options[] = {
    {.name = "epsilon",
        .type = MIEN_OPTION_NUMBER,
        .initial = "1e-5",
        .minimum = 0,
        .maximum = 1,
        .help = "added to the variance"},
    {.name = "momentum",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.1",
        .minimum = 0,
        .maximum = 1,
        .help = "part of the batch in new running statistics"},
    {0},
};

mien_status mien_batch_norm_parse(const mien_options *given, void *settings) {
    mien_batch_norm_settings *s = settings;
    s->epsilon = mien_options_number(given, "epsilon");
    s->momentum = mien_options_number(given, "momentum");
    return MIEN_OK;
}

mien_status mien_batch_norm_shape(
    mien_op_node *node, const mien_op_node *const *inputs) {
    const mien_op_node *x = inputs[0];
    if (x->rank < 2 || x->rank > 5) {
        return mien_fail(MIEN_ESHAPE, "it takes [N, C] to [N, C, D, H, W]");
    }
    const int64_t *c = &x->shape[1];
    mien_op_node_own(node, "weight", true, MIEN_INITIAL_ONE, 0, 1, c);
    mien_op_node_own(node, "bias", true, MIEN_INITIAL_ZERO, 0, 1, c);
    mien_op_node_own(node, "running_mean", false, MIEN_INITIAL_ZERO, 0, 1, c);
    mien_op_node_own(node, "running_var", false, MIEN_INITIAL_ONE, 0, 1, c);
    return mien_op_same_shape(node, inputs);
}

/* Mean and (biased) variance of a channel over the batch. */
static void moments(
    const mien_reference *r, int64_t c, int64_t area, double *mean, double *variance) {
    int64_t channels = r->y_shape[1], count = r->y_count / channels;
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < r->y_count; i++) {
        sum += i / area % channels == c ? r->x[0][i] : 0;
    }
    *mean = sum / (double)count;
    for (int64_t i = 0; i < r->y_count; i++) {
        double d = i / area % channels == c ? r->x[0][i] - *mean : 0;
        squares += d * d;
    }
    *variance = squares / (double)count;
}

static void reference(const mien_reference *r) {
    const mien_batch_norm_settings *s = r->node->settings;
    int64_t channels = r->y_shape[1], area = r->y_count / r->y_shape[0] / channels;
    for (int64_t c = 0; c < channels; c++) {
        double weight = (double)r->parameters[0][c], bias = (double)r->parameters[1][c];
        double mean = (double)r->parameters[2][c];
        double variance = (double)r->parameters[3][c];
        if (r->mode == MIEN_TRAIN) {
            moments(r, c, area, &mean, &variance);
        }
        double scale = weight / sqrt(variance + s->epsilon);
        for (int64_t i = 0; i < r->y_count; i++) {
            if (i / area % channels == c) {
                r->y[i] = (r->x[0][i] - mean) * scale + bias;
            }
        }
    }
}

/* In training a batch-norm that is trained uses the batch; any other its statistics. */
bool mien_batch_norm_learns(const mien_builder *b, const mien_op_node *n) {
    return b->plan->mode == MIEN_TRAIN &&
           (mien_builder_trains(b, n, "weight") || mien_builder_trains(b, n, "bias"));
}

/* Whether the values at hand give mean and variance. */
static bool by_batch(const mien_builder *b, const mien_op_node *n) {
    return b->plan->batch_statistics || mien_batch_norm_learns(b, n);
}

static unsigned flags_of(
    const mien_builder *b, const mien_op_node *n, const mien_group *group) {
    return dnnl_use_scale | dnnl_use_shift |
           (by_batch(b, n) ? 0 : dnnl_use_global_stats) |
           (group->posts_count ? dnnl_fuse_norm_relu : 0);
}

static mien_status describe(mien_builder *b, const mien_group *group,
    const_dnnl_memory_desc_t x, dnnl_primitive_desc_t *pd) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_batch_norm_settings *s = n->settings;
    mien_group none = {0};
    dnnl_primitive_attr_t attr = NULL;
    bool trains = mien_builder_learns(b, group->main);
    mien_status status = mien_builder_attr(b, &none, 0, false, &attr);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_batch_normalization_forward_primitive_desc_create(pd,
            b->plan->engine, trains ? dnnl_forward_training : dnnl_forward_inference, x,
            x, (float)s->epsilon, flags_of(b, n, group), attr));
        dnnl_primitive_attr_destroy(attr);
    }
    return status;
}

/* Adds the parameters to a step: weight, bias (which a gradient does not read), and the
 * running statistics where the batch's are not used. */
static mien_status add_vectors(
    mien_builder *b, const mien_op_node *n, mien_step *step, bool back) {
    static const struct {
        const char *suffix;
        int arg;
    } vectors[] = {{"weight", DNNL_ARG_SCALE}, {"bias", DNNL_ARG_SHIFT},
        {"running_mean", DNNL_ARG_MEAN}, {"running_var", DNNL_ARG_VARIANCE}};
    dnnl_memory_desc_t md = NULL;
    mien_status status = mien_md_plain(&md, 1, &n->shape[1]);
    for (int i = 0; status == MIEN_OK && i < (by_batch(b, n) ? 2 : 4); i++) {
        dnnl_memory_t memory = NULL;
        if (back && i == 1) {
            continue;
        }
        status = mien_builder_packed(
            b, n, NULL, MIEN_PACKED_VECTOR, vectors[i].suffix, md, &memory);
        if (status == MIEN_OK) {
            mien_step_memory(step, vectors[i].arg, memory);
        }
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

/* ---- the batch's statistics, and the running ones that follow them
 * ------------------- */

/* running ← (1 − momentum) running + momentum (the batch's; unbiased variance). */
typedef struct following {
    int64_t channels, count; /* values a channel */
    double momentum;
    float *mean, *variance;
} following;

static void follow(const mien_step *step) {
    const following *f = step->settings;
    const float *mean = mien_step_data(step, DNNL_ARG_SRC_0);
    const float *variance = mien_step_data(step, DNNL_ARG_SRC_1);
    double unbiased = f->count > 1 ? (double)f->count / (double)(f->count - 1) : 1;
    for (int64_t c = 0; c < f->channels; c++) {
        f->mean[c] = (float)((1 - f->momentum) * (double)f->mean[c] +
                             f->momentum * (double)mean[c]);
        f->variance[c] = (float)((1 - f->momentum) * (double)f->variance[c] +
                                 f->momentum * unbiased * (double)variance[c]);
    }
}

static float *own(const mien_builder *b, const mien_op_node *n, int index) {
    b->plan->reads_parameters = true;
    return mien_parameters_at(b->plan->parameters, n->parameters_first + index)->data;
}

static mien_status add_following(
    mien_builder *b, mien_node node, mien_value_ref mean, mien_value_ref variance) {
    const mien_op_node *n = mien_builder_node(b, node);
    const mien_batch_norm_settings *s = n->settings;
    int64_t shape[MIEN_RANK_MAX];
    following *f = mien_arena_alloc(b->program->arena, 1, sizeof *f);
    mien_step *step = f ? mien_builder_step(b, node) : NULL;
    if (!step) {
        return MIEN_ENOMEM;
    }
    mien_builder_shape(b, node, shape);
    *f = (following){.channels = shape[1],
        .count = mien_shape_count(n->rank, shape) / shape[1],
        .momentum = s->momentum,
        .mean = own(b, n, 2),
        .variance = own(b, n, 3)};
    step->run = follow;
    step->settings = f;
    mien_status status = mien_step_value(b, step, DNNL_ARG_SRC_0, mean);
    return status == MIEN_OK ? mien_step_value(b, step, DNNL_ARG_SRC_1, variance)
                             : status;
}

/* Room for mean and variance of the batch. */
static mien_status statistics_of(
    mien_builder *b, mien_node node, mien_value_ref *mean, mien_value_ref *variance) {
    const mien_op_node *n = mien_builder_node(b, node);
    dnnl_memory_desc_t md = NULL;
    mien_status status = mien_md_plain(&md, 1, &n->shape[1]);
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        mien_value_ref *kept = &b->statistics[2 * node + i];
        if (kept->storage < 0) {
            status = mien_builder_new(b, -1, md, kept);
        }
    }
    *mean = b->statistics[2 * node];
    *variance = b->statistics[2 * node + 1];
    dnnl_memory_desc_destroy(md);
    return status;
}

/* Statistics and the mask of a fused ReLU, to a step that writes or reads them. */
static mien_status add_kept(mien_builder *b, mien_node node, mien_step *step,
    const_dnnl_primitive_desc_t pd, mien_value_ref *mean, mien_value_ref *variance) {
    const_dnnl_memory_desc_t mask = mien_pd_md(pd, dnnl_query_workspace_md);
    mien_value_ref workspace;
    mien_status status = MIEN_OK;
    if (mien_batch_norm_learns(b, mien_builder_node(b, node))) {
        status = statistics_of(b, node, mean, variance);
        if (status == MIEN_OK) {
            status = mien_step_value(b, step, DNNL_ARG_MEAN, *mean);
        }
        if (status == MIEN_OK) {
            status = mien_step_value(b, step, DNNL_ARG_VARIANCE, *variance);
        }
    }
    if (status == MIEN_OK && mask && dnnl_memory_desc_get_size(mask)) {
        status = mien_builder_workspace(b, node, mask, &workspace);
        if (status == MIEN_OK) {
            status = mien_step_value(b, step, DNNL_ARG_WORKSPACE, workspace);
        }
    }
    return status;
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref from = mien_builder_value(b, n->inputs[0]), to = from;
    mien_value_ref mean = {-1, NULL}, variance = {-1, NULL};
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_status status = describe(b, group, from.md, &pd);
    if (status == MIEN_OK && !mien_builder_dies(b, n->inputs[0])) {
        status = mien_builder_new(b, group->last, from.md, &to);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = add_vectors(b, n, step, false);
    }
    if (status == MIEN_OK) {
        status = add_kept(b, group->main, step, pd, &mean, &variance);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status == MIEN_OK) {
        status = mien_step_primitive(b, step, pd);
        pd = NULL;
    }
    if (status == MIEN_OK && mean.storage >= 0) {
        status = add_following(b, group->main, mean, variance);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

/* ---- gradients
 * ------------------------------------------------------------------------ */

static mien_status describe_backward(mien_builder *b, const mien_group *group,
    const_dnnl_memory_desc_t x, dnnl_primitive_desc_t *pd) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_batch_norm_settings *s = n->settings;
    mien_group none = {0};
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t forward = NULL;
    mien_status status = describe(b, group, x, &forward);
    if (status == MIEN_OK) {
        status = mien_builder_attr(b, &none, 0, false, &attr);
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_batch_normalization_backward_primitive_desc_create(pd,
            b->plan->engine, dnnl_backward, x, x, x, (float)s->epsilon,
            flags_of(b, n, group), forward, attr));
    }
    dnnl_primitive_attr_destroy(attr);
    dnnl_primitive_desc_destroy(forward);
    return status;
}

/* The step wants room for both gradients, even if one or both are frozen. */
static mien_status add_parameter_gradients(
    mien_builder *b, const mien_op_node *n, mien_step *step) {
    static const struct {
        const char *suffix;
        int arg;
    } vectors[] = {{"weight", DNNL_ARG_DIFF_SCALE}, {"bias", DNNL_ARG_DIFF_SHIFT}};
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        dnnl_memory_t memory = NULL;
        dnnl_memory_desc_t md = NULL;
        mien_value_ref unread;
        status = mien_builder_parameter_gradient(b, n, vectors[i].suffix, &memory);
        if (status == MIEN_OK && memory) {
            mien_step_memory(step, vectors[i].arg, memory);
            continue;
        }
        if (status == MIEN_OK) {
            status = mien_md_plain(&md, 1, &n->shape[1]);
        }
        if (status == MIEN_OK) {
            status = mien_builder_new(b, -1, md, &unread);
        }
        if (status == MIEN_OK) {
            status = mien_step_value(b, step, vectors[i].arg, unread);
        }
        dnnl_memory_desc_destroy(md);
    }
    return status;
}

static mien_status backward(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref x = mien_builder_value(b, n->inputs[0]), dx, mean, variance;
    mien_value_ref dy = mien_builder_gradient(b, group->last);
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_status status = describe_backward(b, group, x.md, &pd);
    if (status == MIEN_OK) {
        status = mien_builder_in(b, group->main, dy, x.md, &dy);
    }
    if (status == MIEN_OK) {
        status = mien_builder_new(b, -1, x.md, &dx);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, x) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DIFF_DST, dy);
    }
    if (status == MIEN_OK) {
        status = add_vectors(b, n, step, true);
    }
    if (status == MIEN_OK) {
        status = add_kept(b, group->main, step, pd, &mean, &variance);
    }
    if (status == MIEN_OK) {
        status = add_parameter_gradients(b, n, step);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DIFF_SRC, dx);
    }
    if (status == MIEN_OK) {
        status = mien_step_primitive(b, step, pd);
        pd = NULL;
    }
    dnnl_primitive_desc_destroy(pd);
    return status == MIEN_OK && mien_builder_learns(b, n->inputs[0])
               ? mien_builder_gradient_add(b, n->inputs[0], dx)
               : status;
}

const mien_op mien_op_batch_norm = {
    .name = "batch_norm",
    .summary = "Batch normalisation",
    .options = mien_batch_norm_options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_SCALE | MIEN_PART_RECTIFIES | MIEN_PART_NEEDS_X,
    .settings_size = sizeof(mien_batch_norm_settings),
    .parse = mien_batch_norm_parse,
    .shape = mien_batch_norm_shape,
    .prepare = prepare,
    .backward = backward,
    .reference = reference,
};

mien_status mien_batch_norm(mien_graph *graph, const char *name, mien_node x,
    double epsilon, double momentum, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[96], e[32], m[32];
    snprintf(text, sizeof text, "epsilon=%s momentum=%s",
        mien_format_double(epsilon, e), mien_format_double(momentum, m));
    return mien_graph_add(graph, "batch_norm", name, &x, 1, text, y);
}
