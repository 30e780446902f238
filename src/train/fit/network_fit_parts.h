/* SPDX-License-Identifier: MIT */
/* The inside of a network's fit; only the files network_fit*.c look into it. */
#ifndef MIEN_TRAIN_NETWORK_FIT_PARTS_H
#define MIEN_TRAIN_NETWORK_FIT_PARTS_H

#include "train/optimisers/average.h"
#include "train/fit/multitask.h"
#include "train/network.h"
#include "train/optimisers/sam.h"
#include "train/fit/stopping.h"
#include "train/fit/network_fit.h"

/* Where it stands: numbers that a checkpoint keeps as they are. */
enum {
    MIEN_AT_EPOCH, /* epochs done */
    MIEN_AT_STEP,  /* steps done of the next */
    MIEN_AT_STOPPED,
    MIEN_AT_DONE,
    MIEN_AT_LOSS, /* of this epoch: sum over rows */
    MIEN_AT_ROWS,
    MIEN_AT_NORM, /* sum over steps */
    MIEN_AT_RATE,
    MIEN_AT_KEPT,     /* epoch whose weights are kept; -1 */
    MIEN_AT_AVERAGED, /* this epoch is in the average already */
    MIEN_AT_RIGHT,    /* of this epoch: sum over steps of the share of right classes */
    MIEN_AT_COUNT
};

/* Plans that share the parameters: of a whole batch, of the last one, for judging. */
enum { MIEN_PLAN_BATCH, MIEN_PLAN_REST, MIEN_PLAN_JUDGE, MIEN_PLANS };

/* Rows of the network's outputs with what they should be. */
typedef struct mien_network_fit_rows {
    int64_t room;
    float *prediction[MIEN_TARGETS_MAX], *gradient[MIEN_TARGETS_MAX];
    float *values[MIEN_TARGETS_MAX];
    int32_t *classes[MIEN_TARGETS_MAX];
    float *weight[MIEN_TARGETS_MAX]; /* 0 where the target is missing */
} mien_network_fit_rows;

struct mien_network_fit {
    mien_training_setup setup;
    mien_net net;
    mien_columns inputs;
    mien_plan *plan[MIEN_PLANS];
    bool stale[MIEN_PLANS]; /* its packed weights are those of an earlier step */
    int64_t batch, steps, rest, epochs;
    int64_t *train, *validation, *test;
    int64_t train_count, validation_count, test_count;
    int *label[MIEN_SAMPLER_FACTORS]; /* [train_count] */
    mien_sampling *sampling;
    int64_t *order; /* [rows of an epoch] of the dataset */
    int64_t order_count;
    mien_objective *objective[MIEN_TARGETS_MAX];
    mien_multitask *multitask;
    int64_t learned;       /* rows of trainables that are parameters */
    int64_t *parameter_of; /* [learned] */
    mien_trainables *trainables;
    mien_optimiser *optimiser;
    mien_scheduler *scheduler;
    mien_average *average;
    mien_trainables *statistics; /* running ones; they are only averaged */
    mien_average *average_statistics;
    mien_sam *sam;
    mien_stopping stopping;
    bool keeps;      /* the best epoch's weights */
    bool watches[2]; /* training rows, tested rows: told at each epoch */
    float **best;    /* [parameters]; NULL where they cannot change */
    double at[MIEN_AT_COUNT];
    double *history;    /* [epochs, columns] */
    float *predictions; /* [test_count, width] */
    float *unsmoothed;  /* the same before smoothing; NULL: nothing is smoothed */
    float
        *validated; /* [validation_count, width]; NULL: nothing is calibrated on them */
    double smooth[MIEN_TARGETS_MAX]; /* of each target the candidate that was chosen */
    mien_network_fit_rows batch_rows, judged_rows;
    float *outputs; /* [the largest of what is judged at once, outputs] */
};

/* Whether training may change a parameter: weights that are not frozen, and running
 * statistics. */
bool mien_network_fit_changes(const mien_network_fit *fit, int64_t parameter);

/* Puts a batch where a plan reads it; epoch as in mien_columns_fill(). */
mien_status mien_network_fit_put(
    mien_network_fit *t, mien_plan *plan, const mien_fit_batch *batch, int64_t epoch);

/* Whether rows are judged by a network in training mode: dropout draws, batches have
 * their own statistics and move the running ones. */
bool mien_network_fit_judges_training(const mien_network_fit *fit);

/* The averages of weights and of running statistics together. */
mien_status mien_network_fit_average_add(mien_network_fit *fit);
mien_status mien_network_fit_average_swap(mien_network_fit *fit);

#endif
