/* SPDX-License-Identifier: MIT */
/* Temporal AAN: all features of a segment make one token; attention among segments.
 * The publication describes it, no weights of it are published. */
#include "models/encoder.h"
#include "models/tokens.h"

#include <string.h>

static const char *const pools[] = {"own", "mean", NULL};
static const mien_option options[] = {
    MIEN_ENCODER_OPTIONS,
    {.name = "position",
        .type = MIEN_OPTION_FLAG,
        .initial = "true",
        .help = "adds a learned vector to each segment's token, by its place"},
    {.name = "causal",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "a segment looks at itself and those before it only"},
    {.name = "pool",
        .type = MIEN_OPTION_CHOICE,
        .initial = "own",
        .choices = pools,
        .help = "what is read in the end: own: the token of the row's own segment; "
                "mean: that of all segments"},
    {0},
};

static mien_status check(const mien_design *design, const mien_options *given) {
    (void)design;
    return mien_encoder_check(given);
}

/* The inputs side by side as [N, T, sum of widths]: missing ones are zeros, which add
 * nothing. */
static mien_node join(
    mien_builder *b, const mien_design *design, const mien_node *inputs) {
    mien_node parts[MIEN_INPUTS_MAX], y = inputs[0];
    for (int i = 0; i < design->inputs_count; i++) {
        const int64_t shape[] = {mien_design_segments(design), design->inputs[i].width};
        parts[i] = mien_build_reshape(
            b, inputs[i], shape, 2, "segments.%s", design->inputs[i].name);
    }
    if (b->status == MIEN_OK && design->inputs_count == 1) {
        return parts[0];
    }
    if (b->status == MIEN_OK) {
        b->status =
            mien_concat(b->graph, "segments", parts, design->inputs_count, 2, &y);
    }
    return y;
}

static mien_status build(const mien_design *design, const mien_options *given,
    mien_graph *graph, const mien_node *inputs, mien_node mask, mien_node *output) {
    mien_builder b = {.graph = graph};
    mien_encoder e = mien_encoder_of(given);
    bool own = strcmp(mien_options_text(given, "pool"), "own") == 0;
    e.causal = mien_options_flag(given, "causal");
    e.mask = mien_segments_mask(&b, mask);
    mien_node x = join(&b, design, inputs);
    x = mien_build_project(&b, x, mien_options_int(given, "width"), "inputs");
    if (mien_options_flag(given, "position")) {
        x = mien_build_position(&b, x, "position");
    }
    x = mien_encoder_build(&b, x, &e, "encoder");
    x = mien_segments_pool(&b, design, x, e.mask, own);
    *output = mien_encoder_head(&b, x, given, design->outputs);
    return b.status;
}

const mien_network_kind mien_network_temporal_aan = {
    .name = "temporal_aan",
    .summary = "Attention among the segments of a film, all features in one token",
    .options = options,
    .temporal = true,
    .check = check,
    .build = build,
    .start = mien_encoder_start,
};
