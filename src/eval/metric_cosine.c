/* SPDX-License-Identifier: MIT */
/* Cosine of the angle between the ratings and the predictions of all rows: near 1 for
 * any scale far from 0. */
#include "eval/metric.h"

#include <math.h>

static double compute(const double *truth, const double *prediction, int64_t n) {
    double product = 0, truths = 0, predictions = 0;
    for (int64_t i = 0; i < n; i++) {
        product += truth[i] * prediction[i];
        truths += truth[i] * truth[i];
        predictions += prediction[i] * prediction[i];
    }
    double scale = sqrt(truths) * sqrt(predictions);
    return scale > 0 ? product / scale : NAN;
}

const mien_metric mien_metric_cosine = {
    .name = "cosine",
    .title = "Cosine similarity",
    .summary = "sum t p / sqrt(sum t^2 sum p^2) over the rows",
    .perfect = 1,
    .higher_is_better = true,
    .on_request = true,
    .compute = compute,
};
