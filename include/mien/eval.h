/* SPDX-License-Identifier: MIT */
/* How good predictions are, and how sure we may be of that.
 *
 *     enum { N = 6 };
 *     double truth[N] = {1, 2, 3, 4, 5, 6};
 *     double prediction[N] = {1.2, 1.9, 3.5, 3.7, 5.2, 5.6};
 *     int64_t person[N] = {0, 0, 1, 1, 2, 2}; // rows that are left out together
 *     const double *predictions[] = {prediction};
 *     mien_sample sample = {
 *         .n = N, .truth = truth, .predictions = predictions, .count = 1,
 *         .group = person};
 *     const mien_metric *r = mien_metric_find("r");
 *     mien_interval interval;
 *     mien_status status = mien_intervals(&r, 1, &sample, NULL, NULL, NULL, &interval);
 *     if (status == MIEN_OK) {
 *         printf("r %.3f [%.3f, %.3f]\n", interval.value, interval.low, interval.high);
 *     }
 */
#ifndef MIEN_EVAL_H
#define MIEN_EVAL_H

#include "mien/tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Numbers and what was predicted of them; all finite. */
typedef struct mien_pairs {
    int64_t n;
    const double *truth, *prediction; /**< [n] */
    /** [n] the null prediction: what the mean of the training rows answers to each;
     * NULL: unknown, one number for all. Where folds learn from different rows it runs
     * against the truth (a fold that holds high ratings out learns from low ones), and
     * predictions that are made around it with it: chance would have a correlation
     * below 0. So correlations are of prediction - null, and R² is against the null's
     * error. */
    const double *null;
} mien_pairs;

/** How a figure is spread: the scale on which intervals are made. */
typedef enum mien_scale {
    MIEN_SCALE_PLAIN,       /**< as it is */
    MIEN_SCALE_CORRELATION, /**< Fisher's z: −1 to 1 */
    MIEN_SCALE_ERROR,       /**< its logarithm: above 0 */
    MIEN_SCALE_EXPLAINED,   /**< the logarithm of what is missing to 1 */
    MIEN_SCALE_SHARE,       /**< arc sine of the root: 0 to 1 */
    MIEN_SCALE_BRIER        /**< as a share, of half of it: 0 to 2 */
} mien_scale;

struct mien_moments;

/** A row of eval/metrics.def. */
typedef struct mien_metric {
    const char *name;  /**< "r", "ccc", "rmse", "mae", "r2", "mape", "cosine", "mse" */
    const char *title; /**< "Pearson r" */
    const char *summary; /**< formula and source in one line */
    double perfect;      /**< value when prediction equals truth */
    bool higher_is_better;
    bool on_request; /**< misleads on most targets: left out where nobody names it */
    mien_scale scale;
    /** Computes the metric from the moments of pairs; see mien_metric_value(). */
    double (*of)(const struct mien_moments *moments);
} mien_metric;

MIEN_API int mien_metric_count(void);
/** The number of metrics that are given unasked; they come first in the table. */
MIEN_API int mien_metric_usual_count(void);
MIEN_API const mien_metric *mien_metric_at(int index);
MIEN_API const mien_metric *mien_metric_find(const char *name); /**< NULL if absent */
/** NaN where undefined: a truth or a prediction that does not vary (by more than
 * rounding), n too small, pairs that are not finite. */
MIEN_API double mien_metric_value(const mien_metric *metric, const mien_pairs *pairs);

/* ---- classes ------------------------------------------------------------------ */

/** The most classes that figures are made for. */
#define MIEN_CLASSES_MAX 256

/** Answers to a question with `classes` possible answers. */
typedef struct mien_class_answers {
    int64_t n;
    int classes;      /**< 1 to MIEN_CLASSES_MAX */
    const int *truth; /**< [n], from 0 */
    const int
        *prediction; /**< [n]; NULL: the most probable class, the first of equals */
    const double
        *probability; /**< [n, classes], each row's sum 1; NULL if there are none */
} mien_class_answers;
/** MIEN_EINVAL, naming the row, for a class out of range, a probability outside [0, 1]
 * or a sum further than 1e-3 from 1, or neither predictions nor probabilities. */
