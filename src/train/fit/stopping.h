/* SPDX-License-Identifier: MIT */
/* When to stop early, and which epoch was best. The caller keeps and restores weights.
 */
#ifndef MIEN_TRAIN_STOPPING_H
#define MIEN_TRAIN_STOPPING_H

#include "train/run/checkpoint_state.h"

typedef struct mien_stopping_options {
    int64_t patience; /**< stops at this many epochs in a row without a better metric
                         (at the first for 0 too), as Keras does; −1: never stops, and
                         only remembers the best */
    double min_delta; /**< how much better it must be, ≥ 0 */
    bool higher;      /**< higher is better */
} mien_stopping_options;

/** Plain; start with mien_stopping_init(). */
typedef struct mien_stopping {
    mien_stopping_options options;
    double memory[4]; /**< best, its epoch, epochs since then, epochs told */
} mien_stopping;

typedef struct mien_verdict {
    bool best; /**< this epoch is the best so far: keep its weights */
    bool stop; /**< patience has run out: restore the best */
} mien_verdict;

/** MIEN_EINVAL for options out of range. */
mien_status mien_stopping_init(
    mien_stopping *stopping, const mien_stopping_options *options);
/** The metric of the next epoch. MIEN_ENUMBER if it is no number; nothing changed. */
mien_status mien_stopping_tell(
    mien_stopping *stopping, double metric, mien_verdict *verdict);
int64_t mien_stopping_best_epoch(
    const mien_stopping *stopping); /**< from 0; −1: none */
double mien_stopping_best(const mien_stopping *stopping);
/** Whether what was resumed from a checkpoint can be: MIEN_EFORMAT. */
mien_status mien_stopping_check(const mien_stopping *stopping);
/** Adds PREFIX.memory to what a checkpoint keeps. */
mien_status mien_stopping_state(
    mien_stopping *stopping, const char *prefix, mien_checkpoint_state *state);

#endif
