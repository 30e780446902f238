/* SPDX-License-Identifier: MIT */
/* The table of presets, found by name. */
#include "mien/models.h"
#include "models/registry.h"

#define X(name) extern const mien_preset mien_preset_##name;
#include "models/parts/presets.def"
#undef X

static const mien_preset *const rows[] = {
#define X(name) &mien_preset_##name,
#include "models/parts/presets.def"
#undef X
};

MIEN_REGISTRY(mien_preset, mien_preset, rows, "network over features")
