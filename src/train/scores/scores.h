/* SPDX-License-Identifier: MIT */
/* Figures of out-of-fold predictions, and the files that hold them. */
#ifndef MIEN_TRAIN_SCORES_H
#define MIEN_TRAIN_SCORES_H

#include "mien/eval.h"
#include "train/dataset/dataset.h"
#include "train/scores/conformal.h"
#include "train/scores/abstention.h"
#include "train/scores/label_sets.h"
#include "train/scores/scores_crossed.h"
#include "train/scores/scores_groups.h"

enum { MIEN_SCORES_METRICS_MAX = 24 };

typedef struct mien_target_scores {
    int metrics;
    int64_t rows; /* that were tested and have the target */
    /* model: the mean over seeds of each one's own figure */
    mien_interval model[MIEN_SCORES_METRICS_MAX], baseline[MIEN_SCORES_METRICS_MAX];
    mien_interval ensemble[MIEN_SCORES_METRICS_MAX]; /* of the seeds' mean prediction */
    mien_interval plain[MIEN_SCORES_METRICS_MAX]; /* NaN: there is no simpler model */
    double *each;                                 /* [metrics, seeds] */
    double *usual;      /* [folds, width]: what the baseline answers in each fold */
    int64_t width;      /* 1, or the classes' number */
    double residual[2]; /* see mien_residual_interval(); of numbers */
    mien_conformal_scores conformal; /* of numbers, where the study asks for it */
    mien_label_sets sets;            /* of classes, where the study asks for it */
    mien_abstention abstention;      /* of classes, and of intervals that vary */
    mien_reliability *reliability;   /* of classes, of all seeds */
    mien_noise_ceiling ceiling;
    bool has_ceiling;
    mien_group_scores groups;              /* of studies on features, of numbers */
    mien_crossed_scores *crossed;          /* NULL: folds are not crossed */
    double unsmoothed[MIEN_GROUP_FIGURES]; /* MSE, r, CCC without smoothing, means
                                              over seeds */
    int64_t *confusion;      /* [classes, classes], of all seeds; NULL: of numbers */
    mien_class_score *class; /* [classes], of all seeds */
} mien_target_scores;

typedef struct mien_scores {
    int64_t rows; /* that a fold tested */
    int64_t *row; /* [rows] of the dataset */
    int seeds;
    int64_t first_seed;
    const mien_study *study; /* lent */
    bool smoothed;
    mien_target_scores target[MIEN_TARGETS_MAX];
} mien_scores;

/** The predictions of all rows; NaN in rows that no fold tested. */
typedef struct mien_predicted {
    const double *values;     /* [the study's seeds, dataset rows, width] */
    const double *unsmoothed; /* the same before smoothing; NULL: nothing is smoothed */
    const double *plain;      /* [dataset rows, width] by a simpler model; NULL: none */
    const mien_crossed_answers *crossed; /* NULL: folds are not crossed */
} mien_predicted;

/** Each figure is the mean over seeds of each one's own. The baseline is the
 * mean, or the shares of the classes, of what is not held out. Clear also after a
 * failure. */
mien_status mien_scores_compute(mien_scores *scores, const mien_dataset *dataset,
    const mien_study *study, const mien_predicted *predicted, mien_thread_pool *pool);
void mien_scores_clear(mien_scores *scores);
/** The baseline's answer in a fold, the null prediction of its rows: mean, or shares
 * of classes [width], of the rows that the fold's model learns from; NaN where none
 * of them has the target. */
void mien_scores_usual(const mien_dataset *dataset, const mien_dataset_target *target,
    int fold, double *usual);
/** How a study wants its intervals. */
mien_interval_options mien_scores_intervals(const mien_study *study);

/** The part of results.json that only a method itself can tell. */
typedef struct mien_scores_more {
    const char *method; /* "network", "readout" */
    /* adds keys to the map of a target; NULL: none */
    void (*target)(
        const void *context, int target, mien_value *map, mien_status *status);
    const void *context;
} mien_scores_more;
/** results.json as far as all methods share it; model is taken, also after a failure.
 * The caller frees the document. See docs/run-folder.md. */
mien_status mien_scores_document(const mien_scores *scores, const mien_dataset *dataset,
    mien_value *model, const mien_scores_more *more, mien_value **document);
/** A target's map in it. */
mien_value *mien_scores_target(const mien_scores *scores, const mien_dataset *dataset,
    int target, mien_status *status);
/** Standard deviation over seeds of a metric; NaN for one seed. */
double mien_scores_spread(const mien_scores *scores, int target, int metric);
/** predictions.csv, of the rows that were tested: all of the first seed, then of the
 * next; the column seed is there if there are several, columns of what is not smoothed
 * if something is. */
mien_status mien_scores_write_predictions(const mien_scores *scores,
    const mien_dataset *dataset, const mien_predicted *predicted, const char *path);
/** The same of one cell of crossed folds, whose predictions are means over fits: no
 * fold, the cell's name as split. */
mien_status mien_scores_write_cell(const mien_scores *scores,
    const mien_dataset *dataset, const mien_crossed_answers *answers, mien_cell cell,
    const char *path);
/** trials.tsv: the dataset's rows with their fold (n/a: tested in none). */
mien_status mien_scores_write_trials(const mien_dataset *dataset, const char *path);
/** SHA-256 over trial, group, picture's file name and targets, a line a row: the same
 * wherever the data set lies. */
mien_status mien_scores_rows_hash(const mien_dataset *dataset, char hex[65]);
/** The metric's name and title, of numbers or of classes. */
const mien_metric *mien_scores_metric_of_numbers(int index);
const char *mien_scores_metric_name(bool of_classes, int index);

#endif
