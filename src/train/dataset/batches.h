/* SPDX-License-Identifier: MIT */
/* Rows of a pass, batch by batch, with the items that have to be read on the way: those
 * of inputs that have no table (see columns.h). */
#ifndef MIEN_TRAIN_BATCHES_H
#define MIEN_TRAIN_BATCHES_H

#include "train/dataset/columns.h"
#include "train/dataset/spill.h"

/** The outputs of the frozen part of each branch for each different item, computed
 * once. */
typedef struct mien_features {
    mien_item_table table[MIEN_INPUTS_MAX]; /* values NULL: the input is not computed */
    mien_spill *store[MIEN_INPUTS_MAX];
} mien_features;

/** The tables of a dataset's inputs: computed features, else what it holds in memory,
 * else none. features NULL: none are computed. tables [inputs]. */
void mien_item_tables(const mien_dataset *dataset, const mien_features *features,
    mien_item_table *tables);

/** The augmentation of an input in training: pictures and faces have one, and an
 * input that follows one; NULL: none. */
const mien_augment *mien_batches_augment(
    const mien_study *study, const mien_input *input);

typedef struct mien_batches mien_batches;

typedef struct mien_batches_pass {
    const int64_t *rows; /* of the dataset; copied */
    int64_t count;
    int64_t epoch;
    int64_t first; /* batch to begin with */
    bool augment;
    const mien_columns_change
        *change; /* rows show items of others; NULL: their own; lent */
} mien_batches_pass;

typedef struct mien_fit_batch {
    int64_t n;
    const int64_t *rows; /* [n] of the dataset */
    /* [n, segments, item]: of a window what is beyond the ends of its group shows the
     * row's own; NULL: the input has a table */
    const float *values[MIEN_INPUTS_MAX];
    const float *seen[MIEN_INPUTS_MAX]; /* [n, segments, steps]; NULL as values */
    bool mixed; /* rows were mixed: mix tables and targets alike */
    const int64_t *partner;
    const double *weight;
} mien_fit_batch;

/** Items of inputs without a table are loaded by `threads` threads. All is lent. */
mien_status mien_batches_open(const mien_dataset *dataset, const mien_study *study,
    const mien_item_table *tables, int threads, mien_batches **feed);
/** Opens one input alone, without augmentation or windows: to compute its features. */
mien_status mien_batches_open_input(const mien_dataset *dataset,
    const mien_study *study, int input, int threads, mien_batches **feed);
/** Leaves the text of the last failure as it is, whatever its thread was doing. */
void mien_batches_close(mien_batches **feed);
mien_status mien_batches_start(mien_batches *feed, const mien_batches_pass *pass);
/** Lent until the next call. MIEN_END after the last; MIEN_EFORMAT names the trial
 * whose item cannot be read. */
mien_status mien_batches_next(mien_batches *feed, mien_fit_batch *batch);
/** The share of the pass's time in which batches were waited for. */
double mien_batches_idle(mien_batches *feed);

#endif
