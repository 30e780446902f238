/* SPDX-License-Identifier: MIT */
/* The rows that the head of a study's network reads: the network in front of it is
 * frozen, so that they can be made once for a fold and fitted on. */
#ifndef MIEN_TRAIN_HEAD_ROWS_H
#define MIEN_TRAIN_HEAD_ROWS_H

#include "train/trainers/trainer.h"

typedef struct mien_head_rows {
    const mien_training_setup *setup; /* lent */
    mien_net net; /* the whole network, or what of it is behind computed branches */
    mien_columns columns;
    mien_plan *plan;
    int64_t width; /* F of a row */
    double *mean;  /* [F] of what branches compute, in training; NULL: columns are
                      taken as they come */
    double *scale; /* [F] 1 / SD; 0: a column that does not vary */
} mien_head_rows;

/** Builds the network and measures inputs on `count` rows that a fold trains on. Clear
 * also after a failure. */
mien_status mien_head_rows_open(mien_head_rows *rows, const mien_training_setup *setup,
    const int64_t *training, int64_t count);
void mien_head_rows_clear(mien_head_rows *rows);
/** Fills x [n, F] with what the head reads of n rows of the dataset, as a change shows
 * them (NULL: as they are). MIEN_ENUMBER names a row whose values are not finite. */
mien_status mien_head_rows_fill(mien_head_rows *rows, const int64_t *of, int64_t n,
    const mien_columns_change *change, float *x);
/** How many parts a row has side by side, each of one input, and their widths. */
int mien_head_rows_blocks(const mien_head_rows *rows, int64_t *block);

#endif
