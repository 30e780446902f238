/* SPDX-License-Identifier: MIT */
/* The rows of metrics.def, and the moments that several of them need. */
#ifndef MIEN_EVAL_METRIC_H
#define MIEN_EVAL_METRIC_H

#include "mien/eval.h"

#define X(name) extern const mien_metric mien_metric_##name;
#include "eval/metrics.def"
#undef X

/** First and second central moments of n pairs (divided by n); n ≥ 1. Two passes, so
 * that a large mean costs no digits. */
typedef struct mien_pair_moments {
    double mean_truth, mean_prediction;
    double var_truth, var_prediction, covariance;
} mien_pair_moments;
mien_pair_moments mien_pair_moments_of(
    const double *truth, const double *prediction, int64_t n);

#endif
