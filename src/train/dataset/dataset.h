/* SPDX-License-Identifier: MIT */
/* A dataset to learn from: rows with their targets, groups and folds. */
#ifndef MIEN_TRAIN_DATASET_H
#define MIEN_TRAIN_DATASET_H

#include "train/study/study.h"

/** One target over all rows. */
typedef struct mien_dataset_target {
    const mien_trials_target *from;
    mien_target target; /* as a contract has it, without its interval */
    double *value;      /* [rows] own scale, NaN: missing; NULL: it has classes */
    float *normal;      /* [rows] value on [-1, 1] */
    int *label;         /* [rows], -1: missing; NULL: it is a number */
    float *shares;      /* [rows, classes] of the votes; NULL: labels are learnt */
    int64_t output;     /* first of its outputs in the network's row */
    int64_t place;      /* first of its numbers in a predicted row */
} mien_dataset_target;

/** One input over all rows. */
typedef struct mien_dataset_input {
    mien_input input;        /* with its shape */
    bool small;              /* all items are in values; else a loader reads them */
    bool required;           /* every row must have it */
    bool missing;            /* some row lacks it */
    mien_item_places places; /* [rows] */
    int64_t width;           /* values of an item */
    int64_t items;           /* different ones */
    int64_t *item;           /* [rows] number of each row's; -1: missing */
    int64_t *first; /* [items] a row that has it; of inputs that are not small */
    float *values;  /* [items, width] as they are measured; NULL: not small */
} mien_dataset_input;

typedef struct mien_dataset {
    mien_trials *trials;
    bool masked;      /* rows may lack some of the targets */
    int64_t rows;     /* with all targets; masked: with any */
    int64_t left_out; /* rows of the table without */
    int64_t *row;     /* [rows] their numbers in the table */
    int targets;
    mien_dataset_target target[MIEN_TARGETS_MAX];
    int64_t outputs;         /* of the network */
    int64_t width;           /* numbers in a predicted row */
    const char **group_name; /* [rows], lent by trials; NULL: folds.by is none */
    int64_t *group;          /* [rows] numbers from 0; for intervals */
    int64_t groups;
    int *fold; /* [rows]; MIEN_FOLD_TRAIN, … below 0 */
    int folds;
    /* of crossed folds; see mien_folds_cells() */
    int8_t *cell;      /* [folds, rows]; NULL: folds are not crossed */
    int64_t *stimulus; /* [rows] numbers from 0; persons are the groups */
    int64_t stimuli;
    int stimulus_folds; /* folds is a multiple of it */
    /* of a study with one model for each value of a column (dataset_each.c) */
    int64_t *each; /* [rows] whose row it is; NULL: one model for all */
    int64_t eachs;
    const char **each_name; /* [eachs], lent by trials */
    int *each_first;        /* [eachs + 1] the first fold of each */
    bool each_models;       /* each also has a model on all of its rows */
    char hash[65];          /* of table and sidecar, and of features */
    const char **id;        /* [rows], lent by trials */
    int inputs;
    mien_dataset_input input[MIEN_INPUTS_MAX];
    bool missing;   /* some input of some row is */
    int64_t *order; /* [rows] by group, then by start_s; NULL: there is no such order */
    int64_t *first; /* [groups + 1] where each group begins in it */
    int64_t segments; /* rows of a window */
    int64_t *window;  /* [rows, segments] of the same group, oldest first, -1 beyond its
                         ends; NULL: each row alone */
} mien_dataset;

/** Reads trials, targets, groups and folds, and checks them: a target that has no loss,
 * a class without rows, a row without a picture, folds that cannot be. Clear also after
 * a failure. */
mien_status mien_dataset_open(mien_dataset *dataset, const mien_study *study);
void mien_dataset_clear(mien_dataset *dataset);
/** Opens the dataset of a study that is audited and then run, for both: the run's
 * mien_dataset_take() gets it, else mien_study_close() frees it. */
mien_status mien_dataset_keep(mien_study *study);
void mien_dataset_unkeep(mien_study *study);
/** What was kept, once; else as mien_dataset_open(). */
mien_status mien_dataset_take(mien_dataset *dataset, const mien_study *study);
/** Parts of mien_dataset_open(): inputs; order and windows. */
mien_status mien_dataset_inputs(mien_dataset *dataset, const mien_study *study);
void mien_dataset_inputs_clear(mien_dataset *dataset);
mien_status mien_dataset_order(mien_dataset *dataset, const mien_study *study);
void mien_dataset_order_clear(mien_dataset *dataset);
/** How long each row is, where all are as long; else 0. */
double mien_dataset_segment_s(const mien_dataset *dataset);
/** The study's network with the shapes, outputs and optional inputs that the rows ask
 * for. */
mien_status mien_dataset_architecture(const mien_dataset *dataset,
    const mien_study *study, mien_architecture *architecture);
/** The part of each row [rows] in a fold; fold dataset->folds is the model on all rows,
 * which tests none. */
mien_status mien_dataset_parts(
    const mien_dataset *dataset, const mien_study *study, int fold, mien_part *part);
/** Assigns the rows anew, by the study's rule with another seed, to fold [rows]; of
 * crossed folds without their cells. */
mien_status mien_dataset_assign(const mien_dataset *dataset, const mien_study *study,
    uint32_t seed, int *fold, int *folds);
/** Assigns crossed folds and says what each fit has seen. */
mien_status mien_dataset_cross(
    mien_dataset *dataset, const mien_study *study, mien_fold_options *options);
void mien_dataset_cross_clear(mien_dataset *dataset);
/** How much a fold's fit has seen of a row; without crossed folds a row is in the
 * core or, where the fold tests it, both unseen. */
mien_cell mien_dataset_cell(const mien_dataset *dataset, int fold, int64_t row);
/** The dataset's row at a place of a batch whose windows are laid behind each other;
 * -1: beyond the ends of its group. */
static inline int64_t mien_dataset_at(
    const mien_dataset *dataset, const int64_t *rows, int64_t at) {
    const mien_dataset *c = dataset;
    return c->window
               ? c->window[rows[at / c->segments] * c->segments + at % c->segments]
               : rows[at];
}
/** Assigns folds within each value of the column that the key each names. */
mien_status mien_dataset_each(
    mien_dataset *dataset, const mien_study *study, const mien_fold_options *options);
void mien_dataset_each_clear(mien_dataset *dataset);
/** The person whose fold it is; folds from dataset->folds on are the models of each
 * person on all rows. */
int64_t mien_dataset_each_of(const mien_dataset *dataset, int fold);
/** A word for file names that no other of them has. */
void mien_dataset_each_word(const mien_dataset *dataset, int64_t each, char word[32]);
/** The unit that intervals resample: groups, or the persons whose rows they are; and
 * how many units there are. */
int64_t mien_dataset_unit(const mien_dataset *dataset, int64_t row);
int64_t mien_dataset_units(const mien_dataset *dataset);
/** Whether a row has the target. */
bool mien_dataset_has(const mien_dataset_target *target, int64_t row);
/** Whether the model of the run is the one of its only fold: where the table or a draw
 * says what is held out. */
bool mien_dataset_single(const mien_dataset *dataset);
/** Classes by which a column is balanced: of a target's labels, of bins of its numbers,
 * or of a column's equal cells. label [rows]. */
mien_status mien_dataset_factor(const mien_dataset *dataset, const mien_study *study,
    const char *column, int *label, int *classes);

#endif
