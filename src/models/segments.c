/* SPDX-License-Identifier: MIT */
/* Attention among the segments of a film. */
#include "models/segments.h"

#include <string.h>

#include "models/encoder.h"

const char *const mien_segments_pools[] = {"own", "mean", NULL};

/* mask [N, T, M] → [N, T]: segments of which anything is there; −1 stays −1. */
static mien_node mask_of(mien_builder *b, mien_node mask) {
    const int tokens = 2;
    mien_node y = mask;
    if (mask >= 0 && b->status == MIEN_OK) {
        b->status = mien_reduce(
            b->graph, "mask.segments", mask, MIEN_REDUCE_MAX, &tokens, 1, false, &y);
    }
    return y;
}

/* What a sequence [N, T, D] comes to: the row's own segment, or the mean of all that
 * are there. */
static mien_node pool(
    mien_builder *b, const mien_design *design, mien_node x, mien_node mask, bool own) {
    int64_t shape[MIEN_RANK_MAX], at = design->context_before;
    mien_node y = x;
    if (!own || b->status != MIEN_OK) {
        return mien_build_pooled(b, x, mask, "pooled");
    }
    mien_graph_shape(b->graph, x, shape);
    b->status = mien_slice(b->graph, "own", x, 1, at, at + 1, &y);
    return mien_build_reshape(b, y, &shape[2], 1, "pooled");
}

mien_node mien_segments_build(mien_builder *b, const mien_design *design,
    const mien_options *given, mien_node tokens, mien_node mask, int64_t layers,
    const char *prefix) {
    mien_encoder e = mien_encoder_of(given);
    bool own = strcmp(mien_options_text(given, "pool"), "own") == 0;
    mien_node x = tokens;
    e.layers = layers;
    e.causal = mien_options_flag(given, "causal");
    e.mask = mask_of(b, mask);
    if (mien_options_flag(given, "position")) {
        x = mien_build_position(b, x, "position");
    }
    x = mien_encoder_build(b, x, &e, prefix);
    x = pool(b, design, x, e.mask, own);
    return mien_encoder_head(b, x, given, design->outputs);
}
