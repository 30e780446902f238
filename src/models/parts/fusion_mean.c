/* SPDX-License-Identifier: MIT */
/* The mean of what the branches give, of those whose inputs are there. */
#include "models/contract/tokens.h"

static const mien_option options[] = {
    {.name = "dropout",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0",
        .minimum = 0,
        .maximum = 0.95,
        .help = "of what the branches read"},
    {0},
};

static mien_status check(const mien_architecture *a, const mien_options *given) {
    (void)given;
    return mien_tokens_check(a, "mean");
}

static void begin(mien_part_build *part) {
    const mien_architecture *a = part->architecture;
    double rate = mien_options_number(part->options, "dropout");
    for (int i = 0; rate > 0 && i < a->inputs_count; i++) {
        part->x[i] = mien_build_dropout(
            &part->b, part->x[i], rate, "dropout.%s", a->inputs[i].name);
    }
    mien_tokens_mask(part);
}

static mien_node build(mien_part_build *part) {
    mien_node x = mien_tokens_join(part);
    return mien_build_pooled(&part->b, x, part->kept, "pooled");
}

const mien_fusion_kind mien_fusion_mean = {
    .name = "mean",
    .summary = "The mean of the branches whose inputs are there",
    .options = options,
    .check = check,
    .begin = begin,
    .take = mien_tokens_take,
    .build = build,
};
