/* SPDX-License-Identifier: MIT */
/* Coefficient of determination: the share of variance explained. */
#include "eval/metric.h"

#include <math.h>

static double compute(const double *truth, const double *prediction, int64_t n) {
    if (n < 2) {
        return NAN;
    }
    mien_pair_moments m = mien_pair_moments_of(truth, prediction, n);
    double error = 0;
    for (int64_t i = 0; i < n; i++) {
        error += (truth[i] - prediction[i]) * (truth[i] - prediction[i]);
    }
    return m.var_truth > 0 ? 1 - error / ((double)n * m.var_truth) : NAN;
}

const mien_metric mien_metric_r2 = {
    .name = "r2",
    .title = "R²",
    .summary = "1 - sum (t - p)^2 / sum (t - mean(t))^2; 0 is predicting the mean of "
               "these rows",
    .perfect = 1,
    .higher_is_better = true,
    .compute = compute,
};
