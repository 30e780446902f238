/* SPDX-License-Identifier: MIT */
/* The training of one network on the training rows of one fold: steps, epochs, what a
 * checkpoint must keep so that it goes on with the same bits. */
#ifndef MIEN_TRAIN_NETWORK_FIT_H
#define MIEN_TRAIN_NETWORK_FIT_H

#include "models/parts/attention_maps.h"
#include "train/trainers/trainer.h"

typedef struct mien_network_fit mien_network_fit;

/** The part of a fit of the trainer gradient. */
mien_network_fit *mien_training_fit(mien_training *training);

/**
 * Builds the network, loads or draws its weights, makes plans for training and judging.
 *
 * @return MIEN_EFORMAT or MIEN_EINVAL, with the study's key, for patterns that match no
 *         parameter, nothing to train, an epoch smaller than a batch, a class without
 *         training rows, a sampler that does not fit
 */
mien_status mien_network_fit_new(
    const mien_training_setup *setup, mien_network_fit **fit);
/** Whether the fold's rows, sampler, batch and losses can be: all of
 * mien_network_fit_new() but the network. */
mien_status mien_network_fit_check(const mien_training_setup *setup);
void mien_network_fit_free(mien_network_fit **fit);

/** Everything that a checkpoint keeps; after mien_network_fit_run() came to its end
 * only what is needed of it then. The fit must outlive the state. */
mien_status mien_network_fit_state(mien_network_fit *fit, mien_checkpoint_state *state);
/** Resumes where a checkpoint stood. */
mien_status mien_network_fit_load(mien_network_fit *fit, mien_archive *archive);

/**
 * Goes on until all epochs are done or stopping says so, then takes the weights that
 * are kept (best epoch, averages) and predicts the tested rows.
 *
 * @return MIEN_EINTERRUPTED after a save; MIEN_ENUMBER, naming epoch, step and trials,
 * for a loss or gradient that is no number; nothing is saved then
 */
mien_status mien_network_fit_run(
    mien_network_fit *fit, const mien_network_fit_hooks *hooks);
bool mien_network_fit_done(const mien_network_fit *fit);

/** Rows of the dataset that the fold tests, and their predictions [count, width] once
 * it is done. */
int64_t mien_network_fit_tested(
    const mien_network_fit *fit, const int64_t **rows, const float **predictions);
/** The unsmoothed predictions of a study that smooths, and the candidate that was
 * chosen for each target; NULL in others. */
const float *mien_network_fit_unsmoothed(
    const mien_network_fit *fit, const double **chosen);
/** Rows that validate [count] and their predictions [count, width]; NULL, 0: none is
 * asked for. */
int64_t mien_network_fit_validated(
    const mien_network_fit *fit, const int64_t **rows, const float **predictions);
/** Predicts the tested rows of a finished fit over features again, with what a change
 * shows (NULL: as they are), smoothed as they were. predictions [count, width]. */
mien_status mien_network_fit_predict(
    mien_network_fit *fit, const mien_columns_change *change, float *predictions);
/** The encoders in the network of a finished fit over features, see
 * mien_attention_maps_find(). */
int mien_network_fit_encoders(const mien_network_fit *fit,
    mien_attention_stack stacks[MIEN_ATTENTION_STACKS_MAX]);
/** Their maps of its tested rows, each [count, shape]. */
mien_status mien_network_fit_attention(mien_network_fit *fit, float *const *maps);
/** Epochs done, and what each came to. */
int64_t mien_network_fit_epochs(const mien_network_fit *fit);
mien_network_fit_epoch mien_network_fit_epoch_at(
    const mien_network_fit *fit, int64_t epoch);
/** The epoch whose weights are kept; -1: the last's, or averages. */
int64_t mien_network_fit_best(const mien_network_fit *fit);
int64_t mien_network_fit_steps(const mien_network_fit *fit); /* of an epoch */
int64_t mien_network_fit_trained(
    const mien_network_fit *fit); /* values that are trained */
mien_parameters *mien_network_fit_parameters(mien_network_fit *fit);
/** Hands over how the rows of a study over features become inputs; the caller clears
 * them. */
void mien_network_fit_take_columns(mien_network_fit *fit, mien_columns *inputs);

/** Whether the study wants figures of training and tested rows at each epoch. */
bool mien_network_fit_watches(const mien_study *study);

#endif
