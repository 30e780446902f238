/* SPDX-License-Identifier: MIT */
/* The fusion's row is the output. */
#include "models/parts/parts.h"

static const mien_option options[] = {{0}};

static mien_node build(mien_part_build *part, mien_node fused) {
    int64_t width = mien_part_width(part, fused), outputs = part->architecture->outputs;
    if (part->b.status == MIEN_OK && width != outputs) {
        part->b.status = mien_fail(MIEN_EINVAL,
            "head none: the fusion gives %lld values, the network has %lld outputs",
            (long long)width, (long long)outputs);
    }
    return fused;
}

const mien_head_kind mien_head_none = {
    .name = "none",
    .summary = "The fusion's row is the output",
    .options = options,
    .build = build,
};
