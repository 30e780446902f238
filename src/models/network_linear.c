/* SPDX-License-Identifier: MIT */
/* What every network has to beat: sums of the features, weighed. Of classes it is
 * logistic regression, of numbers linear regression. */
#include "models/tokens.h"

static const mien_option options[] = {
    {.name = "dropout",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 0.95,
        .help = "of the features"},
    {0},
};

static mien_status build(const mien_design *design, const mien_options *given,
    mien_graph *graph, const mien_node *inputs, mien_node mask, mien_node *output) {
    mien_builder b = {.graph = graph};
    double rate = mien_options_number(given, "dropout");
    mien_node some[MIEN_INPUTS_MAX];
    for (int i = 0; i < design->inputs_count; i++) {
        some[i] = rate > 0 ? mien_build_dropout(&b, inputs[i], rate, "dropout.%s",
                                 design->inputs[i].name)
                           : inputs[i];
    }
    mien_node seen = mien_tokens_mask(&b, design, mask);
    mien_node x = mien_tokens_build(&b, design, some, design->outputs, false);
    *output = mien_build_pooled(&b, x, seen, "pooled");
    return b.status;
}

const mien_network_kind mien_network_linear = {
    .name = "linear",
    .summary = "Weighed sums of the features, averaged over the inputs that are there",
    .options = options,
    .build = build,
};
