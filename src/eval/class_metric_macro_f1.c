/* SPDX-License-Identifier: MIT */
/* The mean over classes of F1. */
#include "eval/class_metric.h"

static double of(const mien_class_counts *c) {
    double sum = 0;
    int present = 0;
    for (int k = 0; k < c->classes; k++) {
        if (c->truth[k] + c->predicted[k] > 0) {
            sum += 2 * c->right[k] / (c->truth[k] + c->predicted[k]);
            present++;
        }
    }
    return sum / present;
}

const mien_class_metric mien_class_metric_macro_f1 = {
    .name = "macro_f1",
    .title = "Macro F1",
    .summary = "mean of 2 right / (rows + predicted) over classes that are in either",
    .perfect = 1,
    .higher_is_better = true,
    .scale = MIEN_SCALE_SHARE,
    .of = of,
};
