/* SPDX-License-Identifier: MIT */
/* The rows of all branches side by side; zeros for inputs that are missing. Under
 * context a branch's rows of all segments stand side by side, oldest first. */
#include "models/parts/parts.h"

static const mien_option options[] = {{0}};

static mien_node build(mien_part_build *part) {
    mien_node rows[MIEN_INPUTS_MAX], y;
    int count = part->architecture->inputs_count;
    for (int i = 0; i < count; i++) {
        rows[i] = mien_part_row(part, i);
    }
    y = rows[0];
    if (part->b.status == MIEN_OK && count > 1) {
        part->b.status = mien_concat(part->b.graph, "concat", rows, count, 1, &y);
    }
    return y;
}

const mien_fusion_kind mien_fusion_concat = {
    .name = "concat",
    .summary = "The rows of all branches side by side",
    .options = options,
    .temporal = true,
    .build = build,
};
