/* SPDX-License-Identifier: MIT */
/* A toy stage of a branch for the test of how little one costs: every value twice. */
#include "models/parts/parts.h"

static const mien_option options[] = {{0}};

static mien_node build(mien_part_build *part, mien_node x) {
    return mien_build_add(&part->b, x, x, "%s.twice", part->name);
}

const mien_branch_kind mien_branch_toy_twice = {
    .name = "toy_twice",
    .summary = "Every value twice",
    .options = options,
    .build = build,
};
