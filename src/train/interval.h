/* SPDX-License-Identifier: MIT */
/* What is said of a target beside its figures: how far the truth lies from predictions,
 * and how well any predictor could do. */
#ifndef MIEN_TRAIN_INTERVAL_H
#define MIEN_TRAIN_INTERVAL_H

#include "mien/data.h"
#include "mien/eval.h"

/** Quantiles 2.5 % and 97.5 % of truth minus prediction, interpolated as NumPy does by
 * default. */
mien_status mien_residual_interval(
    const double *truth, const double *prediction, int64_t n, double interval[2]);
/** Of a target whose SD and number of raters the table has. */
mien_status mien_ceiling_of(const mien_trials *trials, const mien_trials_target *target,
    mien_noise_ceiling *ceiling, bool *has);

#endif
