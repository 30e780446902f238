/* SPDX-License-Identifier: MIT */
/* What a training writes while it goes on: log.jsonl, and an event file for each fold.
 * Any of the threads that train may write. */
#ifndef MIEN_TRAIN_JOURNAL_H
#define MIEN_TRAIN_JOURNAL_H

#include "train/fit/tuning.h"

typedef struct mien_journal mien_journal;

/** Appends to the file; a torn last line of a run that was killed is cut off first. */
mien_status mien_journal_open(const char *path, mien_journal **journal);
/** Reports what could not be written. */
mien_status mien_journal_close(mien_journal **journal);
/** {"what": …}: "begun", "resumed". */
mien_status mien_journal_note(mien_journal *journal, const char *what);
mien_status mien_journal_step(mien_journal *journal, const mien_tuning_moment *moment);
/** events may be NULL. */
mien_status mien_journal_epoch(
    mien_journal *journal, const mien_tuning_moment *moment, mien_events *events);

#endif
