/* SPDX-License-Identifier: MIT */
/* Feature AAN: attention among the modalities of one segment.
 *
 * Source: Thao, Balamurali, Roig, Herremans: AttendAffectNet, ICPR 2020 and Sensors 21,
 * 8356 (2021). */
#include "models/encoder.h"
#include "models/tokens.h"

static const mien_option options[] = {
    MIEN_ENCODER_OPTIONS,
    {.name = "embedding",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "adds a learned vector of its own to each input's token"},
    {0},
};

static mien_status check(const mien_design *design, const mien_options *given) {
    (void)design;
    return mien_encoder_check(given);
}

static mien_status build(const mien_design *design, const mien_options *given,
    mien_graph *graph, const mien_node *inputs, mien_node mask, mien_node *output) {
    mien_builder b = {.graph = graph};
    mien_encoder e = mien_encoder_of(given);
    e.mask = mien_tokens_mask(&b, design, mask);
    mien_node x =
        mien_tokens_build(&b, design, inputs, mien_options_int(given, "width"), false);
    if (mien_options_flag(given, "embedding")) {
        x = mien_build_position(&b, x, "embedding");
    }
    x = mien_encoder_build(&b, x, &e, "encoder");
    x = mien_build_pooled(&b, x, e.mask, "pooled");
    *output = mien_encoder_head(&b, x, given, design->outputs);
    return b.status;
}

const mien_network_kind mien_network_aan = {
    .name = "aan",
    .summary = "Attention among the features of one segment (AttendAffectNet)",
    .options = options,
    .check = check,
    .build = build,
    .start = mien_encoder_start,
};
