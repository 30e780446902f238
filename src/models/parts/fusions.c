/* SPDX-License-Identifier: MIT */
/* The table of fusions, found by name. */
#include "mien/models.h"
#include "models/registry.h"

#define X(name) extern const mien_fusion_kind mien_fusion_##name;
#include "models/parts/fusions.def"
#undef X

static const mien_fusion_kind *const rows[] = {
#define X(name) &mien_fusion_##name,
#include "models/parts/fusions.def"
#undef X
};

MIEN_REGISTRY(mien_fusion_kind, mien_fusion_kind, rows, "fusion")
