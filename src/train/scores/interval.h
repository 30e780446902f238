/* SPDX-License-Identifier: MIT */
/* Figures of a target beside its metrics: how far the truth lies from predictions,
 * and how well any predictor could do. */
#ifndef MIEN_TRAIN_INTERVAL_H
#define MIEN_TRAIN_INTERVAL_H

#include "mien/data.h"
#include "mien/eval.h"

/**
 * Between what the next residual (truth minus prediction) lies in 95 %: order
 * statistics at (n + 1) · 2.5 % and 97.5 %, interpolated; of fewer than 39 rows the
 * normal prediction interval, no narrower than the residuals.
 *
 * @param truth, prediction  [seeds, rows]
 */
mien_status mien_residual_interval(const double *truth, const double *prediction,
    int64_t rows, int64_t seeds, double interval[2]);
/** The noise ceiling of a target whose SD and number of raters the table has. */
mien_status mien_ceiling_of(const mien_trials *trials, const mien_trials_target *target,
    mien_noise_ceiling *ceiling, bool *has);

#endif
