/* SPDX-License-Identifier: MIT */
/* Fits read-outs with every choice made on the training rows, and predicts the held-out
 * ones. */
#ifndef MIEN_TRAIN_CHOICE_H
#define MIEN_TRAIN_CHOICE_H

#include "train/dataset/feature_set.h"
#include "train/ridge.h"

/** A read-out fitted on some rows: for each target a weighted sum of candidates. */
typedef struct mien_choice {
    int candidates, targets;
    mien_ridge *ridge; /* [candidates, targets] */
    double *weight;    /* [candidates, targets]; 0: not used */
    double *error; /* [targets]: mean squared leave-one-group-out error of the sum */
} mien_choice;

/** Fits every candidate on rows[0..count), then either keeps, for each target, the one
 * with the smallest leave-one-group-out error, or (stack) weights all of them by
 * non-negative least squares on their leave-one-group-out predictions. Clear with
 * mien_choice_clear(). */
mien_status mien_choose(mien_choice *choice, const mien_feature_set *feature_set,
    const mien_candidate *candidates, int candidates_count, const int64_t *rows,
    int64_t count, const mien_study *study, mien_thread_pool *pool);
void mien_choice_clear(mien_choice *choice);

/** The rows of one fold, as numbers of the feature set's rows. */
typedef struct mien_fold_rows {
    const int64_t *training, *tested;
    int64_t training_count, tested_count;
} mien_fold_rows;
/** Predicts the tested rows by a choice fitted on the training rows: prediction
 * [tested, targets], own scale. blocks: the feature set's, or others of the same widths
 * in which tested_items [tested] are the tested rows' numbers; both NULL: as they are.
 */
mien_status mien_choice_predict(const mien_choice *choice,
    const mien_feature_set *feature_set, const mien_candidate *candidates,
    const mien_fold_rows *rows, const mien_blocks *blocks, const int64_t *tested_items,
    mien_thread_pool *pool, double *prediction);
/** Whether a choice among these candidates is plain ridge on the layer "pool" already,
 * so that its predictions are those of mien_choice_plain(). */
bool mien_choice_is_plain(const mien_feature_set *feature_set,
    const mien_candidate *candidates, int candidates_count);
/** Chooses plain ridge on the layer "pool" and predicts by it; NaN where the study has
 * no such layer. */
mien_status mien_choice_plain(const mien_feature_set *feature_set,
    const mien_study *study, const mien_fold_rows *rows, mien_thread_pool *pool,
    double *prediction);

#endif
