/* SPDX-License-Identifier: MIT */
/* Mean squared error. */
#include "eval/metric.h"

#include <math.h>

static double of(const mien_moments *m) {
    return m->square;
}

const mien_metric mien_metric_mse = {
    .name = "mse",
    .title = "MSE",
    .summary = "mean (t - p)^2, in the squared unit of the target; the square of rmse",
    .perfect = 0,
    .higher_is_better = false,
    .on_request = true,
    .scale = MIEN_SCALE_ERROR,
    .of = of,
};
