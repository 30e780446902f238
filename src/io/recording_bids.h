/* SPDX-License-Identifier: MIT */
/* A run of a BIDS data set as its reader keeps it. */
#ifndef MIEN_IO_RECORDING_BIDS_H
#define MIEN_IO_RECORDING_BIDS_H

#include "io/bids_sidecars.h"
#include "io/recording.h"

/* One _physio.tsv.gz. */
typedef struct mien_bids_file {
    char *path;
    int columns;
    char (*name)[64]; /* [columns] */
    bool eyetrack;
    double start_s, rate_hz;
    double stamp_s;        /* seconds of a unit of the column timestamp; 0: not known */
    double first;          /* the first stamp */
    int time, x, y, pupil; /* columns; −1 */
    double far;            /* positions beyond this are missing */
} mien_bids_file;

typedef struct mien_bids {
    int count;
    mien_bids_file *file;
} mien_bids;

/* Cells of a row as numbers [columns]; MIEN_EFORMAT with file, row and column. */
mien_status mien_bids_row(
    const mien_lines *lines, const mien_bids_file *f, char *line, double *values);
/* The events of a file's _physioevents.tsv.gz, if there is one, and of the run's
 * _events.tsv. */
mien_status mien_bids_device_events(
    mien_recording *r, const mien_bids_file *f, const char *track);
mien_status mien_bids_task_events(mien_recording *r, const char *prefix);

#endif
