/* SPDX-License-Identifier: MIT */
/* How good answers are when the least sure of them are left out. */
#ifndef MIEN_TRAIN_ABSTENTION_H
#define MIEN_TRAIN_ABSTENTION_H

#include "train/scores/conformal.h"

enum { MIEN_ABSTENTION_POINTS = 20 };

/** A curve over shares 0.05 to 1 of the held-out rows: the accuracy of the surest, or
 * the RMSE of those with the narrowest intervals; means over seeds. */
typedef struct mien_abstention {
    int count; /* 0: there is none */
    double share[MIEN_ABSTENTION_POINTS], value[MIEN_ABSTENTION_POINTS];
} mien_abstention;

/** each [seeds]: answers with probabilities. */
mien_status mien_abstention_classes(
    mien_abstention *curve, const mien_class_answers *each, int seeds);
/** predictions [seeds, dataset rows, width]; none where intervals do not vary. */
mien_status mien_abstention_numbers(mien_abstention *curve,
    const mien_conformal_scores *scores, const mien_dataset *dataset,
    const mien_dataset_target *target, const double *predictions, int seeds);
/** Adds `abstention` to a target's map in results.json. */
void mien_abstention_put(
    const mien_abstention *curve, bool classes, mien_value *map, mien_status *status);

#endif