MIEN_API mien_status mien_class_answers_check(const mien_class_answers *answers);

struct mien_class_counts;

/** A row of eval/class_metrics.def. */
typedef struct mien_class_metric {
    const char *name;  /**< "accuracy", "balanced_accuracy", "macro_f1", "kappa", … */
    const char *title; /**< "Accuracy" */
    const char *summary; /**< formula and source in one line */
    double perfect;      /**< value when the truth is given probability 1 */
    bool higher_is_better;
    bool needs_probability;
    mien_scale scale;
    /** Computes the metric from counts of answers; see mien_class_metric_value(). */
    double (*of)(const struct mien_class_counts *counts);
} mien_class_metric;
MIEN_API int mien_class_metric_count(void);
MIEN_API const mien_class_metric *mien_class_metric_at(int index);
MIEN_API const mien_class_metric *mien_class_metric_find(
    const char *name); /**< NULL if absent */
/** The metric's value for answers that pass mien_class_answers_check(); NaN where it
 * is undefined (no rows, no probabilities). */
MIEN_API double mien_class_metric_value(
    const mien_class_metric *metric, const mien_class_answers *answers);
/** Share of rows whose true class is among the k most probable (the first of equals
 * count). */
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
/** counts [classes, classes]: rows of the class (first index) that are taken for
 * another. */
MIEN_API void mien_confusion(const mien_class_answers *answers, int64_t *counts);
/** Each row of a confusion matrix divided by its sum; NaN where that is 0. */
MIEN_API void mien_confusion_shares(const int64_t *counts, int classes, double *shares);

/** The baselines that need no picture: the share of each class among n training
 * labels (the probabilities of the prior), and the largest class, the first of
 * equals (the prediction). MIEN_EINVAL for no rows or a label out of range. */
MIEN_API mien_status mien_class_prior(
    const int *label, int64_t n, int classes, double *prior, int *majority);

/* ---- intervals ---------------------------------------------------------------- */

typedef struct mien_interval {
    double value, low, high;
} mien_interval;

typedef enum mien_interval_rule {
    /** each group left out once; Student's t on the figure's scale, its degrees of
     * freedom by the kurtosis of the groups' influences, and what their skewness does
     * to it taken out (Hall) */
    MIEN_INTERVAL_JACKKNIFE,
    MIEN_INTERVAL_BOOTSTRAP /**< percentiles over groups drawn with replacement; narrow
                               below some 50 groups */
} mien_interval_rule;

typedef struct mien_interval_options {
    mien_interval_rule rule; /**< default MIEN_INTERVAL_JACKKNIFE */
    int repeats;             /**< of the bootstrap; default 2000 */
    double level;            /**< default 0.95 */
    uint64_t seed;           /**< of the bootstrap; default 1 */
    double
        *p; /**< [figures] NULL (default), or room for two-sided p of figures against 0:
               the level whose interval just touches it is 1 - p; NaN where undefined */
} mien_interval_options;
MIEN_API mien_interval_options mien_interval_options_default(void);
/** Below so many groups an interval is worth a warning. */
#define MIEN_GROUPS_FEW 20

/** Predictions of a model, or of one that was trained with several seeds: figures are
 * means over the seeds, taken within each resample. */
typedef struct mien_sample {
    int64_t n;
    const double *truth;              /**< [n] */
    const double *const *predictions; /**< [count][n] */
    int count;
    const double *null;    /**< [n], see mien_pairs; NULL: unknown */
    const int64_t *group;  /**< [n] in any numbering: rows that come and go together;
                              NULL: every row its own */
    const int64_t *across; /**< [n] in any numbering from 0: what else rows share,
                              stimuli where groups are persons; the intervals are over
                              both, those of mien_crossed_intervals(). NULL: nothing */
} mien_sample;

