/* SPDX-License-Identifier: MIT */
/* What networks over features begin with: each input projected to a token. */
#include "models/tokens.h"

mien_node mien_tokens_build(mien_builder *b, const mien_design *design,
    const mien_node *inputs, int64_t width, bool segments) {
    mien_node tokens[MIEN_INPUTS_MAX], y = inputs[0];
    const int64_t one[] = {1, width};
    const int64_t each[] = {mien_design_segments(design), 1, width};
    for (int i = 0; i < design->inputs_count; i++) {
        const char *name = design->inputs[i].name;
        tokens[i] = mien_build_project(b, inputs[i], width, "inputs.%s", name);
        tokens[i] = mien_build_reshape(
            b, tokens[i], segments ? each : one, segments ? 3 : 2, "tokens.%s", name);
    }
    if (b->status == MIEN_OK && design->inputs_count == 1) {
        return tokens[0];
    }
    if (b->status == MIEN_OK) {
        b->status = mien_concat(
            b->graph, "tokens", tokens, design->inputs_count, segments ? 2 : 1, &y);
    }
    return y;
}

mien_node mien_tokens_mask(mien_builder *b, const mien_design *design, mien_node mask) {
    const int64_t shape[] = {design->inputs_count};
    return mask < 0 ? mask : mien_build_reshape(b, mask, shape, 1, "mask.tokens");
}

mien_node mien_segments_mask(mien_builder *b, mien_node mask) {
    const int tokens = 2;
    mien_node y = mask;
    if (mask >= 0 && b->status == MIEN_OK) {
        b->status = mien_reduce(
            b->graph, "mask.segments", mask, MIEN_REDUCE_MAX, &tokens, 1, false, &y);
    }
    return y;
}

mien_node mien_segments_pool(
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
