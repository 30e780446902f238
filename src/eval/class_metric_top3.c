/* SPDX-License-Identifier: MIT */
/* Whether the truth is among the three most probable classes. */
#include "eval/class_metric.h"

static double of(const mien_class_counts *c) {
    return c->sums.top3 / c->sums.n;
}

const mien_class_metric mien_class_metric_top3 = {
    .name = "top3",
    .title = "Top-3 accuracy",
    .summary = "rows whose true class is among the three most probable / rows",
    .perfect = 1,
    .higher_is_better = true,
    .needs_probability = true,
    .scale = MIEN_SCALE_SHARE,
    .of = of,
};
