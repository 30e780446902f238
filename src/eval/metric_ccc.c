/* SPDX-License-Identifier: MIT */
/* Concordance correlation: agreement with the line of identity. */
#include "eval/metric.h"

#include <math.h>

static double of(const mien_moments *m) {
    double shift = m->mean_t - m->mean_p;
    double scale = m->var_t + m->var_p + shift * shift;
    bool same = m->var_t == 0 && m->var_p == 0 && m->square == 0;
    return m->n > 1 && scale > 0 && !same ? 2 * m->cov / scale : (double)NAN;
}

const mien_metric mien_metric_ccc = {
    .name = "ccc",
    .title = "CCC",
    .summary = "2 cov(t, p) / (var(t) + var(p) + (mean(t) - mean(p))^2); Lin 1989, "
               "moments divided by n",
    .perfect = 1,
    .higher_is_better = true,
    .scale = MIEN_SCALE_CORRELATION,
    .of = of,
};
