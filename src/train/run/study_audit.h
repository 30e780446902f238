/* SPDX-License-Identifier: MIT */
/* The audit of a study's table by the study's own folds. */
#ifndef MIEN_TRAIN_STUDY_AUDIT_H
#define MIEN_TRAIN_STUDY_AUDIT_H

#include "train/study/study.h"

/** What mien_audit() finds where the study's folds put the rows; nothing (*count 0) of
 * a study that is not judged by folds.
 *
 * @param study     its dataset is opened, and kept for the run (mien_dataset_take())
 * @param findings  mien_free()
 * @return as mien_dataset_open() and mien_audit() */
mien_status mien_study_audit(mien_study *study, int threads,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_finding **findings, int64_t *count);

#endif
