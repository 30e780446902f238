/* SPDX-License-Identifier: MIT */
/* The pulse wave (photoplethysmogram): cleaned, and its systolic peaks. */
#include <math.h>

#include "signal/beats_find.h"

mien_status mien_ppg_clean(const double *x, int64_t n, double rate_hz, double *clean) {
    return mien_butterworth_twice(MIEN_BAND_PASS, 2, 0.5, 8, rate_hz, x, n, clean);
}

/* Elgendi, Norton, Brearley, Abbott & Schuurmans (2013): the squares of what is above
 * zero, averaged over a systole against over a beat, with an offset of 0.02 of the
 * mean. */
mien_status mien_ppg_peaks(
    const double *x, int64_t n, double rate_hz, int64_t **peaks, int64_t *count) {
    int64_t systole = (int64_t)rint(0.111 * rate_hz);
    int64_t beat = (int64_t)rint(0.667 * rate_hz);
    double *square = mien_alloc((size_t)n, sizeof *square);
    double *narrow = mien_alloc((size_t)n, sizeof *narrow);
    double *wide = mien_alloc((size_t)n, sizeof *wide);
    mien_run *runs = NULL;
    int64_t found = 0;
    double mean = 0;
    mien_status status = square && narrow && wide ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        square[i] = x[i] < 0 ? 0 : x[i] * x[i];
        mean += square[i];
    }
    status = status ? status : mien_box_mean(square, n, systole, narrow);
    status = status ? status : mien_box_mean(square, n, beat, wide);
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        wide[i] += 0.02 * (mean / (double)n);
    }
    status = status ? status : mien_runs_above(narrow, wide, 1, n, &runs, &found);
    if (status == MIEN_OK) {
        status =
            mien_beats_in_runs(x, runs, found, (double)systole, rate_hz, peaks, count);
    }
    mien_free(runs);
    mien_free(wide);
    mien_free(narrow);
    mien_free(square);
    return status;
}
