/* SPDX-License-Identifier: MIT */
/* Shared by the rows of presets.def. */
#ifndef MIEN_MODELS_PRESET_H
#define MIEN_MODELS_PRESET_H

#include "models/parts/parts.h"

/** Each input goes through one projection called inputs.NAME; width 0: to as many
 * values as there are outputs. */
mien_status mien_preset_project(mien_architecture *architecture, int64_t width);
/** Each input goes into the fusion as it is. */
void mien_preset_pass(mien_architecture *architecture);
/** Fusion and head of AttendAffectNet's kind: the fusion's options are the preset's,
 * the head is "linear" behind dropout. */
mien_status mien_preset_attend(mien_architecture *architecture, const char *fusion,
    const mien_options *given, const mien_option *table);

#endif
