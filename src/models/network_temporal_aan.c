/* SPDX-License-Identifier: MIT */
/* Temporal AAN: all features of a segment make one token; attention among segments.
 * The publication describes it, no weights of it are published. */
#include "models/encoder.h"
#include "models/segments.h"

static const mien_option options[] = {
    MIEN_ENCODER_OPTIONS,
    MIEN_SEGMENTS_OPTIONS,
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
    mien_node x = join(&b, design, inputs);
    x = mien_build_project(&b, x, mien_options_int(given, "width"), "inputs");
    *output = mien_segments_build(
        &b, design, given, x, mask, mien_options_int(given, "layers"), "encoder");
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
