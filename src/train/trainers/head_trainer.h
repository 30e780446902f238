/* SPDX-License-Identifier: MIT */
/* Shared by the rows of trainers.def whose learner fits the head of a frozen network
 * at once: each is this trainer with a learner of its own. */
#ifndef MIEN_TRAIN_HEAD_TRAINER_H
#define MIEN_TRAIN_HEAD_TRAINER_H

#include "train/trainers/trainer.h"

mien_status mien_head_check(const mien_training_setup *setup);
mien_status mien_head_open(const mien_training_setup *setup, void **own);
void mien_head_close(void **own);
mien_status mien_head_run(void *own, const mien_network_fit_hooks *hooks);
bool mien_head_done(const void *own);
mien_status mien_head_state(void *own, mien_checkpoint_state *state);
mien_status mien_head_load(void *own, mien_archive *archive);
mien_status mien_head_result(void *own, mien_training_result *result);
mien_network_fit_epoch mien_head_epoch_at(const void *own, int64_t epoch);
mien_status mien_head_predict(
    void *own, const mien_columns_change *change, double *predictions);
mien_status mien_head_take(void *own, mien_net *net, mien_columns *columns);

/** The members of a row that do not differ. */
#define MIEN_HEAD_TRAINER                                                              \
    .check = mien_head_check, .open = mien_head_open, .close = mien_head_close,        \
    .run = mien_head_run, .done = mien_head_done, .state = mien_head_state,            \
    .load = mien_head_load, .result = mien_head_result,                                \
    .epoch_at = mien_head_epoch_at, .predict = mien_head_predict,                      \
    .take = mien_head_take

#endif
