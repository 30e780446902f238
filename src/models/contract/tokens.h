/* SPDX-License-Identifier: MIT */
/* The beginning of fusions of tokens: the output of each branch is one token. */
#ifndef MIEN_MODELS_TOKENS_H
#define MIEN_MODELS_TOKENS_H

#include "models/parts/parts.h"

/** A fusion's begin() without context: part->kept is the mask as [N, M]. */
void mien_tokens_mask(mien_part_build *part);
/** A fusion's take(): rows [N, width] as [N, 1, width], or, with context,
 * [N, T, width] as [N, T, 1, width]. */
void mien_tokens_take(mien_part_build *part, int input);
/** All of them: [N, M, width] or [N, T, M, width]. */
mien_node mien_tokens_join(mien_part_build *part);
/** MIEN_ESHAPE names two inputs whose branches give rows of different widths. */
mien_status mien_tokens_same_width(const mien_part_build *part);
/** MIEN_EINVAL where there is context: for fusions that look at one item. */
mien_status mien_tokens_check(const mien_architecture *architecture, const char *name);

#endif
