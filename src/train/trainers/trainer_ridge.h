/* SPDX-License-Identifier: MIT */
/* Calls for fits of the trainer ridge alone: a read-out's model file. */
#ifndef MIEN_TRAIN_TRAINER_RIDGE_H
#define MIEN_TRAIN_TRAINER_RIDGE_H

#include "train/trainers/trainer.h"

struct mien_golden_shared;

/** Writes the model of a fit that is done, with golden vectors. interval[t]: residual
 * quantiles of target t. document is lent to the contract. shared: see
 * golden.h. */
mien_status mien_ridge_save(mien_training *training, const double (*interval)[2],
    const mien_after *after, const mien_value *document,
    const mien_train_options *options, const char *path,
    struct mien_golden_shared *shared);

#endif
