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

/* ---- plans through which nothing is trained
 * -------------------------------------------
 */

static mien_status describe(mien_builder *b, const mien_group *group,
    const_dnnl_memory_desc_t x, dnnl_primitive_desc_t *pd) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    const mien_batch_norm_settings *s = n->settings;
    mien_group none = {0};
    dnnl_primitive_attr_t attr = NULL;
    unsigned flags = dnnl_use_scale | dnnl_use_shift |
                     (b->plan->batch_statistics ? 0 : dnnl_use_global_stats);
    mien_status status = mien_builder_attr(b, &none, 0, false, &attr);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(
            dnnl_batch_normalization_forward_primitive_desc_create(pd, b->plan->engine,
                dnnl_forward_inference, x, x, (float)s->epsilon, flags, attr));
        dnnl_primitive_attr_destroy(attr);
    }
    return status;
}

/* Adds the parameters to a step: weight, bias, and the running statistics where the
 * batch's are not used. */
static mien_status add_vectors(
    mien_builder *b, const mien_op_node *n, mien_step *step) {
    static const struct {
        const char *suffix;
        int arg;
    } vectors[] = {{"weight", DNNL_ARG_SCALE}, {"bias", DNNL_ARG_SHIFT},
        {"running_mean", DNNL_ARG_MEAN}, {"running_var", DNNL_ARG_VARIANCE}};
    dnnl_memory_desc_t md = NULL;
    mien_status status = mien_md_plain(&md, 1, &n->shape[1]);
    for (int i = 0; status == MIEN_OK && i < (b->plan->batch_statistics ? 2 : 4); i++) {
        dnnl_memory_t memory = NULL;
        status = mien_builder_packed(
            b, n, NULL, MIEN_PACKED_VECTOR, vectors[i].suffix, md, &memory);
        if (status == MIEN_OK) {
            mien_step_memory(step, vectors[i].arg, memory);
        }
    }
    dnnl_memory_desc_destroy(md);
    return status;
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    if (mien_builder_learns(b, group->main)) {
        return mien_batch_norm_step(b, group);
    }
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref from = mien_builder_value(b, n->inputs[0]), to = from;
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
        status = add_vectors(b, n, step);
    }
    if (status == MIEN_OK) {
        status = mien_step_value(b, step, DNNL_ARG_DST, to);
    }
    if (status == MIEN_OK) {
        status = mien_step_primitive(b, step, pd);
        pd = NULL;
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
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
    .backward = mien_batch_norm_step_back,
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