/**
 * Figures with intervals: where they would lie with other groups.
 *
 * @param metrics    [count]
 * @param b          another model on the same rows: the intervals are of a − b; its
 * truth and groups are those of a. NULL: those of a alone
 * @param options    NULL: default
 * @param pool       same interval whatever its threads; NULL: one thread
 * @param intervals  [count]; NaN where undefined: low and high with one group
 * @return MIEN_EINVAL for no rows, no predictions, options that cannot be; MIEN_ENOMEM
 *
 * Resamples in which a figure is undefined are left out. A resample costs groups, not
 * rows.
 */
MIEN_API mien_status mien_intervals(const mien_metric *const *metrics, int count,
    const mien_sample *a, const mien_sample *b, const mien_interval_options *options,
    mien_thread_pool *pool, mien_interval *intervals);

#define MIEN_HOLM_MAX 64
/** Holm's (1979) adjusted p: adjusted [n] of p [n], n up to MIEN_HOLM_MAX; NaN stays
 * NaN and does not count. May be in place. */
MIEN_API void mien_holm(const double *p, int n, double *adjusted);

/** The mean of x [n], each its own group, all finite. */
MIEN_API mien_status mien_interval_of_mean(const double *x, int64_t n,
    const mien_interval_options *options, mien_thread_pool *pool,
    mien_interval *interval);

/** The same as mien_sample for answers with the same n, classes and truth. */
typedef struct mien_class_sample {
    const mien_class_answers *answers; /**< [count] */
    int count;
    const int64_t *group;  /**< [n] */
    const int64_t *across; /**< [n], see mien_sample; NULL: nothing */
} mien_class_sample;
/** The same as mien_intervals() for classes; answers are checked first. */
MIEN_API mien_status mien_class_intervals(const mien_class_metric *const *metrics,
    int count, const mien_class_sample *a, const mien_class_sample *b,
    const mien_interval_options *options, mien_thread_pool *pool,
    mien_interval *intervals);

/** Numbers predicted for persons in front of stimuli, with one or several seeds. */
typedef struct mien_crossed_sample {
    int64_t n;
    const double *truth;              /**< [n] */
    const double *const *predictions; /**< [count][n] */
    int count;
    const double *null;      /**< [n], see mien_pairs; NULL: unknown */
    const int64_t *person;   /**< [n], from 0 */
    const int64_t *stimulus; /**< [n], from 0 */
} mien_crossed_sample;
/** The same of classes. */
typedef struct mien_crossed_class_sample {
    const mien_class_answers
        *answers; /**< [count], with the same n, classes and truth */
    int count;
    const int64_t *person, *stimulus; /**< [n], from 0 */
} mien_crossed_class_sample;
/** A figure of crossed rows. */
typedef struct mien_crossed_figure {
    const void *metric; /**< a mien_metric of numbers, a mien_class_metric of classes */
    bool within; /**< of each person's rows, mean over the persons of whom it is defined
                  */
} mien_crossed_figure;
/**
 * Figures with intervals: where they would lie with other persons and other stimuli.
 *
 * @param figures    [count]
 * @param b          what is subtracted: other rows or other answers, of the same
 * persons and stimuli; NULL: those of a alone
 * @param persons    numbers of persons are below it; so of stimuli
 * @param options    the jackknife leaves out each person and each stimulus: the
 * variance is persons' + stimuli's, with Student's t of the fewer of persons and
 * stimuli less 1. The bootstrap draws persons and stimuli, a row counting the product
 * of both. Either is a little wide. NULL: default
 * @param intervals  [count]; NaN where undefined: low and high with one person or one
 * stimulus
 * @return MIEN_EINVAL for no rows, no predictions, numbers out of range, options that
 * cannot be; MIEN_ENOMEM
 *
 * Source: Cameron, Gelbach & Miller 2011 (multiway clusters, whose third variance is
 * not taken off); Owen 2007 (pigeonhole bootstrap).
 */
