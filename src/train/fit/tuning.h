/* SPDX-License-Identifier: MIT */
/* The training of one network on the training rows of one fold: steps, epochs, what a
 * checkpoint must keep so that it goes on with the same bits. */
#ifndef MIEN_TRAIN_TUNING_H
#define MIEN_TRAIN_TUNING_H

#include "models/parts/maps.h"
#include "train/trainers/trainer.h"

typedef struct mien_tuning mien_tuning;

/** The part of a fit of the trainer gradient. */
mien_tuning *mien_training_tuning(mien_training *training);

/**
 * Builds the network, loads or draws its weights, makes plans for training and judging.
 *
 * @return MIEN_EFORMAT or MIEN_EINVAL, with the study's key, for patterns that match no
 *         parameter, nothing to train, an epoch smaller than a batch, a class without
 *         training rows, a sampler that does not fit
 */
mien_status mien_tuning_new(const mien_training_setup *setup, mien_tuning **tuning);
/** Whether the fold's rows, sampler, batch and losses can be: all of mien_tuning_new()
 * but the network. */
mien_status mien_tuning_check(const mien_training_setup *setup);
void mien_tuning_free(mien_tuning **tuning);

/** Everything that a checkpoint keeps; after mien_tuning_run() came to its end only
 * what is needed of it then. The tuning must outlive the state. */
mien_status mien_tuning_state(mien_tuning *tuning, mien_state *state);
/** Takes up where a checkpoint stood. */
mien_status mien_tuning_load(mien_tuning *tuning, mien_archive *archive);

/**
 * Goes on until all epochs are done or stopping says so, then takes the weights that
 * are kept (best epoch, averages) and predicts the tested rows.
 *
 * @return MIEN_EINTERRUPTED after a save; MIEN_ENUMBER, naming epoch, step and trials,
 * for a loss or gradient that is no number; nothing is saved then
 */
mien_status mien_tuning_run(mien_tuning *tuning, const mien_tuning_hooks *hooks);
bool mien_tuning_done(const mien_tuning *tuning);

/** Rows of the corpus that the fold tests, and their predictions [count, width] once it
 * is done. */
int64_t mien_tuning_tested(
    const mien_tuning *tuning, const int64_t **rows, const float **predictions);
/** Of a study that smooths: predictions as they were, and the candidate that was chosen
 * for each target; NULL in others. */
const float *mien_tuning_unsmoothed(const mien_tuning *tuning, const double **chosen);
/** Rows that validate [count] and their predictions [count, width]; NULL, 0: none is
 * asked for. */
int64_t mien_tuning_validated(
    const mien_tuning *tuning, const int64_t **rows, const float **predictions);
/** Of a study on features, when it is done: predicts its tested rows again, with what a
 * change shows (NULL: as they are), smoothed as they were. predictions [count, width].
 */
mien_status mien_tuning_predict(
    mien_tuning *tuning, const mien_columns_change *change, float *predictions);
/** Of a study on features, when it is done: encoders of its network, see
 * mien_maps_find(). */
int mien_tuning_encoders(
    const mien_tuning *tuning, mien_attention_stack stacks[MIEN_ATTENTION_STACKS_MAX]);
/** Their maps of its tested rows, each [count, shape]. */
mien_status mien_tuning_attention(mien_tuning *tuning, float *const *maps);
/** Epochs done, and what each came to. */
int64_t mien_tuning_epochs(const mien_tuning *tuning);
mien_tuning_epoch mien_tuning_epoch_at(const mien_tuning *tuning, int64_t epoch);
/** Which epoch's weights are kept; -1: the last's, or averages. */
int64_t mien_tuning_best(const mien_tuning *tuning);
int64_t mien_tuning_steps(const mien_tuning *tuning);   /* of an epoch */
int64_t mien_tuning_trained(const mien_tuning *tuning); /* values that are trained */
mien_parameters *mien_tuning_parameters(mien_tuning *tuning);
/** Of a study on features: hands over how its rows become inputs; the caller clears
 * them. */
void mien_tuning_take_columns(mien_tuning *tuning, mien_columns *inputs);

/** Whether the study wants figures of training and tested rows at each epoch. */
bool mien_tuning_watches(const mien_study *study);

#endif
