/* SPDX-License-Identifier: MIT */
/* Shared by the rows of element-wise activations. */
#include "nn/activation.h"

#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "nn/plan/plan.h"

static const char *const names[] = {[MIEN_RELU] = "relu",
    [MIEN_RELU6] = "relu6",
    [MIEN_LEAKY_RELU] = "leaky_relu",
    [MIEN_ELU] = "elu",
    [MIEN_SIGMOID] = "sigmoid",
    [MIEN_TANH] = "tanh"};
#define ACTIVATIONS (sizeof names / sizeof *names)

mien_status mien_activation_find(const char *name, mien_activation *activation) {
    MIEN_NEED(name, activation);
    size_t nearest = 0;
    for (size_t i = 0; i < ACTIVATIONS; i++) {
        if (strcmp(name, names[i]) == 0) {
            *activation = (mien_activation)i;
            return MIEN_OK;
        }
        if (mien_edit_distance(name, names[i]) <
            mien_edit_distance(name, names[nearest])) {
            nearest = i;
        }
    }
    return mien_fail(MIEN_ENOTFOUND, "there is no activation \"%s\"; the nearest is %s",
        name, names[nearest]);
}

mien_status mien_activation_parse(const mien_options *given, void *settings) {
    ((mien_activation_settings *)settings)->alpha = mien_options_number(given, "alpha");
    return MIEN_OK;
}

double mien_activation_alpha(const mien_op_node *node) {
    return node->settings ? ((const mien_activation_settings *)node->settings)->alpha
                          : 0;
}

void mien_activation_map(const mien_reference *r, double (*f)(double x, double alpha)) {
    double alpha = mien_activation_alpha(r->node);
    for (int64_t i = 0; i < r->y_count; i++) {
        r->y[i] = f(r->x[0][i], alpha);
    }
}

mien_status mien_activation_prepare(mien_builder *b, const mien_group *group) {
    const mien_op_node *n = mien_builder_node(b, group->main);
    mien_value_ref from = mien_builder_value(b, n->inputs[0]), to = from;
    mien_status status = MIEN_OK;
    if (!mien_builder_dies(b, n->inputs[0])) {
        status = mien_builder_new(b, group->last, from.md, &to);
    }
    if (status == MIEN_OK) {
        status = mien_builder_eltwise(b, group->main, n->op->eltwise(n), from, to);
    }
    if (status == MIEN_OK) {
        mien_builder_set(b, group->last, to);
    }
    return status;
}

mien_status mien_activate(mien_graph *graph, const char *name, mien_node x,
    mien_activation activation, double alpha, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char options[64] = "";
    if ((unsigned)activation >= ACTIVATIONS) {
        return mien_fail(MIEN_EINVAL, "%s: there is no activation %d", name ? name : "",
            (int)activation);
    }
    if (alpha != 0 && (activation == MIEN_LEAKY_RELU || activation == MIEN_ELU)) {
        char number[32];
        snprintf(
            options, sizeof options, "alpha=%s", mien_format_double(alpha, number));
    }
    return mien_graph_add(graph, names[activation], name, &x, 1, options, y);
}
