/* SPDX-License-Identifier: MIT */
/* The squared distance of the probabilities from the truth. */
#include "eval/class_metric.h"

#include <math.h>

static double compute(const mien_class_answers *a) {
    if (!a->probability || a->n < 1) {
        return NAN;
    }
    double sum = 0;
    for (int64_t i = 0; i < a->n; i++) {
        int64_t at = mien_answer_row(a, i);
        for (int c = 0; c < a->classes; c++) {
            double d = a->probability[at * a->classes + c] - (a->truth[at] == c);
            sum += d * d;
        }
    }
    return sum / (double)a->n;
}

const mien_class_metric mien_class_metric_brier = {
    .name = "brier",
    .title = "Brier score",
    .summary = "mean over rows of sum over classes (p - truth)^2, 0 to 2; Brier 1950",
    .perfect = 0,
    .higher_is_better = false,
    .needs_probability = true,
    .compute = compute,
};
