/* SPDX-License-Identifier: MIT */
/* Conformal sets of classes of a run's held-out rows and of its model. */
#ifndef MIEN_TRAIN_LABEL_SETS_H
#define MIEN_TRAIN_LABEL_SETS_H

#include "mien/eval.h"
#include "train/dataset/dataset.h"

/** Sets of one target of classes. A row's threshold is made of rows of other parts
 * alone: those that other folds held out, or, with a single fold, other groups. */
typedef struct mien_label_sets {
    int parts;       /* 0: not asked for */
    double level;    /* how often a next truth is in its set */
    double *without; /* [parts] the probability from which on a class is in the set */
    double all;      /* of all rows: the model's */
    double covered;  /* share of rows whose truth is in their set */
    double size;     /* classes in a set, mean */
    double single;   /* share of sets that are the answer alone */
} mien_label_sets;

/** predictions [seeds, dataset rows, width]. Does nothing unless the study asks for
 * it (calibration.sets). */
mien_status mien_label_sets_compute(mien_label_sets *sets, const mien_dataset *dataset,
    const mien_study *study, const mien_dataset_target *target,
    const double *predictions, int seeds);
void mien_label_sets_clear(mien_label_sets *sets);
/** The set of a row with the probabilities p: in_set [classes]. How many are in it; 0:
 * no fold tested the row. */
int mien_label_sets_of(const mien_label_sets *sets, const mien_dataset *dataset,
    const mien_dataset_target *target, int64_t row, const double *p, bool *in_set);

#endif
