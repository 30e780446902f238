/* SPDX-License-Identifier: MIT */
/* Fits read-outs with every choice made on the training rows, and predicts the held-out
 * ones. */
#ifndef MIEN_TRAIN_JUDGE_H
#define MIEN_TRAIN_JUDGE_H

#include "train/material.h"
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
mien_status mien_choose(mien_choice *choice, const mien_material *material,
    const mien_candidate *candidates, int candidates_count, const int64_t *rows,
    int64_t count, const mien_study *study, mien_pool *pool);
void mien_choice_clear(mien_choice *choice);

/** Out-of-fold predictions of three things: the read-out, plain ridge on the layer
 * "pool" (NaN where the study has no such layer), and the mean of the training rows. */
typedef struct mien_judgement {
    double *prediction, *plain, *mean; /* [targets, rows] own scale */
    mien_choice *choice; /* [folds]: what each fold chose (weights and lambdas) */
    int folds;
} mien_judgement;
mien_status mien_judge(mien_judgement *judgement, const mien_material *material,
    const mien_study *study, const mien_train_options *options, mien_pool *pool);
void mien_judgement_clear(mien_judgement *judgement);

#endif
