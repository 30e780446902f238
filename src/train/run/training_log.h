/* SPDX-License-Identifier: MIT */
/* The files that a training writes while it goes on: log.jsonl, and an event file
 * for each fold. Any of the threads that train may write. */
#ifndef MIEN_TRAIN_TRAINING_LOG_H
#define MIEN_TRAIN_TRAINING_LOG_H

#include "base/ranks.h"
#include "train/fit/network_fit.h"

typedef struct mien_training_log mien_training_log;

/** Appends to the file; a torn last line of a run that was killed is cut off first. */
mien_status mien_training_log_open(
    const char *path, mien_training_log **log_of_training);
/** Of a rank other than 0: lines go to rank 0, which is lent. */
mien_status mien_training_log_open_far(
    mien_ranks *ranks, mien_training_log **log_of_training);
/** Sends what has not been sent, before a job of a rank is done. */
mien_status mien_training_log_flush(mien_training_log *log_of_training);
/** Adds lines of another rank. */
mien_status mien_training_log_lines(
    mien_training_log *log_of_training, const char *lines, size_t count);
/** Reports what could not be written. */
mien_status mien_training_log_close(mien_training_log **log_of_training);
/** {"what": …}: "begun", "resumed". */
mien_status mien_training_log_note(
    mien_training_log *log_of_training, const char *what);
mien_status mien_training_log_step(
    mien_training_log *log_of_training, const mien_network_fit_moment *moment);
/** events may be NULL. */
mien_status mien_training_log_epoch(mien_training_log *log_of_training,
    const mien_network_fit_moment *moment, mien_events *events);

#endif
