/* SPDX-License-Identifier: MIT */
/* Beats as the most prominent maxima of the runs in which some measure is high. */
#include "signal/beats_find.h"

#include <math.h>

static mien_status add_run(mien_runs *r, int64_t first, int64_t end) {
    if (r->count == r->room) {
        int64_t larger = r->room ? 2 * r->room : 256;
        mien_run *more =
            mien_realloc(r->runs, (size_t)r->room, (size_t)larger, sizeof *more);
        if (!more) {
            return MIEN_ENOMEM;
        }
        r->runs = more;
        r->room = larger;
    }
    r->runs[r->count++] = (mien_run){first, end};
    return MIEN_OK;
}

mien_status mien_runs_go_on(mien_runs *runs, const double *above,
    const double *threshold, double factor, int64_t from, int64_t n) {
    mien_runs *r = runs;
    mien_status status = MIEN_OK;
    if (!r->any && n > 0) {
        *r = (mien_runs){
            .any = true, .above = above[0] > factor * threshold[0], .first = -1};
    }
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        bool now = above[i] > factor * threshold[i];
        if (now == r->above) {
            continue;
        }
        if (now) {
            r->first = from + i - 1;
        } else if (r->first >= 0) {
            status = add_run(r, r->first, from + i - 1);
            r->first = -1;
        }
        r->above = now;
    }
    return status;
}

void mien_stretch_means(
    const mien_stretch *x, int64_t width, double *sum, const mien_stretch *out) {
    int64_t k = out->from - width / 2, end = out->to - width / 2 + width - 1;
    double total = 0, *to = sum;
    *to++ = 0;
    for (; k < 0 && k < end; k++) {
        *to++ = total += x->x[-x->from];
    }
    for (; k < x->n && k < end; k++) {
        *to++ = total += x->x[k - x->from];
    }
    for (; k < end; k++) {
        *to++ = total += x->x[x->n - 1 - x->from];
    }
    for (int64_t i = 0; i < out->to - out->from; i++) {
        out->x[i] = (sum[i + width] - sum[i]) / (double)width;
    }
}

/* The most prominent of the maxima inside; −1 if there is none. Room for the length of
 * the run: maxima, then prominences. */
static mien_status best_in(
    const double *x, int64_t n, int64_t *maxima, double *prominence, int64_t *best) {
    int64_t count = mien_peaks_find(x, n, maxima);
    *best = count == 1 ? maxima[0] : -1;
    if (count <= 1) {
        return MIEN_OK;
    }
    mien_status status = mien_peaks_prominence(x, n, maxima, count, prominence);
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
