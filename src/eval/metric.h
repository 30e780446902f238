/* SPDX-License-Identifier: MIT */
/* The rows of metrics.def, and the moments that all of them are made of. Moments are
 * sums over rows, so those of groups add up: a resample of groups costs no rows. */
#ifndef MIEN_EVAL_METRIC_H
#define MIEN_EVAL_METRIC_H

#include "mien/eval.h"

#define X(name) extern const mien_metric mien_metric_##name;
#include "eval/metrics.def"
#undef X

/** Sums over rows, numbers about an origin, so that a large mean costs no digits. With
 * t, p the truth and the prediction and d = p − null. */
typedef struct mien_pair_sums {
    double n;
    double t, tt, p, pp, tp, d, dd, td;
    double absolute, square; /* Σ |t − p|, Σ (t − p)² */
    double null_square;      /* Σ (t − null)² */
    double share;            /* Σ |t − p| / |t|; infinite where a t is 0 */
} mien_pair_sums;
enum { MIEN_PAIR_SUMS = sizeof(mien_pair_sums) / sizeof(double) };

/** The origin that t, p and d are measured from: their means over all rows. */
typedef struct mien_origin {
    double t, p, d;
    double scale_t, scale_p; /* largest |t|, and largest |p| and |null| */
} mien_origin;
mien_origin mien_origin_of(const mien_pairs *pairs);

/** Adds one row. */
void mien_pair_sums_add(mien_pair_sums *sums, const mien_pairs *pairs,
    const mien_origin *origin, int64_t row);

/** Moments of n pairs, divided by n. A variance that is only rounding is exactly 0. */
typedef struct mien_moments {
    double n;
    double mean_t, mean_p;
    double var_t, var_p, cov; /* cov: of t and p */
    double var_d, cov_d;      /* of t and d */
    double absolute, square, share;
    double null_square;            /* without null: var_t */
    double raw_tt, raw_pp, raw_tp; /* about 0 */
} mien_moments;

/** t, p, d: whether each may be nothing but rounding; the rows have to be looked at
 * then, see mien_moments_settle(). */
typedef struct mien_doubts {
    bool t, p, d;
} mien_doubts;
mien_moments mien_moments_of(const mien_pair_sums *sums, const mien_origin *origin,
    bool has_null, mien_doubts *doubts);

/** Smallest and largest t, p, d of the rows that count. */
typedef struct mien_extremes {
    double low_t, high_t, low_p, high_p, low_d, high_d;
} mien_extremes;
void mien_extremes_start(mien_extremes *extremes);
void mien_extremes_add(mien_extremes *extremes, const mien_pairs *pairs, int64_t row);
void mien_moments_settle(mien_moments *moments, const mien_extremes *extremes,
    const mien_origin *origin, bool has_null);

#endif
