/* SPDX-License-Identifier: MIT */
/* Figures of a target beside its metrics: how far the truth lies from predictions,
 * and how well any predictor could do. */
#include "train/scores/interval.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The place of the quantile q among n + 1 gaps, from 0; the next residual lies below it
 * with the probability q (split conformal prediction, both tails). */
static double place_of(double q, int64_t n) {
    return q * (double)(n + 1) - 1;
}

/* Where n residuals have no such quantile (below 39): the normal prediction interval of
 * the next one, no narrower than what was seen. */
static void beyond(const double *sorted, int64_t n, double interval[2]) {
    double mean = 0, square = 0;
    interval[0] = sorted[0];
    interval[1] = sorted[n - 1];
    for (int64_t i = 0; i < n; i++) {
        mean += sorted[i] / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        square += (sorted[i] - mean) * (sorted[i] - mean);
    }
    if (n > 1) {
        double half = mien_student_two_sided(0.05, (double)(n - 1)) *
                      sqrt(square / (double)(n - 1) * (1 + 1 / (double)n));
        interval[0] = fmin(interval[0], mean - half);
        interval[1] = fmax(interval[1], mean + half);
    }
}

mien_status mien_residual_interval(const double *truth, const double *prediction,
    int64_t rows, int64_t seeds, double interval[2]) {
    int64_t n = rows * seeds;
    double *residual = mien_alloc((size_t)n, sizeof *residual);
    if (!residual) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        residual[i] = truth[i] - prediction[i];
    }
    qsort(residual, (size_t)n, sizeof *residual, ascending);
    beyond(residual, n, interval);
    for (int k = 0; k < 2 && place_of(0.025, rows) >= 0; k++) {
        /* residuals of a row's seeds lie together: the place is that among rows */
        double share = place_of(k ? 0.975 : 0.025, rows) / (double)(rows - 1);
        double position = share * (double)(n - 1);
        int64_t below = (int64_t)floor(position);
        int64_t above = below + 1 < n ? below + 1 : below;
        interval[k] = residual[below] +
                      (position - (double)below) * (residual[above] - residual[below]);
    }
    mien_free(residual);
    return MIEN_OK;
}

mien_status mien_ceiling_of(const mien_trials *trials, const mien_trials_target *target,
    mien_noise_ceiling *ceiling, bool *has) {
    *has = false;
    if (!target->sd_column[0] || !target->n_column[0]) {
        return MIEN_OK;
    }
    size_t all = (size_t)mien_trials_rows(trials);
    double *columns = mien_alloc(3 * all, sizeof *columns);
    mien_status status = columns ? MIEN_OK : MIEN_ENOMEM;
    const char *names[3] = {target->name, target->sd_column, target->n_column};
    for (int k = 0; status == MIEN_OK && k < 3; k++) {
        status = mien_trials_numbers(trials, names[k], columns + (size_t)k * all);
    }
    if (status == MIEN_OK) {
        *has = mien_noise_ceiling_of(columns, columns + all, columns + 2 * all,
                   (int64_t)all, ceiling) == MIEN_OK;
    }
    mien_free(columns);
    return status;
}
