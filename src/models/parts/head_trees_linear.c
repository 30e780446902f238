/* SPDX-License-Identifier: MIT */
/* Decision trees and a linear layer on the fusion's row, added up: for targets of which
 * some are learnt by trees and some by weights (method best). What a part does not say
 * of an output is 0. */
#include <stdio.h>

#include "models/parts/parts.h"

/* As the operator counts. */
#define MOST 16777216

static const mien_option options[] = {
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

static mien_node build(mien_part_build *part, mien_node fused) {
    mien_builder *b = &part->b;
    char text[96];
    mien_node grown = -1;
    int64_t outputs = part->architecture->outputs;
    snprintf(text, sizeof text, "trees=%lld nodes=%lld outputs=%lld",
        (long long)mien_options_int(part->options, "trees"),
        (long long)mien_options_int(part->options, "nodes"), (long long)outputs);
    if (b->status == MIEN_OK) {
        b->status = mien_graph_add(
            b->graph, "trees", mien_part_node(part, "0"), &fused, 1, text, &grown);
    }
    mien_node weighed =
        mien_build_project(b, fused, outputs, "%s", mien_part_node(part, "1"));
    return mien_build_add(b, grown, weighed, "%s", mien_part_node(part, "sum"));
}

const mien_head_kind mien_head_trees_linear = {
    .name = "trees_linear",
    .summary = "Decision trees and weights on the fusion's row, each of some targets",
    .options = options,
    .build = build,
};
