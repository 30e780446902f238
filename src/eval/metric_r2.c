/* SPDX-License-Identifier: MIT */
/* Coefficient of determination: the share of variance explained. */
#include "eval/metric.h"

#include <math.h>

static double of(const mien_moments *m) {
    bool defined = m->n > 1 && m->var_t > 0 && m->null_square > 0;
    return defined ? 1 - m->square / m->null_square : (double)NAN;
}

const mien_metric mien_metric_r2 = {
    .name = "r2",
    .title = "R²",
    .summary = "1 - sum (t - p)^2 / sum (t - null)^2; 0 is predicting the mean of the "
               "training rows, or of these where null is unknown",
    .perfect = 1,
    .higher_is_better = true,
    .scale = MIEN_SCALE_EXPLAINED,
    .of = of,
};
