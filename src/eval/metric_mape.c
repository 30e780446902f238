/* SPDX-License-Identifier: MIT */
/* Mean absolute error in percent of the truth: only for scales with a true zero. */
#include "eval/metric.h"

#include <math.h>

static double compute(const double *truth, const double *prediction, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        if (truth[i] == 0) {
            return NAN;
        }
        sum += fabs((truth[i] - prediction[i]) / truth[i]);
    }
    return n > 0 ? 100 * sum / (double)n : NAN;
}

const mien_metric mien_metric_mape = {
    .name = "mape",
    .title = "MAPE",
    .summary = "100 mean |t - p| / |t|, percent; undefined where a t is 0",
    .perfect = 0,
    .higher_is_better = false,
    .on_request = true,
    .compute = compute,
};
