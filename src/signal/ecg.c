/* SPDX-License-Identifier: MIT */
/* The electrocardiogram: cleaned, and its R peaks where it is steep. */
#include <math.h>
#include <string.h>

#include "signal/beats_find.h"
#include "base/need.h"

mien_status mien_ecg_clean(
    const double *x, int64_t n, double rate_hz, double mains_hz, double *clean) {
    MIEN_NEED(x || n < 1, clean || n < 1);
    int64_t width = rate_hz >= 2 * mains_hz ? (int64_t)(rate_hz / mains_hz) : 2;
    mien_status status =
        mien_butterworth_twice(MIEN_HIGH_PASS, 5, 0.5, 0, rate_hz, x, n, clean);
    return status ? status : mien_mains_filter(clean, n, width, clean);
}

/* How steep the samples of a stretch are. */
static void steepness(const double *x, const mien_stretch *out) {
    int64_t last = out->n - 1, from = out->from > 0 ? out->from : 1;
    int64_t to = out->to < last ? out->to : last;
    for (int64_t i = from; i < to; i++) {
        out->x[i - out->from] = fabs((x[i + 1] - x[i - 1]) / 2);
    }
    if (out->from == 0) {
        out->x[0] = fabs(x[1] - x[0]);
    }
    if (out->to > last) {
        out->x[last - out->from] = fabs(x[last] - x[last - 1]);
    }
}

/* Where the mean steepness of 0.1 s is above 1.5 times its own mean of 0.75 s. */
static mien_status find_steep(
    const double *x, int64_t n, double rate_hz, mien_runs *runs) {
    int64_t narrow = (int64_t)rint(0.1 * rate_hz), wide = (int64_t)rint(0.75 * rate_hz);
    int64_t length = mien_stretch_length(wide), most = length + 2 * (narrow + wide) + 2;
    double *room = mien_alloc((size_t)(4 * most), sizeof *room);
    mien_status status = room ? MIEN_OK : MIEN_ENOMEM;
    double *sum = room + 3 * most;
    if (status == MIEN_OK && (narrow < 1 || wide < 1)) {
        status =
            mien_fail(MIEN_EINVAL, "an ECG at %g Hz has no shape of beats", rate_hz);
    }
    for (int64_t from = 0; status == MIEN_OK && from < n; from += length) {
        mien_stretch threshold = {n, from, mien_within(from + length, n), room};
        mien_stretch smooth = {n, mien_within(from - wide, n),
            mien_within(threshold.to + wide, n), room + most};
        mien_stretch steep = {n, mien_within(smooth.from - narrow, n),
            mien_within(smooth.to + narrow, n), room + 2 * most};
        steepness(x, &steep);
        mien_stretch_means(&steep, narrow, sum, &smooth);
        mien_stretch_means(&smooth, wide, sum, &threshold);
        status = mien_runs_go_on(runs, smooth.x + (from - smooth.from), threshold.x,
            1.5, from, threshold.to - from);
    }
    mien_free(room);
    return status;
}

mien_status mien_ecg_peaks(
    const double *x, int64_t n, double rate_hz, int64_t **peaks, int64_t *count) {
    MIEN_NEED(x || n < 1, peaks, count);
    if (n < 3) {
        return mien_fail(MIEN_EINVAL, "%lld values are no ECG", (long long)n);
    }
    mien_runs found = {0};
    double length = 0;
    mien_status status = find_steep(x, n, rate_hz, &found);
    for (int64_t k = 0; k < found.count; k++) {
        length +=
            (double)(found.runs[k].end - found.runs[k].first) / (double)found.count;
    }
    if (status == MIEN_OK) {
        status = mien_beats_in_runs(
            x, found.runs, found.count, 0.4 * length, rate_hz, peaks, count);
    }
    mien_free(found.runs);
    return status;
}
