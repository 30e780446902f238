/* SPDX-License-Identifier: MIT */
/* A finished run of a network over features, reopened to predict again with the very
 * networks of its folds. */
#ifndef MIEN_TRAIN_REPLAY_H
#define MIEN_TRAIN_REPLAY_H

#include "train/fit/network_fit.h"
#include "train/scores/scores_crossed.h"

typedef struct mien_replay mien_replay;

/** Opens the run's study, rows and features. MIEN_ENOTFOUND for a folder without a run
 * of a network or one that is not finished; MIEN_EUNSUPPORTED for a network over
 * pictures; MIEN_EVERIFY names what has changed since. */
mien_status mien_replay_open(
    const char *run, const mien_train_options *options, mien_replay **replay);
void mien_replay_close(mien_replay **replay);
/* Lent until the replay is closed. */
const mien_study *mien_replay_study(const mien_replay *replay);
const mien_dataset *mien_replay_dataset(const mien_replay *replay);
int mien_replay_seeds(const mien_replay *replay);
/** Whether networks of the run take a mask. */
bool mien_replay_masks(const mien_replay *replay);
/** Whether networks of the run load an input's items as they go, so that parts of them
 * can be left out. */
bool mien_replay_loads(const mien_replay *replay, int input);
mien_thread_pool *mien_replay_pool(const mien_replay *replay);

/**
 * Predicts every tested row by the network of the fold that tests it, once for each
 * change.
 *
 * @param changes      [count]; the first changes nothing: it must give what the run has
 *                     written, else MIEN_EVERIFY
 * @param predictions  [count, seeds, dataset rows, width]; NaN in rows that no fold
 * tests
 * @param kept         [kept_count, seeds, folds] of the first changes: what each fit
 * answers to all rows that it tests, which of crossed folds are more; the caller clears
 * them; NULL: not wanted
 */
mien_status mien_replay_predict(mien_replay *replay, const mien_columns_change *changes,
    int count, double *predictions, int kept_count, mien_fit_answers *kept);

/** Maps of attention of every tested row, in the order of the dataset, by the first
 * seed's network of the fold that tests it: a data set for each encoder,
 * [rows, layers, heads, T, T], query by key. MIEN_EINVAL for networks without. */
mien_status mien_replay_attention(mien_replay *replay, const char *path);

#endif
