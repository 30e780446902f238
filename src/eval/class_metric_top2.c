/* SPDX-License-Identifier: MIT */
/* Whether the truth is among the two most probable classes. */
#include "eval/class_metric.h"

static double of(const mien_class_counts *c) {
    return c->sums.top2 / c->sums.n;
}

const mien_class_metric mien_class_metric_top2 = {
    .name = "top2",
    .title = "Top-2 accuracy",
    .summary = "rows whose true class is among the two most probable / rows",
    .perfect = 1,
    .higher_is_better = true,
    .needs_probability = true,
    .scale = MIEN_SCALE_SHARE,
    .of = of,
};
