/* SPDX-License-Identifier: MIT */
/* Mean absolute error. */
#include "eval/metric.h"

#include <math.h>

static double of(const mien_moments *m) {
    return m->absolute;
}

const mien_metric mien_metric_mae = {
    .name = "mae",
    .title = "MAE",
    .summary = "mean |t - p|, in the unit of the target",
    .perfect = 0,
    .higher_is_better = false,
    .scale = MIEN_SCALE_ERROR,
    .of = of,
};
