/* SPDX-License-Identifier: MIT */
/* Decision trees and a linear layer on the fusion's row, added up: for targets of which
 * some are learnt by trees and some by weights (method best). What a part does not say
 * of an output is 0. */
#include "models/parts/parts.h"

static mien_node build(mien_part_build *part, mien_node fused) {
    mien_builder *b = &part->b;
    mien_node grown = mien_build_trees(part, fused);
    mien_node weighed = mien_build_project(
        b, fused, part->architecture->outputs, "%s", mien_part_node(part, "1"));
    return mien_build_add(b, grown, weighed, "%s", mien_part_node(part, "sum"));
}

const mien_head_kind mien_head_trees_linear = {
    .name = "trees_linear",
    .summary = "Decision trees and weights on the fusion's row, each of some targets",
    .options = mien_tree_options,
    .build = build,
};
