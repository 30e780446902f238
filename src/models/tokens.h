/* SPDX-License-Identifier: MIT */
/* What networks over features begin with: each input projected to a token. */
#ifndef MIEN_MODELS_TOKENS_H
#define MIEN_MODELS_TOKENS_H

#include "mien/models.h"
#include "models/builder.h"

/** Each input by a linear layer of its own, inputs.NAME, as tokens [N, M, width], or,
 * of segments, [N, T, M, width]. */
mien_node mien_tokens_build(mien_builder *b, const mien_design *design,
    const mien_node *inputs, int64_t width, bool segments);
/** mask [N, T, M] as [N, M] of a network without segments; −1 stays −1. */
mien_node mien_tokens_mask(mien_builder *b, const mien_design *design, mien_node mask);
/** mask [N, T, M] → [N, T]: segments of which anything is there; −1 stays −1. */
mien_node mien_segments_mask(mien_builder *b, mien_node mask);
/** What a sequence [N, T, D] comes to: the row's own segment, or the mean of all that
 * are there. */
mien_node mien_segments_pool(
    mien_builder *b, const mien_design *design, mien_node x, mien_node mask, bool own);

#endif
