/* SPDX-License-Identifier: MIT */
/* The mean over classes of the share of right answers. */
#include "eval/class_metric.h"

static double of(const mien_class_counts *c) {
    double sum = 0;
    int present = 0;
    for (int k = 0; k < c->classes; k++) {
        if (c->truth[k] > 0) {
            sum += c->right[k] / c->truth[k];
            present++;
        }
    }
    return sum / present;
}

const mien_class_metric mien_class_metric_balanced_accuracy = {
    .name = "balanced_accuracy",
    .title = "Balanced accuracy",
    .summary = "mean recall of the classes that have rows; guessing gives 1 / classes",
    .perfect = 1,
    .higher_is_better = true,
    .scale = MIEN_SCALE_SHARE,
    .of = of,
};
