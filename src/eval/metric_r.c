/* SPDX-License-Identifier: MIT */
/* Pearson correlation: how well the order and spacing agree, whatever the scale. */
#include "eval/metric.h"

#include <math.h>

static double compute(const double *truth, const double *prediction, int64_t n) {
    if (n < 2) {
        return NAN;
    }
    mien_pair_moments m = mien_pair_moments_of(truth, prediction, n);
    double scale = sqrt(m.var_truth) * sqrt(m.var_prediction);
    return scale > 0 ? m.covariance / scale : NAN;
}

const mien_metric mien_metric_r = {
    .name = "r",
    .title = "Pearson r",
    .summary = "cov(t, p) / (sd(t) sd(p)); Pearson 1895",
    .perfect = 1,
    .higher_is_better = true,
    .compute = compute,
};
