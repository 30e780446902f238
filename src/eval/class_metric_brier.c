/* SPDX-License-Identifier: MIT */
/* The squared distance of the probabilities from the truth. */
#include "eval/class_metric.h"

static double of(const mien_class_counts *c) {
    return c->sums.brier / c->sums.n;
}

const mien_class_metric mien_class_metric_brier = {
    .name = "brier",
    .title = "Brier score",
    .summary = "mean over rows of sum over classes (p - truth)^2, 0 to 2; Brier 1950",
    .perfect = 0,
    .higher_is_better = false,
    .needs_probability = true,
    .scale = MIEN_SCALE_BRIER,
    .of = of,
};
