/* SPDX-License-Identifier: MIT */
/* Concordance correlation: agreement with the line of identity. */
#include "eval/metric.h"

#include <math.h>

static double compute(const double *truth, const double *prediction, int64_t n) {
    if (n < 2) {
        return NAN;
    }
    mien_pair_moments m = mien_pair_moments_of(truth, prediction, n);
    double shift = m.mean_truth - m.mean_prediction;
    double scale = m.var_truth + m.var_prediction + shift * shift;
    return scale > 0 ? 2 * m.covariance / scale : NAN;
}

const mien_metric mien_metric_ccc = {
    .name = "ccc",
    .title = "CCC",
    .summary = "2 cov(t, p) / (var(t) + var(p) + (mean(t) - mean(p))^2); Lin 1989, "
               "moments divided by n",
    .perfect = 1,
    .higher_is_better = true,
    .compute = compute,
};
