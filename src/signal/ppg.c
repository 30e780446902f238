/* SPDX-License-Identifier: MIT */
/* The pulse wave (photoplethysmogram): cleaned, and its systolic peaks. */
#include <math.h>

#include "signal/beats_find.h"
#include "base/need.h"

mien_status mien_ppg_clean(const double *x, int64_t n, double rate_hz, double *clean) {
    MIEN_NEED(x || n < 1, clean || n < 1);
    return mien_butterworth_twice(MIEN_BAND_PASS, 2, 0.5, 8, rate_hz, x, n, clean);
}

static double square_of(double x) {
    return x < 0 ? 0 : x * x;
}

/* Where the mean square over a systole is above that over a beat and an offset. */
static mien_status find_high(const double *x, int64_t n, int64_t systole, int64_t beat,
    double offset, mien_runs *runs) {
    int64_t length = mien_stretch_length(beat), most = length + 2 * beat + 2;
    double *room = mien_alloc((size_t)(4 * most), sizeof *room);
    mien_status status = room ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t from = 0; status == MIEN_OK && from < n; from += length) {
        int64_t to = mien_within(from + length, n);
        mien_stretch square = {
            n, mien_within(from - beat, n), mien_within(to + beat, n), room};
        mien_stretch narrow = {n, from, to, room + most};
        mien_stretch wide = {n, from, to, room + 2 * most};
        for (int64_t i = square.from; i < square.to; i++) {
            square.x[i - square.from] = square_of(x[i]);
        }
        mien_stretch_means(&square, systole, room + 3 * most, &narrow);
        mien_stretch_means(&square, beat, room + 3 * most, &wide);
        for (int64_t i = 0; i < to - from; i++) {
            wide.x[i] += offset;
        }
        status = mien_runs_go_on(runs, narrow.x, wide.x, 1, from, to - from);
    }
    mien_free(room);
    return status;
}

/* Elgendi, Norton, Brearley, Abbott & Schuurmans (2013): the squares of what is above
 * zero, averaged over a systole against over a beat, with an offset of 0.02 of the
 * mean. */
mien_status mien_ppg_peaks(
    const double *x, int64_t n, double rate_hz, int64_t **peaks, int64_t *count) {
    MIEN_NEED(x || n < 1, peaks, count);
    int64_t systole = (int64_t)rint(0.111 * rate_hz);
    int64_t beat = (int64_t)rint(0.667 * rate_hz);
    mien_runs found = {0};
    double sum = 0;
    if (n < 1 || systole < 1) {
        return mien_fail(MIEN_EINVAL, "%lld values at %g Hz are no pulse wave",
            (long long)n, rate_hz);
    }
    for (int64_t i = 0; i < n; i++) {
        sum += square_of(x[i]);
    }
    mien_status status =
        find_high(x, n, systole, beat, 0.02 * (sum / (double)n), &found);
    if (status == MIEN_OK) {
        status = mien_beats_in_runs(
            x, found.runs, found.count, (double)systole, rate_hz, peaks, count);
    }
    mien_free(found.runs);
    return status;
}
