/* SPDX-License-Identifier: MIT */
/* The table of the stages that branches are made of, found by name. */
#include "mien/models.h"
#include "models/registry.h"

#define X(name) extern const mien_branch_kind mien_branch_##name;
#include "models/parts/branches.def"
#undef X

static const mien_branch_kind *const rows[] = {
#define X(name) &mien_branch_##name,
#include "models/parts/branches.def"
#undef X
};

MIEN_REGISTRY(mien_branch_kind, mien_branch_kind, rows, "stage of a branch")
