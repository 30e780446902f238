/* SPDX-License-Identifier: MIT */
/* A read-out's predictions as the scorer takes them, and what a read-out tells beside.
 */
#ifndef MIEN_TRAIN_READOUT_SCORES_H
#define MIEN_TRAIN_READOUT_SCORES_H

#include "train/judge.h"
#include "train/scores.h"

typedef struct mien_readout_scores {
    mien_corpus corpus;     /* lent by the material */
    double *values, *plain; /* [rows, targets] */
    mien_predicted predicted;
    mien_scores scores;
    /* lent: */
    const mien_material *material;
    const mien_judgement *judgement;
} mien_readout_scores;

/** Judges what mien_judge() predicted. material and judgement are lent until
 * mien_readout_scores_clear(), which is also called after a failure. */
mien_status mien_readout_scores_compute(mien_readout_scores *scores,
    const mien_material *material, const mien_judgement *judgement,
    const mien_study *study, mien_pool *pool);
void mien_readout_scores_clear(mien_readout_scores *scores);
/** results.json; final_choice is what the model on all rows chose. The caller frees the
 * document. */
mien_status mien_readout_document(const mien_readout_scores *scores,
    const mien_choice *final_choice, mien_value **document);

#endif
