/* SPDX-License-Identifier: MIT */
/* Attention among the segments of a film. */
#include "models/parts/sequence.h"

#include <string.h>

#include "models/parts/encoder.h"

const char *const mien_sequence_pools[] = {"own", "mean", NULL};

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

/* Pools a sequence [N, T, D] to [N, D]: the row's own segment, or the mean over the
 * segments that are there. */
static mien_node pool(mien_part_build *part, mien_node x, mien_node mask) {
    mien_builder *b = &part->b;
    bool own = strcmp(mien_options_text(part->options, "pool"), "own") == 0;
    int64_t at = part->architecture->context_before;
    const int64_t width = mien_part_width(part, x);
    mien_node y = x;
    if (!own || b->status != MIEN_OK) {
        return mien_build_pooled(b, x, mask, "pooled");
    }
    b->status = mien_slice(b->graph, "own", x, 1, at, at + 1, &y);
    return mien_build_reshape(b, y, &width, 1, "pooled");
}

mien_node mien_sequence_build(
    mien_part_build *part, mien_node tokens, int64_t layers, const char *prefix) {
    mien_builder *b = &part->b;
    mien_encoder e = mien_encoder_of(part->options);
    mien_node x = tokens;
    e.layers = layers;
    e.causal = mien_options_flag(part->options, "causal");
    e.mask = mask_of(b, part->mask);
    if (mien_options_flag(part->options, "position")) {
        x = mien_build_position(b, x, "position");
    }
    x = mien_encoder_build(b, x, &e, prefix);
    x = pool(part, x, e.mask);
    return mien_encoder_end(b, x, part->options);
}
