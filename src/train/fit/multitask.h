/* SPDX-License-Identifier: MIT */
/* One loss out of several targets: a weighted sum, or one whose weights are learnt. */
#ifndef MIEN_TRAIN_MULTITASK_H
#define MIEN_TRAIN_MULTITASK_H

#include "train/fit/trainables.h"
#include "train/losses/loss.h"
#include "train/run/checkpoint_state.h"

typedef struct mien_multitask mien_multitask;

typedef struct mien_task {
    const char *name;          /**< of the target, for messages */
    mien_objective *objective; /**< lent */
    double weight;             /**< ≥ 0; usually 1 */
} mien_task;

/** Combines losses. Fixed weights: Σ w_i L_i. Learned ones: Σ c_i w_i e^(−s_i) L_i +
 * s_i / 2 with c = 1 for losses of classes and 1/2 for those of values, and the s_i
 * (log variances, 0 at first) trained like weights; Kendall, Gal & Cipolla 2018.
 * names are copied. MIEN_EINVAL, MIEN_ENOMEM. */
mien_status mien_multitask_new(
    const mien_task *tasks, int64_t count, bool learned, mien_multitask **multitask);
void mien_multitask_free(mien_multitask **multitask);
int64_t mien_multitask_count(const mien_multitask *multitask);

/**
 * The sum over a batch for each task. A task all of whose rows have weight 0 takes no
 * part: neither in the sum nor in the gradient of its log variance.
 *
 * @param batches   [count]
 * @param total     the sum
 * @param results   [count] each task's own loss; may be NULL
 * @param gradients [count] pointers to [rows, width], of the sum; entries, or the
 * whole, may be NULL
 * @return as mien_objective_compute(), the text naming the task; gradients may be
 * partly written then. MIEN_ENUMBER also if the sum is no finite number.
 */
mien_status mien_multitask_compute(mien_multitask *multitask,
    const mien_loss_batch *batches, double *total, mien_loss_result *results,
    float *const *gradients);
/** The task and row at fault in the last call that failed; −1: none in particular. */
void mien_multitask_bad_row(
    const mien_multitask *multitask, int64_t *task, int64_t *row);

/** The log variances [count] as an array to train ("log_variances", no decay), whose
 * gradient mien_multitask_compute() fills. False if they are not learned. */
bool mien_multitask_trainable(mien_multitask *multitask, mien_trainable *trainable);
/** Adds PREFIX.log_variances to what a checkpoint keeps, if they are learned. */
mien_status mien_multitask_state(
    mien_multitask *multitask, const char *prefix, mien_checkpoint_state *state);

#endif
