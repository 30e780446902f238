/* SPDX-License-Identifier: MIT */
/* Temporal AAN: all features of a segment make one token; attention among segments. */
#include "models/parts/encoder.h"
#include "models/parts/preset.h"
#include "models/parts/sequence.h"

static const mien_option options[] = {
    MIEN_ENCODER_WIDTH,
    MIEN_ENCODER_OPTIONS,
    MIEN_SEQUENCE_OPTIONS,
    {0},
};

static mien_status apply(const mien_options *given, mien_architecture *architecture) {
    mien_preset_pass(architecture);
    return mien_preset_attend(architecture, "temporal", given, options);
}

const mien_preset mien_preset_temporal_aan = {
    .name = "temporal_aan",
    .summary = "Attention among the segments of a film, all features in one token",
    .options = options,
    .temporal = true,
    .check = mien_encoder_check,
    .apply = apply,
};
