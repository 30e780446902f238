/* SPDX-License-Identifier: MIT */
/* Calibration slope: how much the truth rises where the prediction rises by 1. Below 1
 * predictions go too far from the mean, above 1 not far enough. */
#include "eval/metric.h"

#include <math.h>

static double of(const mien_moments *m) {
    return m->n > 1 && m->var_d > 0 ? m->cov_d / m->var_d : (double)NAN;
}

const mien_metric mien_metric_slope = {
    .name = "slope",
    .title = "Calibration slope",
    .summary = "cov(t, p - null) / var(p - null)",
    .perfect = 1,
    .higher_is_better = true,
    .on_request = true,
    .scale = MIEN_SCALE_PLAIN,
    .of = of,
};
