/* SPDX-License-Identifier: MIT */
/* The table of backbones, found by name. */
#include "mien/models.h"
#include "models/registry.h"

#define X(name) extern const mien_backbone mien_model_##name;
#include "models/models.def"
#undef X

static const mien_backbone *const rows[] = {
#define X(name) &mien_model_##name,
#include "models/models.def"
#undef X
};

MIEN_REGISTRY(mien_backbone, mien_backbone, rows, "backbone")
