/* SPDX-License-Identifier: MIT */
/* Attention among the inputs of one row: Feature AAN's encoder, and the mean of what
 * comes out.
 *
 * Source: Thao, Balamurali, Roig, Herremans: AttendAffectNet, ICPR 2020 and Sensors 21,
 * 8356 (2021). */
#include "models/parts/encoder.h"
#include "models/contract/tokens.h"

static const mien_option options[] = {
    MIEN_ENCODER_OPTIONS,
    MIEN_ENCODER_EMBEDDING,
    {0},
};

static mien_status check(const mien_architecture *a, const mien_options *given) {
    (void)given;
    return mien_tokens_check(a, "attention");
}

static mien_node build(mien_part_build *part) {
    mien_builder *b = &part->b;
    mien_encoder e = mien_encoder_of(part->options);
    mien_node x = mien_tokens_join(part);
    e.mask = part->kept;
    if (mien_options_flag(part->options, "embedding")) {
        x = mien_build_position(b, x, "embedding");
    }
    x = mien_encoder_build(b, x, &e, "encoder");
    x = mien_build_pooled(b, x, e.mask, "pooled");
    return mien_encoder_end(b, x, part->options);
}

const mien_fusion_kind mien_fusion_attention = {
    .name = "attention",
    .summary = "Attention among the inputs of a row, and their mean",
    .options = options,
    .check = check,
    .begin = mien_tokens_mask,
    .take = mien_tokens_take,
    .build = build,
    .start = mien_encoder_start,
};
