/* SPDX-License-Identifier: MIT */
/* A toy fusion for the test of how little one costs: the sum of what branches give. */
#include "models/contract/tokens.h"

static const mien_option options[] = {
    {.name = "first",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "leaves all inputs but the first out, which the house refuses"},
    {0},
};

static mien_status check(const mien_architecture *a, const mien_options *given) {
    (void)given;
    return mien_tokens_check(a, "toy_sum");
}

static mien_node build(mien_part_build *part) {
    mien_node sum = mien_part_masked(part, 0);
    bool first = mien_options_flag(part->options, "first");
    for (int i = 1; !first && i < part->architecture->inputs_count; i++) {
        sum = mien_build_add(&part->b, sum, mien_part_masked(part, i), "sum.%d", i);
    }
    return sum;
}

const mien_fusion_kind mien_fusion_toy_sum = {
    .name = "toy_sum",
    .summary = "The sum of what the branches give",
    .options = options,
    .check = check,
    .build = build,
};
