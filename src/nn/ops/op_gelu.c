/* SPDX-License-Identifier: MIT */
/* x Φ(x), the Gaussian error linear unit. Not one of the activations that join the
 * operator before them: its gradient cannot be told from its result. */
#include <math.h>
#include <string.h>

#include "nn/activation.h"
#include "base/need.h"
#include "nn/plan/plan.h"

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

static mien_status backward(mien_builder *b, const mien_group *group) {
    mien_eltwise e = eltwise_of(mien_builder_node(b, group->main));
    return mien_eltwise_backward(b, group, &e);
}

static mien_status prepare(mien_builder *b, const mien_group *group) {
    mien_eltwise e = eltwise_of(mien_builder_node(b, group->main));
    return mien_eltwise_prepare(b, group, &e);
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
    MIEN_NEED(graph, name, y);
    return mien_graph_add(graph, "gelu", name, &x, 1, "", y);
}
