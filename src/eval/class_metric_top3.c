/* SPDX-License-Identifier: MIT */
/* Whether the truth is among the three most probable classes. */
#include "eval/class_metric.h"

static double compute(const mien_class_answers *a) {
    return mien_class_top(a, 3);
}

const mien_class_metric mien_class_metric_top3 = {
    .name = "top3",
    .title = "Top-3 accuracy",
    .summary = "rows whose true class is among the three most probable / rows",
    .perfect = 1,
    .higher_is_better = true,
    .needs_probability = true,
    .compute = compute,
};
