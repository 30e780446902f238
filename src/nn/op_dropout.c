/* SPDX-License-Identifier: MIT */
/* Dropout: the identity when inferring. */
#include <stdio.h>
#include <string.h>

#include "nn/plan.h"

typedef struct dropout {
    double rate;
} dropout;

static const mien_option options[] = {
    {.name = "rate",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.5",
        .minimum = 0,
        .maximum = 1,
        .help = "part of the values set to 0 in training"},
    {0},
};

static mien_status parse(const mien_options *given, void *settings) {
    ((dropout *)settings)->rate = mien_options_number(given, "rate");
    return MIEN_OK;
}

static bool passes(
    const mien_op_node *node, const mien_op_node *const *inputs, mien_mode mode) {
    (void)node;
    (void)inputs;
    return mode == MIEN_INFER;
}

static void reference(const mien_reference *r) {
    memcpy(r->y, r->x[0], (size_t)r->y_count * sizeof *r->y);
}

const mien_op mien_op_dropout = {
    .name = "dropout",
    .summary = "Sets a random part of the values to 0 in training",
    .options = options,
    .inputs_min = 1,
    .inputs_max = 1,
    .settings_size = sizeof(dropout),
    .parse = parse,
    .shape = mien_op_same_shape,
    .passes = passes,
    .prepare = mien_builder_pass,
    .reference = reference,
};

mien_status mien_dropout(
    mien_graph *graph, const char *name, mien_node x, double rate, mien_node *y) {
    char text[48], number[32];
    snprintf(text, sizeof text, "rate=%s", mien_format_double(rate, number));
    return mien_graph_add(graph, "dropout", name, &x, 1, text, y);
}
