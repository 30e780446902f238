/* SPDX-License-Identifier: MIT */
/* Shared by importers of recordings: options, rows, the sidecar. */
#ifndef MIEN_DATA_RECORDING_TRIALS_H
#define MIEN_DATA_RECORDING_TRIALS_H

#include "data/importers/importer.h"
#include "mien/recordings.h"

/* The options that choose the targets in somebody's table. */
#define MIEN_TRIAL_TARGET_OPTIONS                                                      \
    MIEN_IMPORTER_TARGETS("1,7"), MIEN_IMPORTER_CONSTRUCT("evoked"),                   \
        MIEN_IMPORTER_PERSPECTIVE("subjective")

enum { MIEN_TRIAL_FIXED = 7 };
/* trial, person, stimulus, event, recording, start_s, end_s. */
extern const char *const mien_trial_fixed[MIEN_TRIAL_FIXED];

/* A sidecar with the targets of `table` that the options name. */
mien_status mien_recording_sidecar(const char *name, const char *source,
    const mien_table *table, const mien_options *options, mien_value **sidecar);

#endif
