/* SPDX-License-Identifier: MIT */
/* Root mean squared error. */
#include "eval/metric.h"

#include <math.h>

static double of(const mien_moments *m) {
    return sqrt(m->square);
}

const mien_metric mien_metric_rmse = {
    .name = "rmse",
    .title = "RMSE",
    .summary = "square root of mean (t - p)^2, in the unit of the target",
    .perfect = 0,
    .higher_is_better = false,
    .scale = MIEN_SCALE_ERROR,
    .of = of,
};
