/* SPDX-License-Identifier: MIT */
/* Mean absolute error in percent of the truth: only for scales with a true zero. */
#include "eval/metric.h"

#include <math.h>

static double of(const mien_moments *m) {
    return isfinite(m->share) ? 100 * m->share : (double)NAN;
}

const mien_metric mien_metric_mape = {
    .name = "mape",
    .title = "MAPE",
    .summary = "100 mean |t - p| / |t|, percent; undefined where a t is 0",
    .perfect = 0,
    .higher_is_better = false,
    .on_request = true,
    .scale = MIEN_SCALE_ERROR,
    .of = of,
};
