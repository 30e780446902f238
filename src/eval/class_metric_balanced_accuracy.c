/* SPDX-License-Identifier: MIT */
/* The mean over classes of the share of right answers. */
#include "eval/class_metric.h"

#include <math.h>

static double compute(const mien_class_answers *a) {
    mien_class_counts n;
    double sum = 0;
    int present = 0;
    mien_class_count(a, &n);
    for (int c = 0; c < a->classes; c++) {
        if (n.truth[c] > 0) {
            sum += n.right[c] / n.truth[c];
            present++;
        }
    }
    return present > 0 ? sum / present : NAN;
}

const mien_class_metric mien_class_metric_balanced_accuracy = {
    .name = "balanced_accuracy",
    .title = "Balanced accuracy",
    .summary = "mean recall of the classes that have rows; guessing gives 1 / classes",
    .perfect = 1,
    .higher_is_better = true,
    .compute = compute,
};
