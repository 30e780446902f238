/* SPDX-License-Identifier: MIT */
/* The electrocardiogram: cleaned, and its R peaks where it is steep. */
#include <math.h>
#include <string.h>

#include "signal/beats_find.h"

mien_status mien_ecg_clean(
    const double *x, int64_t n, double rate_hz, double mains_hz, double *clean) {
    int64_t width = rate_hz >= 2 * mains_hz ? (int64_t)(rate_hz / mains_hz) : 2;
    mien_status status =
        mien_butterworth_twice(MIEN_HIGH_PASS, 5, 0.5, 0, rate_hz, x, n, clean);
    return status ? status : mien_mains_filter(clean, n, width, clean);
}

static void steepness(const double *x, int64_t n, double *out) {
    out[0] = fabs(x[1] - x[0]);
    for (int64_t i = 1; i < n - 1; i++) {
        out[i] = fabs((x[i + 1] - x[i - 1]) / 2);
    }
    out[n - 1] = fabs(x[n - 1] - x[n - 2]);
}

mien_status mien_ecg_peaks(
    const double *x, int64_t n, double rate_hz, int64_t **peaks, int64_t *count) {
    if (n < 3) {
        return mien_fail(MIEN_EINVAL, "%lld values are no ECG", (long long)n);
    }
    double *steep = mien_alloc((size_t)n, sizeof *steep);
    double *smooth = mien_alloc((size_t)n, sizeof *smooth);
    mien_run *runs = NULL;
    int64_t found = 0;
    double length = 0;
    mien_status status = steep && smooth ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        steepness(x, n, steep);
        status = mien_box_mean(steep, n, (int64_t)rint(0.1 * rate_hz), smooth);
    }
    if (status == MIEN_OK) {
        status = mien_box_mean(smooth, n, (int64_t)rint(0.75 * rate_hz), steep);
    }
    status = status ? status : mien_runs_above(smooth, steep, 1.5, n, &runs, &found);
    for (int64_t k = 0; k < found; k++) {
        length += (double)(runs[k].end - runs[k].first) / (double)found;
    }
    if (status == MIEN_OK) {
        status =
            mien_beats_in_runs(x, runs, found, 0.4 * length, rate_hz, peaks, count);
    }
    mien_free(runs);
    mien_free(smooth);
    mien_free(steep);
    return status;
}
