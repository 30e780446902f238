/* SPDX-License-Identifier: MIT */
/* Whether the truth is among the two most probable classes. */
#include "eval/class_metric.h"

static double compute(const mien_class_answers *a) {
    return mien_class_top(a, 2);
}

const mien_class_metric mien_class_metric_top2 = {
    .name = "top2",
    .title = "Top-2 accuracy",
    .summary = "rows whose true class is among the two most probable / rows",
    .perfect = 1,
    .higher_is_better = true,
    .needs_probability = true,
    .compute = compute,
};
