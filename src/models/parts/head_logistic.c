/* SPDX-License-Identifier: MIT */
/* Multinomial logistic regression, fitted by the trainer `logistic`: one row of weights
 * and an intercept for each class, summed in double. What its columns were standardised
 * by is part of the weights. */
#include "models/parts/parts.h"

static const mien_option options[] = {{0}};

static mien_node build(mien_part_build *part, mien_node fused) {
    return mien_build_project(
        &part->b, fused, part->architecture->outputs, "%s", mien_part_node(part, "0"));
}

const mien_head_kind mien_head_logistic = {
    .name = "logistic",
    .summary = "Logistic regression on the fusion's row",
    .options = options,
    .build = build,
};
