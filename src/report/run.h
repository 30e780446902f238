/* SPDX-License-Identifier: MIT */
/* A run folder as read for the report; figures and cells that only the report uses. */
#ifndef MIEN_REPORT_RUN_H
#define MIEN_REPORT_RUN_H

#include "mien/report.h"

#define MIEN_RUN_TARGETS_MAX 16
#define MIEN_RUN_METRICS_MAX 32

/** NaN in a value where the run has none. */
typedef struct mien_run_metric {
    const char *name, *title; /**< lent by the run's results */
    mien_interval model, plain, baseline;
    double spread;          /**< SD over seeds */
    mien_interval ensemble; /**< of the seeds' mean prediction */
} mien_run_metric;

typedef struct mien_run_target {
    const char *name, *unit, *construct, *perspective;
    double minimum, maximum;
    mien_run_metric metric[MIEN_RUN_METRICS_MAX];
    int metrics;
    double ceiling, reliability; /**< NaN: unknown */
    int classes;                 /**< 0: it is a number */
    double *truth, *prediction;  /**< [rows], NaN where missing, and of classes; of
                                    several seeds their mean */
    const mien_value *value;     /**< its map in the results */
} mien_run_target;

/** A run folder in memory. */
typedef struct mien_run {
    const char *path, *name;
    mien_value *results;
    mien_table *predictions;
    char *study;         /**< text of study.yaml; NULL: there is none */
    int64_t rows, seeds; /**< rows of each seed; the table has the first seed's first */
    mien_run_target target[MIEN_RUN_TARGETS_MAX];
    int targets;
    const mien_report_options *options; /**< lent; NULL: the defaults */
} mien_run;

/** MIEN_EFORMAT names what results.json or predictions.csv lacks. */
mien_status mien_run_open(mien_run *run, const char *path);
void mien_run_close(mien_run *run);

/** A cell of predictions.csv; "" where it is missing or there is no such column. */
const char *mien_run_cell(const mien_run *run, int64_t row, const char *column);

/** How many seeds a table of predictions has: 1 without a column "seed". MIEN_EFORMAT
 * unless each has the trials of the first, in their order. */
mien_status mien_run_seeds(const mien_table *table, int64_t *seeds);

/** The kind of its model, in a word or two: "network", "read-out", "logistic
 * regression". */
const char *mien_run_learner(const mien_run *run);
/** Reads {"value", "low", "high"}; NaNs where it is null or absent. */
mien_interval mien_run_interval(const mien_value *value);
/** NULL if the target has no metric of that name. */
const mien_run_metric *mien_run_metric_find(
    const mien_run_target *target, const char *name);

/** <td> with the value and its interval; a dash where it is unknown. */
void mien_interval_cell(mien_string *out, const mien_interval *interval, int decimals);

typedef enum mien_mark {
    MIEN_MARK_DOT,
    MIEN_MARK_SQUARE,
    MIEN_MARK_DIAMOND,
    MIEN_MARK_BAR
} mien_mark;

typedef struct mien_figure_estimate {
    const char *name;
    mien_interval interval; /**< without finite low and high: the mark alone */
    mien_mark mark;
    bool space_before;
} mien_figure_estimate;

/** Estimates below each other on one axis; those without a value are left out. A dashed
 * line stands at `chance`, if it is finite. */
mien_status mien_figure_intervals(mien_string *out, const char *title, const char *axis,
    const mien_figure_estimate *estimates, int count, double chance);

typedef struct mien_figure_bar {
    const char *name;
    mien_interval interval; /**< without finite low and high: the bar alone */
    int look;               /**< 0 dark, 1 lighter, 2 lightest */
    bool space_before;
} mien_figure_bar;

/** Bars below each other from zero on one axis; all have finite values. */
mien_status mien_figure_bars(mien_string *out, const char *title, const char *axis,
    const mien_figure_bar *bars, int count);

/** Appends what was done in words, scores, figures, folds and misses of one run. */
mien_status mien_report_run(mien_page *page, const mien_run *run, bool alone);

#endif
