/* SPDX-License-Identifier: MIT */
/* Mixed AAN: attention among the features of each segment, then among segments. */
#include "models/parts/encoder.h"
#include "models/parts/preset.h"
#include "models/parts/sequence.h"

static const mien_option options[] = {
    MIEN_ENCODER_WIDTH,
    MIEN_ENCODER_OPTIONS,
    MIEN_ENCODER_TEMPORAL,
    MIEN_ENCODER_EMBEDDING,
    MIEN_SEQUENCE_OPTIONS,
    {0},
};

static mien_status apply(const mien_options *given, mien_architecture *architecture) {
    mien_status status =
        mien_preset_project(architecture, mien_options_int(given, "width"));
    return status == MIEN_OK ? mien_preset_attend(architecture, "mixed", given, options)
                             : status;
}

const mien_preset mien_preset_mixed_aan = {
    .name = "mixed_aan",
    .summary = "Attention among the features of each segment, then among segments",
    .options = options,
    .temporal = true,
    .check = mien_encoder_check,
    .apply = apply,
};
