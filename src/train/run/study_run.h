/* SPDX-License-Identifier: MIT */
/* A whole study of a network: all folds and the final model, into a run folder that can
 * be resumed at any moment. */
#ifndef MIEN_TRAIN_STUDY_RUN_H
#define MIEN_TRAIN_STUDY_RUN_H

#include "mien/train.h"

/** mien_train() for method: network. */
mien_status mien_study_run_begin(
    const mien_study *study, const char *run, const mien_train_options *options);
/** Refuses whatever mien_study_run() refuses before it makes a folder, but for the
 * weights of the backbone. */
mien_status mien_study_run_check(
    const mien_study *study, const mien_train_options *options, mien_tally *tally);

#endif
