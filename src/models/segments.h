/* SPDX-License-Identifier: MIT */
/* Attention among the segments of a film: what temporal networks over features end
 * with. */
#ifndef MIEN_MODELS_SEGMENTS_H
#define MIEN_MODELS_SEGMENTS_H

#include "mien/models.h"
#include "models/builder.h"

/** Rows of options that such a kind has, behind those of the encoder. */
#define MIEN_SEGMENTS_OPTIONS                                                          \
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
        .choices = mien_segments_pools,                                                \
        .help = "what is read in the end: own: the token of the row's own segment; "   \
                "mean: that of all segments"                                           \
    }

extern const char *const mien_segments_pools[];

/** tokens [N, T, D], mask [N, T, M] or −1 → [N, outputs]. The layers are called
 * PREFIX.layers.0, …. */
mien_node mien_segments_build(mien_builder *b, const mien_design *design,
    const mien_options *given, mien_node tokens, mien_node mask, int64_t layers,
    const char *prefix);

#endif
