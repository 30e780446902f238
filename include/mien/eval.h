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
    const char *name;    /**< "r", "ccc", "rmse", "mae", "r2", "mape", "cosine" */
    const char *title;   /**< "Pearson r" */
    const char *summary; /**< formula and source in one line */
    double perfect;      /**< value when prediction equals truth */
    bool higher_is_better;
    bool on_request; /**< misleads on most targets: left out where nobody names it */
    /** NaN where undefined (constant truth, n too small). n pairs. */
    double (*compute)(const double *truth, const double *prediction, int64_t n);
} mien_metric;

MIEN_API int mien_metric_count(void);
/** Those that are given unasked; they come first. */
MIEN_API int mien_metric_usual_count(void);
MIEN_API const mien_metric *mien_metric_at(int index);
MIEN_API const mien_metric *mien_metric_find(const char *name); /**< NULL if absent */

/* ---- classes ------------------------------------------------------------------ */

/** As many classes as figures are made for. */
#define MIEN_CLASSES_MAX 256

/** Answers to a question with `classes` possible answers. */
typedef struct mien_class_answers {
    int64_t n;     /**< how many count */
    int classes;   /**< 1 to MIEN_CLASSES_MAX */
    const int64_t *row;        /**< [n] rows that count, in any order, repeats allowed; NULL: rows
                                    0 to n − 1 */
    const int *truth;          /**< by row, from 0 */
    const int *prediction;     /**< by row; NULL: the most probable class, the first of equals */
    const double *probability; /**< [rows, classes], each row's sum 1; NULL if there are none */
} mien_class_answers;
/** MIEN_EINVAL, naming the row, for a class out of range, a probability outside [0, 1] or a sum
 * further than 1e-3 from 1, or neither predictions nor probabilities. */
MIEN_API mien_status mien_class_answers_check(const mien_class_answers *answers);

/** A row of eval/class_metrics.def. */
typedef struct mien_class_metric {
    const char *name;    /**< "accuracy", "balanced_accuracy", "macro_f1", "kappa", … */
    const char *title;   /**< "Accuracy" */
    const char *summary; /**< formula and source in one line */
    double perfect;      /**< value when the truth is given probability 1 */
    bool higher_is_better;
    bool needs_probability;
    /** Of answers that pass the check; NaN where undefined (no rows, no probabilities). */
    double (*compute)(const mien_class_answers *answers);
} mien_class_metric;
MIEN_API int mien_class_metric_count(void);
MIEN_API const mien_class_metric *mien_class_metric_at(int index);
MIEN_API const mien_class_metric *mien_class_metric_find(const char *name); /**< NULL if absent */
/** Share of rows whose true class is among the k most probable (the first of equals count). */
MIEN_API double mien_class_top(const mien_class_answers *answers, int k);

/** How one class is answered. */
typedef struct mien_class_score {
    int64_t support;   /**< rows of the class */
    int64_t predicted; /**< rows taken for it */
    double precision;  /**< right / predicted; NaN if it is never predicted */
    double recall;     /**< right / support; NaN if it has no rows */
    double f1;         /**< 2 right / (support + predicted); NaN if it is in neither */
} mien_class_score;
/** scores [classes], of answers that pass the check. */
MIEN_API void mien_class_scores(
    const mien_class_answers *answers, mien_class_score *scores);
/** counts [classes, classes]: rows of the class (first index) that are taken for another. */
MIEN_API void mien_confusion(const mien_class_answers *answers, int64_t *counts);
/** Each row of a confusion matrix divided by its sum; NaN where that is 0. */
MIEN_API void mien_confusion_shares(const int64_t *counts, int classes, double *shares);

/** What needs no picture: the share of each class among training labels (n of them), and the
 * largest class, the first of equals. The class prior as probability, and that class as
 * prediction, are the baselines. MIEN_EINVAL for no rows or a label out of range. */
MIEN_API mien_status mien_class_prior(const int *label, int64_t n, int classes,
    double *prior, int *majority);

/* ---- intervals ---------------------------------------------------------------- */

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
/** As mien_bootstrap(), of the mean of the metric over several predictions [count] of the same
 * rows, taken within each resample: of the same model trained with other seeds. A resample in
 * which one of them is undefined is left out. MIEN_EINVAL for a count below 1. */
MIEN_API mien_status mien_bootstrap_mean(const mien_metric *metric, const double *truth,
    const double *const *predictions, int count, const int64_t *group, int64_t n,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval);
/** Interval of the difference metric(a) − metric(b) on the same resamples. */
MIEN_API mien_status mien_bootstrap_difference(const mien_metric *metric,
    const double *truth, const double *a, const double *b, const int64_t *group,
    int64_t n, const mien_bootstrap_options *options, mien_pool *pool,
    mien_interval *interval);

/** As mien_bootstrap(), for answers that are checked first; group [n] belongs to the rows that
 * count. */
MIEN_API mien_status mien_class_bootstrap(const mien_class_metric *metric,
    const mien_class_answers *answers, const int64_t *group,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval);
/** As mien_bootstrap_mean(), of answers [count] with the same n and truth. */
MIEN_API mien_status mien_class_bootstrap_mean(const mien_class_metric *metric,
    const mien_class_answers *answers, int count, const int64_t *group,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval);
/** Interval of metric(a) − metric(b) on the same resamples; both have the same n and truth. */
MIEN_API mien_status mien_class_bootstrap_difference(const mien_class_metric *metric,
    const mien_class_answers *a, const mien_class_answers *b, const int64_t *group,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval);

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
