/* SPDX-License-Identifier: MIT */
/* Mixed AAN: attention among the inputs of each segment, then among segments. The
 * publication of AttendAffectNet describes it, no weights of it are published. */
#include "models/parts/encoder.h"
#include "models/parts/sequence.h"
#include "models/contract/tokens.h"

static const mien_option options[] = {
    MIEN_ENCODER_OPTIONS,
    MIEN_ENCODER_TEMPORAL,
    MIEN_ENCODER_EMBEDDING,
    MIEN_SEQUENCE_OPTIONS,
    {0},
};

/* Without context there is one segment, whose tokens still are [N, 1, M, D]. */
static void take(mien_part_build *part, int input) {
    const mien_architecture *a = part->architecture;
    const int64_t shape[] = {
        mien_architecture_steps(a), 1, mien_part_width(part, part->x[input])};
    part->x[input] = mien_build_reshape(
        &part->b, part->x[input], shape, 3, "tokens.%s", a->inputs[input].name);
}

static mien_node join(mien_part_build *part) {
    mien_node y = part->x[0];
    if (part->b.status == MIEN_OK) {
        part->b.status = mien_tokens_same_width(part);
    }
    if (part->b.status == MIEN_OK && part->architecture->inputs_count > 1) {
        part->b.status = mien_concat(
            part->b.graph, "tokens", part->x, part->architecture->inputs_count, 2, &y);
    }
    return y;
}

static mien_node build(mien_part_build *part) {
    mien_builder *b = &part->b;
    mien_encoder e = mien_encoder_of(part->options);
    mien_node x = join(part);
    e.mask = part->mask;
    if (mien_options_flag(part->options, "embedding")) {
        x = mien_build_position(b, x, "embedding");
    }
    x = mien_encoder_build(b, x, &e, "encoder");
    x = mien_build_pooled(b, x, part->mask, "segments");
    return mien_sequence_build(
        part, x, mien_options_int(part->options, "temporal-layers"), "temporal");
}

const mien_fusion_kind mien_fusion_mixed = {
    .name = "mixed",
    .summary = "Attention among the inputs of each segment, then among segments",
    .options = options,
    .temporal = true,
    .take = take,
    .build = build,
    .start = mien_encoder_start,
};
