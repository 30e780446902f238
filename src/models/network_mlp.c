/* SPDX-License-Identifier: MIT */
/* The simple thing to beat: projected features averaged, and hidden layers. */
#include "models/tokens.h"

#include <string.h>

static const char *const activations[] = {"relu", "elu", "tanh", NULL};
static const mien_option options[] = {
    {.name = "width",
        .type = MIEN_OPTION_INT,
        .initial = "32",
        .minimum = 1,
        .maximum = 4096,
        .help = "values that each input is projected to, and of each hidden layer"},
    {.name = "layers",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 0,
        .maximum = 16,
        .help = "hidden layers behind the mean of the projected inputs"},
    {.name = "activation",
        .type = MIEN_OPTION_CHOICE,
        .initial = "relu",
        .choices = activations,
        .help = "of the mean and of each hidden layer"},
    {.name = "dropout",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.1",
        .minimum = 0,
        .maximum = 0.95,
        .help = "after each activation"},
    {0},
};

static mien_node activate(
    mien_builder *b, mien_node x, const mien_options *given, int64_t index) {
    double rate = mien_options_number(given, "dropout");
    mien_activation activation = MIEN_RELU;
    if (b->status == MIEN_OK) {
        b->status =
            mien_activation_find(mien_options_text(given, "activation"), &activation);
    }
    x = mien_build_activation(b, x, activation, "activation.%lld", (long long)index);
    return rate > 0 ? mien_build_dropout(b, x, rate, "dropout.%lld", (long long)index)
                    : x;
}

static mien_status build(const mien_design *design, const mien_options *given,
    mien_graph *graph, const mien_node *inputs, mien_node mask, mien_node *output) {
    mien_builder b = {.graph = graph};
    int64_t width = mien_options_int(given, "width");
    mien_node seen = mien_tokens_mask(&b, design, mask);
    mien_node x = mien_tokens_build(&b, design, inputs, width, false);
    x = activate(&b, mien_build_pooled(&b, x, seen, "pooled"), given, 0);
    for (int64_t i = 0; i < mien_options_int(given, "layers"); i++) {
        x = mien_build_linear(&b, x, width, "hidden.%lld", (long long)i);
        x = activate(&b, x, given, i + 1);
    }
    *output = mien_build_linear(&b, x, design->outputs, "linear");
    return b.status;
}

const mien_network_kind mien_network_mlp = {
    .name = "mlp",
    .summary = "Mean of the projected features, and hidden layers",
    .options = options,
    .build = build,
};
