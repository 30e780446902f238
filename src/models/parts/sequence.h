/* SPDX-License-Identifier: MIT */
/* Attention among the segments of a film: what temporal fusions end with. */
#ifndef MIEN_MODELS_SEQUENCE_H
#define MIEN_MODELS_SEQUENCE_H

#include "models/parts/parts.h"

/** Rows of options that such a kind has, behind those of the encoder. */
#define MIEN_SEQUENCE_OPTIONS                                                          \
    {.name = "position",                                                               \
        .type = MIEN_OPTION_FLAG,                                                      \
        .initial = "true",                                                             \
        .help = "adds a learned vector to each segment's token, by its place"},        \
        {.name = "causal",                                                             \
            .type = MIEN_OPTION_FLAG,                                                  \
            .initial = "false",                                                        \
            .help = "a segment looks at itself and those before it only"},             \
    {                                                                                  \
        .name = "pool", .type = MIEN_OPTION_CHOICE, .initial = "own",                  \
        .choices = mien_sequence_pools,                                                \
        .help = "what is read in the end: own: the token of the row's own segment; "   \
                "mean: that of all segments"                                           \
    }

extern const char *const mien_sequence_pools[];

/** tokens [N, T, D] → [N, D]. The layers are called PREFIX.layers.0, …. */
mien_node mien_sequence_build(
    mien_part_build *part, mien_node tokens, int64_t layers, const char *prefix);

#endif
