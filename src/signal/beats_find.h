/* SPDX-License-Identifier: MIT */
/* What the detectors of ECG and PPG share. */
#ifndef MIEN_SIGNAL_BEATS_FIND_H
#define MIEN_SIGNAL_BEATS_FIND_H

#include "mien/physiology.h"

/* Beats closer than this to the one before are none. */
#define MIEN_BEAT_REFRACTORY_S 0.3

/* What is above the threshold, as runs [first, end): first is the sample before the
 * rise above, as end is the one before the fall. */
typedef struct mien_run {
    int64_t first, end;
} mien_run;
/* Runs where above[i] > threshold[i] · factor; the caller frees them. */
mien_status mien_runs_above(const double *above, const double *threshold, double factor,
    int64_t n, mien_run **runs, int64_t *count);
/* The most prominent maximum of x in each run of at least `shortest` samples, at least
 * the refractory time apart; the caller frees them. */
mien_status mien_beats_in_runs(const double *x, const mien_run *runs, int64_t count,
    double shortest, double rate_hz, int64_t **beats, int64_t *found);

#endif
