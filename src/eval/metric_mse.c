/* SPDX-License-Identifier: MIT */
/* Mean squared error. */
#include "eval/metric.h"

#include <math.h>

static double compute(const double *truth, const double *prediction, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += (truth[i] - prediction[i]) * (truth[i] - prediction[i]);
    }
    return n > 0 ? sum / (double)n : (double)NAN;
}

const mien_metric mien_metric_mse = {
    .name = "mse",
    .title = "MSE",
    .summary = "mean (t - p)^2, in the squared unit of the target; the square of rmse",
    .perfect = 0,
    .higher_is_better = false,
    .on_request = true,
    .compute = compute,
};
