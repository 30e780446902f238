/* SPDX-License-Identifier: MIT */
/* Batch normalisation by running statistics; folded into a convolution or linear layer
 * before it where a plan infers. */
#include <math.h>
#include <stdio.h>

#include "nn/batch_norm.h"
#include "nn/plan.h"

static const mien_option options[] = {
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

static mien_status parse(const mien_options *given, void *settings) {
    mien_batch_norm_settings *s = settings;
    s->epsilon = mien_options_number(given, "epsilon");
    s->momentum = mien_options_number(given, "momentum");
    return MIEN_OK;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
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

static void reference(const mien_reference *r) {
    const mien_batch_norm_settings *s = r->node->settings;
    const float *weight = r->parameters[0], *bias = r->parameters[1];
    const float *mean = r->parameters[2], *variance = r->parameters[3];
    int64_t channels = r->y_shape[1], area = r->y_count / r->y_shape[0] / channels;
    for (int64_t i = 0; i < r->y_count; i++) {
        int64_t c = i / area % channels;
        double centred = r->x[0][i] - (double)mean[c];
        r->y[i] = centred / sqrt((double)variance[c] + s->epsilon) * (double)weight[c] +
                  (double)bias[c];
    }
}

static mien_status describe(mien_builder *b, const mien_op_node *n, mien_value_ref x,
    dnnl_primitive_desc_t *pd) {
    const mien_batch_norm_settings *s = n->settings;
    mien_group none = {0};
    dnnl_primitive_attr_t attr = NULL;
    mien_status status = mien_builder_attr(b, &none, 0, false, &attr);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_batch_normalization_forward_primitive_desc_create(pd,
            b->plan->engine, dnnl_forward_inference, x.md, x.md, (float)s->epsilon,
            dnnl_use_global_stats | dnnl_use_scale | dnnl_use_shift, attr));
        dnnl_primitive_attr_destroy(attr);
    }
    return status;
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    static const struct {
        const char *suffix;
        int arg;
    } vectors[] = {{"weight", DNNL_ARG_SCALE}, {"bias", DNNL_ARG_SHIFT},
        {"running_mean", DNNL_ARG_MEAN}, {"running_var", DNNL_ARG_VARIANCE}};
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref from = mien_builder_value(b, n->inputs[0]), to = from;
    dnnl_memory_t memory[4] = {NULL};
    dnnl_memory_desc_t vector = NULL;
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_status status = describe(b, n, from, &pd);
    if (status == MIEN_OK && !mien_builder_dies(b, n->inputs[0])) {
        status = mien_builder_new(b, group->last, from.md, &to);
    }
    if (status == MIEN_OK) {
        status = mien_md_plain(&vector, 1, &n->shape[1]);
    }
    for (int i = 0; status == MIEN_OK && i < 4; i++) {
        status = mien_builder_packed(
            b, n, NULL, MIEN_PACKED_VECTOR, vectors[i].suffix, vector, &memory[i]);
    }
    if (status == MIEN_OK) {
        step = mien_builder_step(b, group->main);
        status = step ? mien_step_value(b, step, DNNL_ARG_SRC, from) : MIEN_ENOMEM;
    }
    for (int i = 0; status == MIEN_OK && i < 4; i++) {
        mien_step_memory(step, vectors[i].arg, memory[i]);
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
    if (pd) {
        dnnl_primitive_desc_destroy(pd);
    }
    if (vector) {
        dnnl_memory_desc_destroy(vector);
    }
    return status;
}

const mien_op mien_op_batch_norm = {
    .name = "batch_norm",
    .summary = "Batch normalisation",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_SCALE,
    .settings_size = sizeof(mien_batch_norm_settings),
    .parse = parse,
    .shape = shape,
    .prepare = prepare,
    .reference = reference,
};

mien_status mien_batch_norm(mien_graph *graph, const char *name, mien_node x,
    double epsilon, double momentum, mien_node *y) {
    char text[96], e[32], m[32];
    snprintf(text, sizeof text, "epsilon=%s momentum=%s",
        mien_format_double(epsilon, e), mien_format_double(momentum, m));
    return mien_graph_add(graph, "batch_norm", name, &x, 1, text, y);
}
