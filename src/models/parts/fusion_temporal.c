/* SPDX-License-Identifier: MIT */
/* Temporal AAN: what all branches give of a segment makes one token; attention among
 * segments. The publication of AttendAffectNet describes it, no weights of it are
 * published. */
#include "models/parts/encoder.h"
#include "models/parts/sequence.h"

static const mien_option options[] = {
    MIEN_ENCODER_WIDTH,
    MIEN_ENCODER_OPTIONS,
    MIEN_SEQUENCE_OPTIONS,
    {0},
};

static mien_status check(const mien_architecture *a, const mien_options *given) {
    (void)a;
    return mien_encoder_check(given);
}

static void take(mien_part_build *part, int input) {
    const mien_architecture *a = part->architecture;
    const int64_t shape[] = {
        mien_architecture_steps(a), mien_part_width(part, part->x[input])};
    if (a->branches[input].stages > 0) { /* else zeros are zeros still */
        part->x[input] = mien_part_masked(part, input);
    }
    part->x[input] = mien_build_reshape(
        &part->b, part->x[input], shape, 2, "segments.%s", a->inputs[input].name);
}

/* Joins the branches' outputs side by side, [N, T, sum of widths]: missing inputs
 * are zeros, which add nothing. */
static mien_node join(mien_part_build *part) {
    mien_node y = part->x[0];
    if (part->b.status == MIEN_OK && part->architecture->inputs_count > 1) {
        part->b.status = mien_concat(part->b.graph, "segments", part->x,
            part->architecture->inputs_count, 2, &y);
    }
    return y;
}

static mien_node build(mien_part_build *part) {
    mien_node x = join(part);
    x = mien_build_project(
        &part->b, x, mien_options_int(part->options, "width"), "inputs");
    return mien_sequence_build(
        part, x, mien_options_int(part->options, "layers"), "encoder");
}

const mien_fusion_kind mien_fusion_temporal = {
    .name = "temporal",
    .summary = "All inputs of a segment in one token, attention among segments",
    .options = options,
    .temporal = true,
    .check = check,
    .take = take,
    .build = build,
    .start = mien_encoder_start,
};
