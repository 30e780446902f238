/* SPDX-License-Identifier: MIT */
/* Each branch brought to one width, and their sum weighed by a softmax over the
 * branches that are there: how well each suits what all of them say together. */
#include "models/contract/tokens.h"

static const mien_option options[] = {
    {.name = "width",
        .type = MIEN_OPTION_INT,
        .initial = "64",
        .minimum = 1,
        .maximum = 1 << 16,
        .help = "values that each branch is brought to"},
    {0},
};

static mien_status check(const mien_architecture *a, const mien_options *given) {
    (void)given;
    return mien_tokens_check(a, "gated");
}

/* gated.NAME: the row brought to the width. */
static void take(mien_part_build *part, int input) {
    mien_builder *b = &part->b;
    const char *name = part->architecture->inputs[input].name;
    int64_t width = mien_options_int(part->options, "width");
    mien_node x = mien_build_linear(b, part->x[input], width, "gated.%s", name);
    part->x[input] = mien_build_activation(b, x, MIEN_TANH, "gated.%s.tanh", name);
    mien_tokens_take(part, input);
}

/* Attention of one head with one query, the mean of the rows that are there: a missing
 * branch has weight 0, and no gradient comes to it. */
static mien_node build(mien_part_build *part) {
    mien_builder *b = &part->b;
    mien_attention_options o = mien_attention_options_of(1);
    const int64_t width = mien_options_int(part->options, "width");
    const int64_t one[] = {1, width};
    mien_node x = mien_tokens_join(part);
    mien_node mean = mien_build_pooled(b, x, part->kept, "gated.mean");
    mien_node query = mien_build_linear(b, mean, width, "gated.query");
    o.mask = part->kept;
    o.mask_rule = MIEN_MASK_KEEP;
    query = mien_build_reshape(b, query, one, 2, "gated.asked");
    mien_node key = mien_build_linear(b, x, width, "gated.key");
    mien_node weights = mien_build_weights(b, query, key, &o, "gated.layers.0.weights");
    mien_node sum = mien_build_mix(b, weights, x, "gated.sum");
    return mien_build_reshape(b, sum, &width, 1, "gated.row");
}

const mien_fusion_kind mien_fusion_gated = {
    .name = "gated",
    .summary = "A sum of the branches, weighed by a softmax over those that are there",
    .options = options,
    .check = check,
    .begin = mien_tokens_mask,
    .take = take,
    .build = build,
};
