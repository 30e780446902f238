/* SPDX-License-Identifier: MIT */
/* Cosine of the angle between the ratings and the predictions of all rows: near 1 for
 * any scale far from 0. */
#include "eval/metric.h"

#include <math.h>

static double of(const mien_moments *m) {
    double scale = sqrt(m->raw_tt) * sqrt(m->raw_pp);
    return scale > 0 ? m->raw_tp / scale : (double)NAN;
}

const mien_metric mien_metric_cosine = {
    .name = "cosine",
    .title = "Cosine similarity",
    .summary = "sum t p / sqrt(sum t^2 sum p^2) over the rows",
    .perfect = 1,
    .higher_is_better = true,
    .on_request = true,
    .scale = MIEN_SCALE_CORRELATION,
    .of = of,
};
