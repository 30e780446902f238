/* SPDX-License-Identifier: MIT */
/* The only branch's row as it is; under context those of all segments side by side,
 * oldest first. */
#include "models/parts/parts.h"

static const mien_option options[] = {{0}};

static mien_status check(const mien_architecture *a, const mien_options *given) {
    (void)given;
    return a->inputs_count == 1
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "single joins nothing: %d inputs need another fusion",
                     a->inputs_count);
}

static mien_node build(mien_part_build *part) {
    return mien_part_row(part, 0);
}

const mien_fusion_kind mien_fusion_single = {
    .name = "single",
    .summary = "One input's row as its branch gives it",
    .options = options,
    .temporal = true,
    .check = check,
    .build = build,
};
