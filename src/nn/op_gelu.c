/* SPDX-License-Identifier: MIT */
/* x Φ(x), the Gaussian error linear unit. Not one of the activations that join the
 * operator before them: its gradient cannot be told from its result. */
#include <math.h>
#include <string.h>

#include "nn/gradient.h"

typedef struct gelu {
    bool approximate;
} gelu;

static const char *const forms[] = {"none", "tanh", NULL};
static const mien_option options[] = {
    {.name = "approximate",
        .type = MIEN_OPTION_CHOICE,
        .initial = "none",
        .choices = forms,
        .help = "tanh: x (1 + tanh(sqrt(2/π) (x + 0.044715 x³))) / 2"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    ((gelu *)settings)->approximate =
        !strcmp(mien_options_text(given, "approximate"), "tanh");
    return MIEN_OK;
}

static void reference(const mien_reference *r) {
    const gelu *s = r->node->settings;
    for (int64_t i = 0; i < r->y_count; i++) {
        double x = r->x[0][i];
        double inner = 0.79788456080286535588 * (x + 0.044715 * x * x * x);
        r->y[i] =
            0.5 * x *
            (1 + (s->approximate ? tanh(inner) : erf(x * 0.70710678118654752440)));
    }
}

static mien_eltwise eltwise_of(const mien_op_node *node) {
    const gelu *s = node->settings;
    return (mien_eltwise){
        .algorithm = s->approximate ? dnnl_eltwise_gelu_tanh : dnnl_eltwise_gelu_erf};
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref from = mien_builder_value(b, n->inputs[0]), to = from;
    mien_status status = MIEN_OK;
    if (!mien_builder_dies(b, n->inputs[0])) {
        status = mien_builder_new(b, group->last, from.md, &to);
    }
    if (status == MIEN_OK) {
        status = mien_builder_eltwise(b, group->main, eltwise_of(n), from, to);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
    }
    return status;
}

static mien_status describe_back(mien_builder *b, const mien_op_node *n,
    const_dnnl_memory_desc_t md, dnnl_primitive_desc_t *pd) {
    mien_group none = {0};
    dnnl_alg_kind_t algorithm = (dnnl_alg_kind_t)eltwise_of(n).algorithm;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_primitive_desc_t forward = NULL;
    mien_status status = mien_builder_attr(b, &none, 0, false, &attr);
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_eltwise_forward_primitive_desc_create(&forward,
            b->plan->engine, dnnl_forward_training, algorithm, md, md, 0, 0, attr));
    }
    if (status == MIEN_OK) {
        status = MIEN_DNNL(dnnl_eltwise_backward_primitive_desc_create(
            pd, b->plan->engine, algorithm, md, md, md, 0, 0, forward, attr));
    }
    dnnl_primitive_desc_destroy(forward);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

static mien_status backward(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref x = mien_builder_value(b, n->inputs[0]), dx;
    mien_value_ref dy = mien_builder_gradient(b, group->last);
    dnnl_primitive_desc_t pd = NULL;
    mien_step *step = NULL;
    mien_status status = describe_back(b, n, x.md, &pd);
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
        status = mien_step_value(b, step, DNNL_ARG_DIFF_SRC, dx);
    }
    if (status == MIEN_OK) {
        status = mien_step_primitive(b, step, pd);
        return status == MIEN_OK ? mien_builder_gradient_add(b, n->inputs[0], dx)
                                 : status;
    }
    dnnl_primitive_desc_destroy(pd);
    return status;
}

const mien_op mien_op_gelu = {
    .name = "gelu",
    .summary = "Gaussian error linear unit",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .parts = MIEN_PART_NEEDS_X,
    .settings_size = sizeof(gelu),
    .parse = parse,
    .shape = mien_op_same_shape,
    .prepare = prepare,
    .backward = backward,
    .reference = reference,
};

mien_status mien_gelu(mien_graph *graph, const char *name, mien_node x, mien_node *y) {
    return mien_graph_add(graph, "gelu", name, &x, 1, "", y);
}
