/* SPDX-License-Identifier: MIT */
/* Agreement beyond chance. */
#include "eval/class_metric.h"

#include <math.h>

static double of(const mien_class_counts *c) {
    double rows = c->sums.n, right = 0, chance = 0;
    for (int k = 0; k < c->classes; k++) {
        right += c->right[k] / rows;
        chance += c->truth[k] / rows * (c->predicted[k] / rows);
    }
    return chance < 1 ? (right - chance) / (1 - chance) : (double)NAN;
}

const mien_class_metric mien_class_metric_kappa = {
    .name = "kappa",
    .title = "Cohen's kappa",
    .summary =
        "(accuracy - chance) / (1 - chance), chance from both margins; Cohen 1960",
    .perfect = 1,
    .higher_is_better = true,
    .scale = MIEN_SCALE_CORRELATION,
    .of = of,
};
