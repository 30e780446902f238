/* SPDX-License-Identifier: MIT */
/* Root mean squared error. */
#include "eval/metric.h"

#include <math.h>

static double compute(const double *truth, const double *prediction, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += (truth[i] - prediction[i]) * (truth[i] - prediction[i]);
    }
    return n > 0 ? sqrt(sum / (double)n) : NAN;
}

const mien_metric mien_metric_rmse = {
    .name = "rmse",
    .title = "RMSE",
    .summary = "square root of mean (t - p)^2, in the unit of the target",
    .perfect = 0,
    .higher_is_better = false,
    .compute = compute,
};
