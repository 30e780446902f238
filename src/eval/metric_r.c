/* SPDX-License-Identifier: MIT */
/* Pearson correlation: how well the order and spacing agree, whatever the scale. */
#include "eval/metric.h"

#include <math.h>

static double of(const mien_moments *m) {
    double scale = sqrt(m->var_t) * sqrt(m->var_d);
    return m->n > 1 && scale > 0 ? m->cov_d / scale : (double)NAN;
}

const mien_metric mien_metric_r = {
    .name = "r",
    .title = "Pearson r",
    .summary = "cov(t, p - null) / (sd(t) sd(p - null)); Pearson 1895",
    .perfect = 1,
    .higher_is_better = true,
    .scale = MIEN_SCALE_CORRELATION,
    .of = of,
};
