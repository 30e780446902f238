/* SPDX-License-Identifier: MIT */
/* Beats as the most prominent maxima of the runs in which some measure is high. */
#include "signal/beats_find.h"

#include <math.h>

mien_status mien_runs_above(const double *above, const double *threshold, double factor,
    int64_t n, mien_run **runs, int64_t *count) {
    mien_run *made = NULL;
    int64_t found = 0, first = -1, room = 0;
    for (int64_t i = 1; i < n; i++) {
        if (found == room) {
            int64_t larger = room ? 2 * room : 256;
            mien_run *more =
                mien_realloc(made, (size_t)room, (size_t)larger, sizeof *more);
            if (!more) {
                mien_free(made);
                return MIEN_ENOMEM;
            }
            made = more;
            room = larger;
        }
        bool before = above[i - 1] > factor * threshold[i - 1];
        bool now = above[i] > factor * threshold[i];
        if (now && !before) {
            first = i - 1;
        } else if (before && !now && first >= 0) {
            made[found++] = (mien_run){first, i - 1};
            first = -1;
        }
    }
    *runs = made;
    *count = found;
    return MIEN_OK;
}

/* The most prominent of the maxima inside; −1 if there is none. Room for the length of
 * the run: maxima, then prominences. */
static mien_status best_in(
    const double *x, int64_t n, int64_t *maxima, double *prominence, int64_t *best) {
    int64_t count = mien_peaks_find(x, n, maxima);
    mien_status status = mien_peaks_prominence(x, n, maxima, count, prominence);
    *best = -1;
    for (int64_t k = 0, top = 0; status == MIEN_OK && k < count; k++) {
        top = prominence[k] > prominence[top] ? k : top;
        *best = maxima[top];
    }
    return status;
}

mien_status mien_beats_in_runs(const double *x, const mien_run *runs, int64_t count,
    double shortest, double rate_hz, int64_t **beats, int64_t *found) {
    int64_t longest = 0, done = 0, last = 0;
    int64_t apart = (int64_t)rint(MIEN_BEAT_REFRACTORY_S * rate_hz);
    for (int64_t k = 0; k < count; k++) {
        int64_t length = runs[k].end - runs[k].first;
        longest = length > longest ? length : longest;
    }
    int64_t *maxima = mien_alloc((size_t)longest / 2 + 1, sizeof *maxima);
    double *prominence = mien_alloc((size_t)longest / 2 + 1, sizeof *prominence);
    int64_t *made = mien_alloc((size_t)count, sizeof *made);
    mien_status status = maxima && prominence && made ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t k = 0; status == MIEN_OK && k < count; k++) {
        int64_t length = runs[k].end - runs[k].first, best = -1;
        if ((double)length < shortest) {
            continue;
        }
        status = best_in(x + runs[k].first, length, maxima, prominence, &best);
        if (best >= 0 && runs[k].first + best - last > apart) {
            last = made[done++] = runs[k].first + best;
        }
    }
    mien_free(prominence);
    mien_free(maxima);
    if (status != MIEN_OK) {
        mien_free(made);
        return status;
    }
    *beats = made;
    *found = done;
    return MIEN_OK;
}
