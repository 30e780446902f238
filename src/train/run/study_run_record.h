/* SPDX-License-Identifier: MIT */
/* run.json: what a run of a network was made of, and whether it still is. */
#ifndef MIEN_TRAIN_STUDY_RUN_RECORD_H
#define MIEN_TRAIN_STUDY_RUN_RECORD_H

#include "train/run/study_run_parts.h"

/** The contents of run.json, and the study it belongs to. */
typedef struct mien_record {
    char *path, *study_path;
    mien_value *map;
    mien_study *study;
} mien_record;

/** The weights that the backbone begins with: the file that was given, else as the
 * study says; NULL: the cache's. */
const char *mien_study_run_weights(const mien_study *study, const char *given);
/** One sum of the backbone's weights and of every file that train.load names, into
 * run->weights_hash. */
mien_status mien_study_run_hash_weights(mien_study_run *run);
/** Writes it into the run's folder. */
mien_status mien_record_write(mien_study_run *run);
/** MIEN_ENOTFOUND for a folder without a run of a network. Clear also after a failure.
 */
mien_status mien_record_open(mien_record *record, const char *run);
void mien_record_clear(mien_record *record);
/** Opens the run's dataset and takes over what the run began with;
 * run->options may say where the backbone's weights are now. MIEN_EVERIFY names
 * what has changed. */
mien_status mien_record_check(const mien_record *record, mien_study_run *run);

#endif
