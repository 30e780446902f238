/* SPDX-License-Identifier: MIT */
/* Agreement beyond chance. */
#include "eval/class_metric.h"

#include <math.h>

static double compute(const mien_class_answers *a) {
    mien_class_counts n;
    double rows = (double)a->n, right = 0, chance = 0;
    mien_class_count(a, &n);
    for (int c = 0; c < a->classes; c++) {
        right += n.right[c] / rows;
        chance += n.truth[c] / rows * (n.predicted[c] / rows);
    }
    return a->n > 0 && chance < 1 ? (right - chance) / (1 - chance) : NAN;
}

const mien_class_metric mien_class_metric_kappa = {
    .name = "kappa",
    .title = "Cohen's kappa",
    .summary =
        "(accuracy - chance) / (1 - chance), chance from both margins; Cohen 1960",
    .perfect = 1,
    .higher_is_better = true,
    .compute = compute,
};
