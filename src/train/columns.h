/* SPDX-License-Identifier: MIT */
/* From rows of features to what a network over features is given: standardised, in
 * windows, with a mask. */
#ifndef MIEN_TRAIN_COLUMNS_H
#define MIEN_TRAIN_COLUMNS_H

#include "train/corpus.h"

/** What is shown in place of what was measured, to see what a network makes of it. */
typedef struct mien_columns_change {
    uint32_t hidden; /* bit m: input m is not shown */
    bool masked;     /* what is hidden is missing; else its mean in training stands for
                        it */
    uint32_t moved;  /* bit m: rows show input m of another row */
    const int64_t *from; /* [inputs, rows] which; read where moved */
} mien_columns_change;

typedef struct mien_columns {
    const mien_corpus *corpus;                             /* lent */
    float *mean[MIEN_INPUTS_MAX], *scale[MIEN_INPUTS_MAX]; /* [width]; NULL: as it is */
    float *stand_in[MIEN_INPUTS_MAX];  /* [width] means where nothing is standardised;
                                          NULL:  zeros */
    const mien_columns_change *change; /* NULL: rows are shown as they are; lent */
    double dropout; /* chance that an input of a row is left out in training */
    uint64_t seed;
} mien_columns;

/** Means and 1 / SD of each column over `count` rows of the corpus in which the input
 * is there (SD 1 where it does not vary), if the study standardises. MIEN_EFORMAT names
 * an input that all of these rows lack. Clear also after a failure. */
mien_status mien_columns_init(mien_columns *columns, const mien_corpus *corpus,
    const mien_study *study, const int64_t *rows, int64_t count);
void mien_columns_clear(mien_columns *columns);
/** Measures what stands for an input that a change hides without a mask, over the same
 * rows. */
mien_status mien_columns_stand_in(
    mien_columns *columns, const int64_t *rows, int64_t count);
/** The same failure, told without measuring anything. */
mien_status mien_columns_check(const mien_corpus *corpus, const mien_study *study,
    const int64_t *rows, int64_t count);
/**
 * Fills a batch.
 *
 * @param epoch   from 0: what modality dropout draws is a function of seed, epoch, row
 *                and input, of nothing else; -1: nothing is left out
 * @param values  [inputs], each [n, segments, width]; zeros where missing
 * @param mask    [n, segments, inputs], 1 there, 0 missing; NULL: not wanted
 *
 * Allocates nothing.
 */
void mien_columns_fill(const mien_columns *columns, const int64_t *rows, int64_t n,
    int64_t epoch, float *const *values, float *mask);

#endif
