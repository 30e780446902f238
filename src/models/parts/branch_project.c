/* SPDX-License-Identifier: MIT */
/* One linear layer over the last dimension, summed in double: for measured values of
 * very different size. */
#include "models/parts/parts.h"

static const mien_option options[] = {
    {.name = "width",
        .type = MIEN_OPTION_INT,
        .initial = "32",
        .minimum = 0,
        .maximum = 1 << 20,
        .help = "values that it gives; 0: as many as the network has outputs"},
    {0},
};

static mien_status check(const mien_options *given, const mien_item_shape *shape) {
    (void)given;
    return !shape || shape->rank == 1
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "a projection reads rows of values: put a stage before it that "
                     "gives rows");
}

static mien_node build(mien_part_build *part, mien_node x) {
    int64_t width = mien_options_int(part->options, "width");
    return mien_build_project(
        &part->b, x, width ? width : part->architecture->outputs, "%s", part->name);
}

const mien_branch_kind mien_branch_project = {
    .name = "project",
    .summary = "A linear layer summed in double, for rows as they are measured",
    .options = options,
    .check = check,
    .build = build,
};
