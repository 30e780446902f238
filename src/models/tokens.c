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
