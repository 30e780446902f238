/* SPDX-License-Identifier: MIT */
/* Decision trees on the fusion's row, grown by the trainer `trees` and kept as arrays
 * of nodes (operator `trees`). */
#include <stdio.h>

#include "models/parts/parts.h"

/* The most nodes, as the operator counts them. */
#define MOST 16777216

const mien_option mien_tree_options[] = {
    {.name = "trees",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = MOST,
        .help = "how many there are"},
    {.name = "nodes",
        .type = MIEN_OPTION_INT,
        .initial = "1",
        .minimum = 1,
        .maximum = MOST,
        .help = "of all of them together, leaves too"},
    {0},
};

mien_node mien_build_trees(mien_part_build *part, mien_node fused) {
    mien_builder *b = &part->b;
    char text[96];
    mien_node y = -1;
    snprintf(text, sizeof text, "trees=%lld nodes=%lld outputs=%lld",
        (long long)mien_options_int(part->options, "trees"),
        (long long)mien_options_int(part->options, "nodes"),
        (long long)part->architecture->outputs);
    if (b->status == MIEN_OK) {
        b->status = mien_graph_add(
            b->graph, "trees", mien_part_node(part, "0"), &fused, 1, text, &y);
    }
    return y;
}

const mien_head_kind mien_head_trees = {
    .name = "trees",
    .summary = "Decision trees on the fusion's row",
    .options = mien_tree_options,
    .build = mien_build_trees,
};
