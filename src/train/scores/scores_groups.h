/* SPDX-License-Identifier: MIT */
/* Figures of each film and of their series, for studies on features. */
#ifndef MIEN_TRAIN_SCORES_GROUPS_H
#define MIEN_TRAIN_SCORES_GROUPS_H

#include "mien/eval.h"
#include "train/dataset/dataset.h"

enum { MIEN_GROUP_FIGURES = 3 };

/** NaN where undefined, or where rows have no order. */
typedef struct mien_group_score {
    int64_t group, rows;
    double figure[MIEN_GROUP_FIGURES]; /* MSE, r, CCC: means over seeds */
    double effective, p;               /* as mien_series_effective(); of r, by it */
    double shift_p;
} mien_group_score;

typedef struct mien_group_scores {
    int64_t groups; /* with tested rows */
    mien_group_score *each;
    mien_interval mean[MIEN_GROUP_FIGURES]; /* over groups */
    /* of all series, the mean prediction of the seeds */
    bool ordered;
    double effective, p;
    mien_shift_test shift;
    double film_p; /* see mien_series_film_test() */
    /* what the mean course of the films that a fold learns from would answer: r within
     * films, MSE */
    double time_r, time_mse;
    int64_t lags, best;
    double *lag; /* [2 lags + 1] */
} mien_group_scores;

/** Computes the figures by group of a target of numbers. row [rows]: those that were
 * tested; predictions [seeds, dataset rows, width]; usual [folds]: the baseline's
 * answer in each. Clear also after a failure. */
mien_status mien_group_scores_compute(mien_group_scores *scores,
    const mien_dataset *dataset, const mien_study *study,
    const mien_dataset_target *target, const int64_t *row, int64_t rows, int seeds,
    const double *predictions, const double *usual, mien_thread_pool *pool);
void mien_group_scores_clear(mien_group_scores *scores);
/** Adds "groups" and "series" to a target of results.json. */
mien_status mien_group_scores_put(const mien_group_scores *scores,
    const mien_dataset *dataset, const mien_study *study, mien_value *target);

#endif
