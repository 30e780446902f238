/* SPDX-License-Identifier: MIT */
/* Rows of the batch made steps again: the way back from merge_steps. */
#include <stdio.h>
#include <string.h>

#include "nn/plan/plan.h"
#include "base/need.h"

typedef struct split {
    int64_t steps;
} split;

static const mien_option options[] = {
    {.name = "steps",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = MIEN_STEPS_MAX,
        .help = "rows that become the steps of one"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    ((split *)settings)->steps = mien_options_int(given, "steps");
    return MIEN_OK;
}

static mien_status shape(mien_op_node *node, const mien_op_node *const *inputs) {
    const split *s = node->settings;
    const mien_op_node *x = inputs[0];
    if (x->rank == MIEN_RANK_MAX || x->shape[0] % s->steps != 0) {
        return mien_fail(MIEN_ESHAPE,
            "its rows are no multiple of %lld steps, or it has %d dimensions already",
            (long long)s->steps, MIEN_RANK_MAX);
    }
    node->rank = x->rank + 1;
    node->shape[0] = x->shape[0] / s->steps;
    node->shape[1] = s->steps;
    memcpy(node->shape + 2, x->shape + 1, (size_t)(x->rank - 1) * sizeof *x->shape);
    return MIEN_OK;
}

const mien_op mien_op_split_steps = {
    .name = "split_steps",
    .summary = "Rows of the batch made steps",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(split),
    .parse = parse,
    .shape = shape,
    .passes = mien_op_passes,
    .prepare = mien_builder_pass,
    .reference = mien_op_pass_reference,
};

mien_status mien_split_steps(
    mien_graph *graph, const char *name, mien_node x, int64_t steps, mien_node *y) {
    MIEN_NEED(graph, name, y);
    char text[48];
    snprintf(text, sizeof text, "steps=%lld", (long long)steps);
    return mien_graph_add(graph, "split_steps", name, &x, 1, text, y);
}
