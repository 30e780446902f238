/* SPDX-License-Identifier: MIT */
/* The table of heads, found by name. */
#include "mien/models.h"
#include "models/registry.h"

#define X(name) extern const mien_head_kind mien_head_##name;
#include "models/parts/heads.def"
#undef X

static const mien_head_kind *const rows[] = {
#define X(name) &mien_head_##name,
#include "models/parts/heads.def"
#undef X
};

MIEN_REGISTRY(mien_head_kind, mien_head_kind, rows, "head")
