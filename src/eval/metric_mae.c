/* SPDX-License-Identifier: MIT */
/* Mean absolute error. */
#include "eval/metric.h"

#include <math.h>

static double compute(const double *truth, const double *prediction, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += fabs(truth[i] - prediction[i]);
    }
    return n > 0 ? sum / (double)n : NAN;
}

const mien_metric mien_metric_mae = {
    .name = "mae",
    .title = "MAE",
    .summary = "mean |t - p|, in the unit of the target",
    .perfect = 0,
    .higher_is_better = false,
    .compute = compute,
};
