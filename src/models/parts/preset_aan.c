/* SPDX-License-Identifier: MIT */
/* Feature AAN: attention among the modalities of one segment.
 *
 * Source: Thao, Balamurali, Roig, Herremans: AttendAffectNet, ICPR 2020 and Sensors 21,
 * 8356 (2021). */
#include "models/parts/encoder.h"
#include "models/parts/preset.h"

static const mien_option options[] = {
    MIEN_ENCODER_WIDTH,
    MIEN_ENCODER_OPTIONS,
    MIEN_ENCODER_EMBEDDING,
    {0},
};

static mien_status apply(const mien_options *given, mien_architecture *architecture) {
    mien_status status =
        mien_preset_project(architecture, mien_options_int(given, "width"));
    return status == MIEN_OK
               ? mien_preset_attend(architecture, "attention", given, options)
               : status;
}

const mien_preset mien_preset_aan = {
    .name = "aan",
    .summary = "Attention among the features of one segment (AttendAffectNet)",
    .options = options,
    .check = mien_encoder_check,
    .apply = apply,
};
