/* SPDX-License-Identifier: MIT */
/* From tables of items to what a network is given: standardised, in windows, with a
 * mask.
 *
 * A table holds items that are computed or read already: features of a study's columns,
 * or what a frozen branch gives for each different picture. What a loader reads batch
 * by batch has no table; of it only the mask is made here. */
#ifndef MIEN_TRAIN_COLUMNS_H
#define MIEN_TRAIN_COLUMNS_H

#include "train/dataset/dataset.h"

/** Items of one input, once each; values NULL: a loader reads them. All lent. */
typedef struct mien_item_table {
    int64_t width;
    const float *values; /* [items, width] */
    bool computed;       /* by a frozen branch: they are not standardised */
} mien_item_table;

enum { MIEN_COLUMN_PARTS_MAX = 8 };
/** Where a batch of one input goes: the node of the input, or the several nodes at
 * which a frozen branch ends, which divide the width of its items. */
typedef struct mien_column_parts {
    int count;
    float *to[MIEN_COLUMN_PARTS_MAX];     /* [n, segments, width of the part] */
    int64_t width[MIEN_COLUMN_PARTS_MAX]; /* they sum up to the table's */
} mien_column_parts;

/** The change in what is shown to a network, to see what it makes of it. */
typedef struct mien_columns_change {
    uint32_t hidden; /* bit m: input m is not shown */
    bool masked;     /* what is hidden is missing; else its mean in training stands for
                        it */
    uint32_t moved;  /* bit m: rows show input m of another row */
    const int64_t *from; /* [inputs, rows] which; read where moved */
    int part_of;         /* the input of which a part alone is not shown, as missing */
    uint32_t part_rows;  /* the rows of its first dimension; 0: none */
} mien_columns_change;
/** The rows of input m's first dimension that a change does not show. */
static inline uint32_t mien_columns_change_rows(
    const mien_columns_change *change, int m) {
    return change && change->part_of == m ? change->part_rows : 0;
}

typedef struct mien_columns {
    const mien_dataset *dataset; /* lent */
    mien_item_table table[MIEN_INPUTS_MAX];
    mien_standard standard[MIEN_INPUTS_MAX]; /* width 0: taken as it is */
    float *stand_in[MIEN_INPUTS_MAX];        /* [width] means where nothing is
                                                standardised; NULL:  zeros */
    const mien_columns_change *change; /* NULL: rows are shown as they are; lent */
    double dropout;      /* chance that an input of a row is left out in training */
    double part_dropout; /* chance that a part (a sensor) of a row's item is left out */
    int parts[MIEN_INPUTS_MAX]; /* that may be left out; 0: none */
    mien_input_part part[MIEN_INPUTS_MAX][MIEN_INPUT_PARTS_MAX];
    uint64_t seed;
} mien_columns;

/** Measures mean and 1 / SD of inputs that the study standardises, over `count` rows of
 * the dataset in which they are there. MIEN_EFORMAT names an input that all of these
 * rows lack. tables [inputs]. Clear also after a failure. */
mien_status mien_columns_init(mien_columns *columns, const mien_dataset *dataset,
    const mien_study *study, const mien_item_table *tables, const int64_t *rows,
    int64_t count);
void mien_columns_clear(mien_columns *columns);
/** Measures what stands for an input that a change hides without a mask, over the same
 * rows. */
mien_status mien_columns_stand_in(
    mien_columns *columns, const int64_t *rows, int64_t count);
/** The same failure, told without measuring anything. */
mien_status mien_columns_check(const mien_dataset *dataset, const mien_study *study,
    const int64_t *rows, int64_t count);
/** Whether a change or the modality dropout of an epoch hides input m of a row: for
 * inputs that a loader reads. */
bool mien_columns_hides(const mien_columns *columns, int m, int64_t row, int64_t epoch);
/** Draws which of the first dimension's rows of a loaded item the sensor dropout of
 * an epoch hides, a bit each; one part always stays. */
uint32_t mien_columns_hidden_parts(
    const mien_columns *columns, int m, int64_t row, int64_t epoch);
/**
 * Fills a batch.
 *
 * @param epoch   from 0: what modality dropout draws is a function of seed, epoch, row
 *                and input, of nothing else; -1: nothing is left out
 * @param parts   [inputs], each [n, segments, width]; zeros where missing; inputs
 * without a table are left alone
 * @param mask    [n, segments, inputs], 1 there, 0 missing; NULL: not wanted
 *
 * Allocates nothing.
 */
void mien_columns_fill(const mien_columns *columns, const int64_t *rows, int64_t n,
    int64_t epoch, const mien_column_parts *parts, float *mask);

#endif
