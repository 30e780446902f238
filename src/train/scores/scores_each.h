/* SPDX-License-Identifier: MIT */
/* Figures of each model where a study trains one for each value of a column. */
#ifndef MIEN_TRAIN_SCORES_EACH_H
#define MIEN_TRAIN_SCORES_EACH_H

#include "train/scores/scores.h"

/** The best epochs of one fit whose epochs were watched: its best figures on the rows
 * it tests. */
typedef struct mien_best_epochs {
    int64_t each; /* whose model it is; 0 where there is one for all */
    double score; /* mean of the best three epochs; NaN: none were watched */
} mien_best_epochs;

/** Writes each.csv: a row for each model, target and figure, with the null prediction's
 * beside it, means over seeds. And adds to results.json, under each, their means over
 * models with intervals over them. figures, a list, gets a map for each model in their
 * order: {TARGET {FIGURE {value, baseline}}}. */
mien_status mien_scores_each(const mien_scores *scores, const mien_dataset *dataset,
    const mien_predicted *predicted, mien_thread_pool *pool, const char *path,
    mien_value *figures, mien_value *document);
/** Adds S1's score under best_epochs: of each model the mean over fits of the mean of
 * the three best epochs, and the mean over models; with a word that it chooses epochs
 * by the rows it is about. Nothing where no fit was watched. */
mien_status mien_scores_best_epochs(const mien_dataset *dataset,
    const mien_best_epochs *fits, int64_t count, mien_value *document);

#endif
