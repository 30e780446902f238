/* SPDX-License-Identifier: MIT */
/* The share of right answers. */
#include "eval/class_metric.h"

static double of(const mien_class_counts *c) {
    double right = 0;
    for (int k = 0; k < c->classes; k++) {
        right += c->right[k];
    }
    return right / c->sums.n;
}

const mien_class_metric mien_class_metric_accuracy = {
    .name = "accuracy",
    .title = "Accuracy",
    .summary = "right answers / answers; the largest class alone gives its share",
    .perfect = 1,
    .higher_is_better = true,
    .scale = MIEN_SCALE_SHARE,
    .of = of,
};
