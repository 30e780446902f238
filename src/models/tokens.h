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

#endif
