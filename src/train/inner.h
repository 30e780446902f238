/* SPDX-License-Identifier: MIT */
/* Chooses among a learner's candidates on the rows that a fold trains on: each
 * candidate is fitted on most of them and judged by the rest, group by group. */
#ifndef MIEN_TRAIN_INNER_H
#define MIEN_TRAIN_INNER_H

#include "train/trainers/learner.h"

/** What is chosen from. */
typedef struct mien_inner {
    const mien_learner *learner;
    const mien_study *study;
    const mien_lesson *lesson;
    const char *const *group; /* [rows] of the lesson; NULL: rows are assigned singly */
} mien_inner;

/** The candidate of the best mean score over inner folds, the first of equals, and that
 * score (the larger the better; NaN where there is one candidate, which nothing is
 * compared with). MIEN_EFORMAT where rows cannot be assigned. */
mien_status mien_inner_choose(const mien_inner *inner, int *candidate, double *score);
/** The outputs for each row of the lesson by fits of a candidate that did not see it:
 * [rows, classes or 1], by the same inner folds. A row whose inner fold could not be
 * fitted (one class alone) has NaN. MIEN_EFORMAT where rows cannot be assigned. */
mien_status mien_inner_outputs(const mien_inner *inner, int candidate, double *outputs);
/** The score of outputs [rows, classes or 1] against a lesson's truth, as the study
 * asks for; NaN where it is not defined. The larger the better. */
double mien_inner_score_of(
    mien_inner_score score, const mien_lesson *lesson, const double *outputs);

#endif
