/* SPDX-License-Identifier: MIT */
/* The state of explaining a run; for the files explain*.c. */
#ifndef MIEN_TRAIN_EXPLAIN_H
#define MIEN_TRAIN_EXPLAIN_H

#include "mien/train.h"
#include "train/run/replay.h"

/* r, CCC, MSE of numbers; log loss and balanced accuracy of classes. */
enum { MIEN_EXPLAIN_METRICS = 3, MIEN_EXPLAIN_CLASS_METRICS = 2 };

/** The change that is made to an input; the second half of a study's name for it. */
typedef enum mien_way {
    MIEN_WAY_LEFT_OUT,
    MIEN_WAY_ALONE,
    MIEN_WAY_PERMUTED,
    MIEN_WAY_RETRAINED, /* without it */
    MIEN_WAYS
} mien_way;

typedef struct mien_way_scores {
    mien_interval value[MIEN_EXPLAIN_METRICS];
    mien_interval loss[MIEN_EXPLAIN_METRICS]; /* how much worse than with everything */
} mien_way_scores;

/** What is left out: an input, or a part of its items (a sensor of a series). */
typedef struct mien_left_out {
    int input;
    uint32_t rows;  /* of the part; 0: all of the input */
    char name[160]; /* "series", "series/pupil" */
} mien_left_out;
enum {
    MIEN_EXPLAIN_PARTS_MAX = 32,
    MIEN_LEFT_OUT_MAX = MIEN_INPUTS_MAX + MIEN_EXPLAIN_PARTS_MAX,
    MIEN_CELL_FIGURES = 2 /* r or balanced accuracy, pooled and within persons */
};

/** Of a target in one cell of crossed folds. */
typedef struct mien_cell_losses {
    int64_t rows;
    mien_interval whole[MIEN_CELL_FIGURES];
    mien_interval loss[MIEN_LEFT_OUT_MAX][MIEN_CELL_FIGURES];
} mien_cell_losses;

typedef struct mien_explanation {
    const char *run;
    mien_explain_options options;
    mien_replay *replay;
    const mien_dataset *dataset; /* lent by the replay, as the study */
    const mien_study *study;
    int inputs, seeds, repeats;
    int64_t values; /* numbers of one prediction of all rows */
    int64_t rows;   /* that a fold tested */
    int64_t *row;   /* [rows] of the dataset */
    mien_left_out left[MIEN_LEFT_OUT_MAX];
    int lefts; /* the inputs, then parts of them */
    mien_columns_change *change;
    int changes;           /* none, all that is left out, each alone, permutations */
    mien_fit_answers *fit; /* [1 + lefts, seeds, folds]; NULL: folds are not crossed */
    int64_t *from;         /* [repeats, inputs, dataset rows] */
    double *predictions;   /* [changes, seeds, values] */
    double *retrained;     /* [inputs, seeds, values]; NULL: not wanted */
    mien_interval whole[MIEN_TARGETS_MAX][MIEN_EXPLAIN_METRICS];
    mien_way_scores score[MIEN_TARGETS_MAX][MIEN_INPUTS_MAX][MIEN_WAYS];
    mien_way_scores part[MIEN_TARGETS_MAX][MIEN_EXPLAIN_PARTS_MAX];
    mien_cell_losses cell[MIEN_TARGETS_MAX][MIEN_CELLS];
} mien_explanation;

/** Lists the changes; hiding and permutation are settled. */
mien_status mien_explanation_changes(mien_explanation *explanation);
/** Trains without each input, or takes up what is there. */
mien_status mien_explanation_retrain(mien_explanation *explanation);
mien_status mien_explanation_score(mien_explanation *explanation);
/** What each thing that is left out costs in each cell of crossed folds; nothing of
 * others. */
mien_status mien_explanation_cells(mien_explanation *explanation);
/** Adds "cells" to a target of the document. */
void mien_explanation_put_cells(const mien_explanation *explanation, int target,
    mien_value *map, mien_status *status);
/** Whether there are figures of a way. */
bool mien_explanation_has(const mien_explanation *explanation, mien_way way);
/** Predictions by one way: how many there are, and the first of them, `values` apart.
 */
const double *mien_explanation_of(
    const mien_explanation *explanation, mien_way way, int input, int *count);
mien_status mien_explanation_document(
    const mien_explanation *explanation, mien_value **document);
mien_status mien_explanation_write_rows(
    const mien_explanation *explanation, const char *path);
/** A figure of a target, of numbers or of classes. */
typedef struct mien_explanation_figure {
    const char *name, *title;
    bool higher_is_better;
    const mien_metric *numbers; /* NULL: of classes */
    const mien_class_metric *classes;
} mien_explanation_figure;
/** How many a target has. */
int mien_explanation_figures(const mien_explanation *explanation, int target);
mien_explanation_figure mien_explanation_figure_at(
    const mien_explanation *explanation, int target, int index);

#endif
