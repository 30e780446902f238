/* SPDX-License-Identifier: MIT */
/* Conformal intervals of a run's held-out rows and of its model. */
#ifndef MIEN_TRAIN_CONFORMAL_H
#define MIEN_TRAIN_CONFORMAL_H

#include "mien/eval.h"
#include "train/dataset/dataset.h"

/** What holds for the rows that have one value of the column calibration.by. */
typedef struct mien_conformal_value {
    const char *name;   /* lent by trials */
    mien_conformal all; /* of all its rows: the model's; parts 0: too few have it, and
                           that of all values holds */
    int64_t rows;       /* with predictions and the target, of one seed */
    int64_t own;        /* of these, judged by rows of their own value */
    double covered, width;
} mien_conformal_value;

/** Conformal figures of one target of numbers. A row's interval is made of rows of
 * other parts alone: those that other folds held out, or, with a single fold, other
 * groups. */
typedef struct mien_conformal_scores {
    int parts;               /* 0: not asked for */
    mien_conformal *without; /* [1 + values, parts] what holds for the rows of each
                                part: those of all values, then of each; parts 0: too
                                few */
    mien_conformal all;      /* of all rows: the model's */
    double covered, covered_third[3]; /* shares of rows whose truth lies within */
    double width;                     /* mean */
    /* of calibration.by; 0, NULL: there is none */
    int64_t values;
    mien_conformal_value *value; /* [values] */
    int64_t *value_of;           /* [dataset rows] -1: the cell is missing */
    int64_t *rows_of, *first;    /* [dataset rows], [values + 1]: rows, those of a value
                                    together, and where each begins */
} mien_conformal_scores;

/** The parts of the rows: folds, or, with a single fold, up to ten of its groups. */
int mien_conformal_parts_of(const mien_dataset *dataset);
int mien_conformal_part_of(const mien_dataset *dataset, int parts, int64_t row);

/** predictions [seeds, dataset rows, width]. Does nothing unless the study asks for it.
 */
mien_status mien_conformal_scores_compute(mien_conformal_scores *scores,
    const mien_dataset *dataset, const mien_study *study,
    const mien_dataset_target *target, const double *predictions, int seeds);
/** Rows that a value must have for widths of its own: what order statistics need. */
int64_t mien_conformal_rows_needed(double level);
void mien_conformal_scores_clear(mien_conformal_scores *scores);
/** The interval of a row for a prediction of it. */
void mien_conformal_scores_bounds(const mien_conformal_scores *scores,
    const mien_dataset *dataset, int64_t row, double prediction, double *low,
    double *high);

#endif