MIEN_API mien_status mien_crossed_intervals(const mien_crossed_figure *figures,
    int count, const mien_crossed_sample *a, const mien_crossed_sample *b,
    int64_t persons, int64_t stimuli, const mien_interval_options *options,
    mien_thread_pool *pool, mien_interval *intervals);
MIEN_API mien_status mien_crossed_class_intervals(const mien_crossed_figure *figures,
    int count, const mien_crossed_class_sample *a, const mien_crossed_class_sample *b,
    int64_t persons, int64_t stimuli, const mien_interval_options *options,
    mien_thread_pool *pool, mien_interval *intervals);

/** How well any predictor could do against ratings that are means over raters. */
typedef struct mien_noise_ceiling {
    double reliability; /**< 1 − mean(SD²/N) / var(mean) */
    double r;           /**< its square root: the largest expected correlation */
    double low, high;   /**< 95 % interval of r, over rows */
    int64_t rows;
} mien_noise_ceiling;
/** Rows where any of the three is missing are left out; MIEN_EINVAL if fewer than 3 are
 * left or the means do not vary. */
MIEN_API mien_status mien_noise_ceiling_of(const double *mean, const double *deviation,
    const double *raters, int64_t n, mien_noise_ceiling *ceiling);

/* ---- calibration --------------------------------------------------------------- */

/** Temperatures that are looked at: beyond them rows are all right, or all guessed. */
#define MIEN_TEMPERATURE_MIN 0.05
#define MIEN_TEMPERATURE_MAX 20.0
/**
 * The temperature T for which softmax(z / T) has the smallest mean -ln p(truth).
 *
 * @param answers      with probabilities; what they were made of need not be known: z
 * is ln p
 * @param ordered      probabilities come from thresholds between ordered classes
 * (CORN), whose logits are divided instead
 * @param temperature  within [MIEN_TEMPERATURE_MIN, MIEN_TEMPERATURE_MAX]; 1 where all
 * rows have equal probabilities
 * @return MIEN_EINVAL for no rows, no probabilities, a single class, or answers that do
 * not pass the check; MIEN_ENOMEM
 *
 * Source: Guo, Pleiss, Sun & Weinberger 2017. Golden: python/golden/calibration.py.
 */
MIEN_API mien_status mien_temperature_fit(
    const mien_class_answers *answers, bool ordered, double *temperature);
/** probability [classes] of one row, at another temperature; 1 changes no bit. */
MIEN_API void mien_temperature_apply(
    double temperature, int classes, bool ordered, double *probability);

#define MIEN_RELIABILITY_BINS_MAX 64
/** Rows whose answer has a probability within (low, high]. */
typedef struct mien_reliability_bin {
    double low, high;
    int64_t rows;
    double confidence, accuracy; /**< means; NaN without rows */
} mien_reliability_bin;
typedef struct mien_reliability {
    int bins;
    mien_reliability_bin bin[MIEN_RELIABILITY_BINS_MAX];
    double
        ece; /**< expected calibration error: mean |accuracy - confidence| over rows */
    double mce;           /**< the largest of a bin */
    double ece_by_chance; /**< mean ece if the probabilities were without fault: above
                             0, as bins have few rows; NaN: not drawn */
} mien_reliability;
/** Reliability of the answers' own probability, in bins of equal width. repeats: draws
 * for ece_by_chance, 0: none. MIEN_EINVAL for no rows or probabilities, or bins that
 * cannot be. Source: Guo et al. 2017; the draws: Broecker & Smith 2007. */
MIEN_API mien_status mien_reliability_of(const mien_class_answers *answers, int bins,
    int repeats, uint64_t seed, mien_reliability *reliability);
/** accuracy [count] of the share of rows (above 0 to 1) that are surest, rounded up to
 * whole rows; of rows that are equally sure a part stands for all. MIEN_EINVAL;
 * MIEN_ENOMEM. */
