/* SPDX-License-Identifier: MIT */
/* Mixed AAN: attention among the features of each segment, then among segments. The
 * publication describes it, no weights of it are published. */
#include "models/encoder.h"
#include "models/segments.h"
#include "models/tokens.h"

static const mien_option options[] = {
    MIEN_ENCODER_OPTIONS,
    {.name = "temporal-layers",
        .type = MIEN_OPTION_INT,
        .initial = "2",
        .minimum = 1,
        .maximum = 64,
        .help = "layers of attention among segments, after those among features"},
    {.name = "embedding",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "adds a learned vector of its own to each input's token"},
    MIEN_SEGMENTS_OPTIONS,
    {0},
};

static mien_status check(const mien_design *design, const mien_options *given) {
    (void)design;
    return mien_encoder_check(given);
}

static mien_node among_features(mien_builder *b, const mien_design *design,
    const mien_options *given, const mien_node *inputs, mien_node mask) {
    mien_encoder e = mien_encoder_of(given);
    e.mask = mask;
    mien_node x =
        mien_tokens_build(b, design, inputs, mien_options_int(given, "width"), true);
    if (mien_options_flag(given, "embedding")) {
        x = mien_build_position(b, x, "embedding");
    }
    x = mien_encoder_build(b, x, &e, "encoder");
    return mien_build_pooled(b, x, mask, "segments");
}

static mien_status build(const mien_design *design, const mien_options *given,
    mien_graph *graph, const mien_node *inputs, mien_node mask, mien_node *output) {
    mien_builder b = {.graph = graph};
    mien_node x = among_features(&b, design, given, inputs, mask);
    *output = mien_segments_build(&b, design, given, x, mask,
        mien_options_int(given, "temporal-layers"), "temporal");
    return b.status;
}

const mien_network_kind mien_network_mixed_aan = {
    .name = "mixed_aan",
    .summary = "Attention among the features of each segment, then among segments",
    .options = options,
    .temporal = true,
    .check = check,
    .build = build,
    .start = mien_encoder_start,
};
