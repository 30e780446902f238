/* SPDX-License-Identifier: MIT */
/* Shared by the detectors of ECG and PPG. */
#ifndef MIEN_SIGNAL_BEATS_FIND_H
#define MIEN_SIGNAL_BEATS_FIND_H

#include "mien/physiology.h"

/* Beats closer than this to the one before are none. */
#define MIEN_BEAT_REFRACTORY_S 0.3

/* A run of samples above the threshold, [first, end): first is the sample before the
 * rise above, as end is the one before the fall. */
typedef struct mien_run {
    int64_t first, end;
} mien_run;
/* Runs as they are found, stretch after stretch. Start with zeros; free `runs`. */
typedef struct mien_runs {
    mien_run *runs;
    int64_t count, room, first;
    bool any, above; /* whether there was a sample, and whether the last was above */
} mien_runs;
/* Goes on with samples from .. from + n, where above[i] > threshold[i] · factor. */
mien_status mien_runs_go_on(mien_runs *runs, const double *above,
    const double *threshold, double factor, int64_t from, int64_t n);

/* Part of a series of n values: those from .. to. */
typedef struct mien_stretch {
    int64_t n, from, to;
    double *x; /* [to − from] */
} mien_stretch;
/* Means over `width` values around each of out's, of a stretch that reaches as far as
 * they do; beyond the series its ends are repeated (mien_box_mean()). sum has room for
 * out's values and `width`. */
void mien_stretch_means(
    const mien_stretch *x, int64_t width, double *sum, const mien_stretch *out);
/* The place that is nearest to i among 0 to n. */
static inline int64_t mien_within(int64_t i, int64_t n) {
    return i < 0 ? 0 : i < n ? i : n;
}
/* A stretch's length in which the detectors work, for means of `width` at most. */
static inline int64_t mien_stretch_length(int64_t width) {
    return width < 512 ? 4096 : 8 * width;
}

/* The most prominent maximum of x in each run of at least `shortest` samples, at least
 * the refractory time apart; the caller frees them. */
mien_status mien_beats_in_runs(const double *x, const mien_run *runs, int64_t count,
    double shortest, double rate_hz, int64_t **beats, int64_t *found);

#endif