MIEN_API mien_status mien_abstention_of(const mien_class_answers *answers,
    const double *share, int count, double *accuracy);

/** The RMSE [count] of the share of rows (above 0 to 1) whose intervals are narrowest,
 * rounded up to whole rows; of rows that are as wide a part stands for all. NaN where
 * all are as wide. error, width [n]. MIEN_ENOMEM. */
MIEN_API mien_status mien_narrowest_of(const double *error, const double *width,
    int64_t n, const double *share, int count, double *rmse);

#define MIEN_CONFORMAL_PARTS_MAX 3
/** Residual quantiles of numbers, by where the prediction lies. */
typedef struct mien_conformal {
    double level;
    int parts;                                /**< 1: one width for all; 3: by thirds */
    double cut[MIEN_CONFORMAL_PARTS_MAX - 1]; /**< borders of the prediction, rising */
    double low[MIEN_CONFORMAL_PARTS_MAX],
        high[MIEN_CONFORMAL_PARTS_MAX];     /**< added to it */
    int64_t rows[MIEN_CONFORMAL_PARTS_MAX]; /**< they were made of */
} mien_conformal;
/**
 * Conformal prediction interval: a next truth lies within with the probability `level`,
 * whatever the distribution, and so in each part of the predictions.
 *
 * @param truth, prediction  [rows * seeds], the rows of the first seed first; by models
 * that did not learn from the row (cross-conformal of folds; split of a part)
 * @param parts  1, or 3: thirds of the prediction have widths of their own (Mondrian)
 * @return MIEN_EINVAL for no rows or a level that cannot be; MIEN_ENOMEM
 *
 * Quantiles lie between order statistics, at (n + 1)(1 - level)/2. Of fewer rows than
 * they need (19 for 0.9, 39 for 0.95, in each part) it is the normal prediction
 * interval, no narrower than what was seen. Sources: Vovk, Gammerman & Shafer 2005;
 * Papadopoulos et al. 2002.
 */
MIEN_API mien_status mien_conformal_fit(const double *truth, const double *prediction,
    int64_t rows, int64_t seeds, double level, int parts, mien_conformal *conformal);
MIEN_API int mien_conformal_part(const mien_conformal *conformal, double prediction);
MIEN_API void mien_conformal_interval(
    const mien_conformal *conformal, double prediction, double *low, double *high);
/** The probability from which on a class is in the set, so that the set holds a next
 * truth with the probability `level` at least; 0, all classes, of too few rows.
 * answers: n = rows * seeds. Source: Sadinle, Lei & Wasserman 2019. */
MIEN_API mien_status mien_conformal_sets_fit(
    const mien_class_answers *answers, int64_t seeds, double level, double *threshold);
/** in_set [classes]; the chosen class always is. How many are. */
MIEN_API int mien_conformal_set(
    double threshold, int classes, const double *probability, int chosen, bool *in_set);

/** Exchanges labels: row i gets the label of row from[i]. block [n] from 0: rows are
 * exchanged within a block alone, NULL: among all. Same seed and number, same exchange.
 * MIEN_ENOMEM. */
MIEN_API mien_status mien_permutation_draw(int64_t n, const int64_t *block,
    int64_t blocks, uint64_t seed, uint64_t which, int64_t *from);
/** Share of exchanges, what was observed among them, with a figure as good: (1 + as
 * good) / (1 + n). NaN where the observed figure is; exchanges that are NaN are left
 * out. */
MIEN_API double mien_permutation_p(
    double observed, const double *permuted, int64_t n, bool higher_is_better);

/** Variance between persons, between stimuli, and what is left; NaN where the rows do
 * not tell. */
