/* SPDX-License-Identifier: MIT */
/* The mean over classes of F1. */
#include "eval/class_metric.h"

#include <math.h>

static double compute(const mien_class_answers *a) {
    mien_class_counts n;
    double sum = 0;
    int present = 0;
    mien_class_count(a, &n);
    for (int c = 0; c < a->classes; c++) {
        if (n.truth[c] + n.predicted[c] > 0) {
            sum += 2 * n.right[c] / (n.truth[c] + n.predicted[c]);
            present++;
        }
    }
    return present > 0 ? sum / present : NAN;
}

const mien_class_metric mien_class_metric_macro_f1 = {
    .name = "macro_f1",
    .title = "Macro F1",
    .summary = "mean of 2 right / (rows + predicted) over classes that are in either",
    .perfect = 1,
    .higher_is_better = true,
    .compute = compute,
};
