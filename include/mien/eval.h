/* SPDX-License-Identifier: MIT */
/* How good predictions are, and how sure we may be of that. */
#ifndef MIEN_EVAL_H
#define MIEN_EVAL_H

#include "mien/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A row of eval/metrics.def. */
typedef struct mien_metric {
    const char *name;    /**< "r", "ccc", "rmse", "mae", "r2" */
    const char *title;   /**< "Pearson r" */
    const char *summary; /**< formula and source in one line */
    double perfect;      /**< value when prediction equals truth */
    bool higher_is_better;
    /** NaN where undefined (constant truth, n too small). n pairs. */
    double (*compute)(const double *truth, const double *prediction, int64_t n);
} mien_metric;

MIEN_API int mien_metric_count(void);
MIEN_API const mien_metric *mien_metric_at(int index);
MIEN_API const mien_metric *mien_metric_find(const char *name); /**< NULL if absent */

typedef struct mien_interval {
    double value, low, high;
} mien_interval;

typedef struct mien_bootstrap_options {
    int repeats;      /**< default 2000 */
    double level;     /**< default 0.95 */
    uint64_t seed;    /**< default 1 */
} mien_bootstrap_options;
MIEN_API mien_bootstrap_options mien_bootstrap_options_default(void);

/** Percentile bootstrap that draws whole groups with replacement (group[i] any numbering; NULL:
 * every row its own). Undefined resamples are left out. Same seed, same interval, whatever the
 * threads. */
MIEN_API mien_status mien_bootstrap(const mien_metric *metric, const double *truth,
    const double *prediction, const int64_t *group, int64_t n,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval);
/** Interval of the difference metric(a) − metric(b) on the same resamples. */
MIEN_API mien_status mien_bootstrap_difference(const mien_metric *metric,
    const double *truth, const double *a, const double *b, const int64_t *group,
    int64_t n, const mien_bootstrap_options *options, mien_pool *pool,
    mien_interval *interval);

/** How well any predictor could do against ratings that are means over raters. */
typedef struct mien_noise_ceiling {
    double reliability; /**< 1 − mean(SD²/N) / var(mean) */
    double r;           /**< its square root: the largest expected correlation */
    int64_t rows;
} mien_noise_ceiling;
/** Rows where any of the three is missing are left out; MIEN_EINVAL if fewer than 3 are left
 * or the means do not vary. */
MIEN_API mien_status mien_noise_ceiling_of(const double *mean, const double *deviation,
    const double *raters, int64_t n, mien_noise_ceiling *ceiling);

#ifdef __cplusplus
}
#endif

#endif