typedef struct mien_variance {
    double person, stimulus, rest;
    int64_t persons, stimuli; /**< that have rows */
} mien_variance;
/** Splits the variance of y [n] between crossed random intercepts, persons and
 * stimuli numbered from 0. Components that are estimated below 0 are 0. MIEN_EINVAL
 * for no rows, numbers out of range, values not finite; MIEN_ENOMEM. Source:
 * Henderson 1953, method 1; Searle, Casella & McCulloch 1992, chapter 5. */
MIEN_API mien_status mien_variance_of(const double *y, const int64_t *person,
    const int64_t *stimulus, int64_t n, int64_t persons, int64_t stimuli,
    mien_variance *variance);

/* ---- series ------------------------------------------------------------------- */

/** Predictions of rows that follow each other in time, in groups (films): rows of group
 * g are first[g] … first[g + 1] − 1, oldest first. All is about what varies within
 * groups: each group's own means are taken off first. */
typedef struct mien_series {
    const double *truth, *prediction;
    int64_t groups;       /**< at least 1 */
    const int64_t *first; /**< [groups + 1], from 0, rising */
} mien_series;

/** Pearson r within groups; NaN where truth or prediction do not vary there. */
MIEN_API double mien_series_r(const mien_series *series);
/** The same of prediction i + lag with truth i, for lags −most … most: r [2 most + 1],
 * NaN where undefined. A positive lag: the prediction comes later. Returns the lag of
 * the largest r, the nearest to 0 of equals. */
MIEN_API int64_t mien_series_lags(const mien_series *series, int64_t most, double *r);
/**
 * How many independent rows would give r the same spread: rows that resemble their
 * neighbours count less. Sum over groups of N*, 1/N* = 1/N + 2/N Σ_{j ≤ N/5} (N − j)/N
 * ρ_t(j) ρ_p(j) with the autocorrelations ρ of truth and prediction, at most N. Of
 * several groups also at most what two first-order autoregressions would leave, whose
 * coefficients short series show too small: summed over short films N* alone would be
 * too large.
 *
 * Source: Pyper & Peterman 1998, equation 1, after Bartlett 1946; Marriott & Pope 1954.
 */
MIEN_API double mien_series_effective(const mien_series *series);
/** Two-sided p of a Pearson r against 0 with so many degrees of freedom (rows − 2 of
 * one series), by Student's t; NaN for r that is none or freedom that is not above 0.
 */
MIEN_API double mien_correlation_p(double r, double freedom);

/** The t that Student's t with so many degrees of freedom (above 0) passes on either
 * side with the probability `tails` (0 to 1, neither included). */
MIEN_API double mien_student_two_sided(double tails, double freedom);

typedef struct mien_shift_test {
    double r;       /**< within groups */
    double p;       /**< share of shifts, the one that happened among them, with an r as
                       large;       NaN where r is */
    int64_t shifts; /**< how many were compared */
} mien_shift_test;
/** Is the order in time met, or would any series that varies as slowly do? Each group's
 * prediction is turned round by a random number of rows (its end goes to its
 * beginning), which keeps what it is but for when; r is compared with what `repeats`
 * such turns give. Of one group with no more rows than repeats, all turns are taken.
 * One-sided: larger r. Same seed, same p, whatever the threads. MIEN_EINVAL for repeats
 * below 1; MIEN_ENOMEM. */
MIEN_API mien_status mien_series_shift_test(const mien_series *series, int repeats,
    uint64_t seed, mien_thread_pool *pool, mien_shift_test *test);

/** Is each film's own course met, or one that films share (they rise towards their
 * end)? Films' predictions are exchanged `repeats` times, rows paired from the
 * beginning as far as both go: *p is the share of exchanges, the one that happened
 * among them, with an r within groups as large. NaN where r is undefined, with one
 * group or more than 1,024. Same seed, same p, whatever the threads. MIEN_EINVAL for
 * repeats below 1; MIEN_ENOMEM. */
MIEN_API mien_status mien_series_film_test(const mien_series *series, int repeats,
    uint64_t seed, mien_thread_pool *pool, double *p);

#ifdef __cplusplus
}
#endif

#endif
