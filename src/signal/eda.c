/* SPDX-License-Identifier: MIT */
/* Skin conductance: cleaned, split into level and responses, and the responses' events.
 */
#include <math.h>
#include <string.h>

#include "base/need.h"
#include "mien/physiology.h"

mien_status mien_eda_clean(const double *x, int64_t n, double rate_hz, double *clean) {
    MIEN_NEED(x || n < 1, clean || n < 1);
    if (rate_hz <= 6) {
        if (n > 0) {
            memmove(clean, x, (size_t)n * sizeof *x);
        }
        return MIEN_OK;
    }
    return mien_butterworth_twice(MIEN_LOW_PASS, 4, 0, 3, rate_hz, x, n, clean);
}

mien_status mien_eda_split(
    const double *clean, int64_t n, double rate_hz, double *tonic, double *phasic) {
    MIEN_NEED(clean || n < 1, tonic || n < 1, phasic || n < 1);
    mien_status status =
        mien_butterworth_twice(MIEN_LOW_PASS, 2, 0, 0.05, rate_hz, clean, n, tonic);
    return status ? status
                  : mien_butterworth_twice(
                        MIEN_HIGH_PASS, 2, 0.05, 0, rate_hz, clean, n, phasic);
}

mien_scr_options mien_scr_options_default(void) {
    return (mien_scr_options){.relative = 0.1, .floor = 0.05};
}

/* Keeps the maxima that stand out enough; returns how many. */
static int64_t keep_prominent(int64_t *peaks, const double *prominence, int64_t count,
    const mien_scr_options *o) {
    double largest = 0;
    int64_t kept = 0;
    for (int64_t k = 0; k < count; k++) {
        largest = fmax(largest, prominence[k]);
    }
    for (int64_t k = 0; k < count; k++) {
        if (!(prominence[k] / largest < o->relative) && prominence[k] >= o->floor) {
            peaks[kept++] = peaks[k];
        }
    }
    return kept;
}

/* The last local minimum (of a plateau: its middle, rounded down) before the peak. */
static int64_t find_onset(const double *x, int64_t peak) {
    for (int64_t i = peak - 1; i > 0; i--) {
        int64_t start = i; /* of the plateau that ends at i */
        while (start > 0 && x[start - 1] == x[i]) {
            start--;
        }
        if (start > 0 && x[start - 1] > x[i] && x[i + 1] > x[i]) {
            return (start + i) / 2;
        }
        i = start;
    }
    return -1;
}

/* The first value at or below `half` on the way down to the lowest before `end`. */
static int64_t find_recovery(const double *x, int64_t peak, int64_t end, double half) {
    int64_t lowest = peak;
    for (int64_t i = peak; i < end; i++) {
        lowest = x[i] < x[lowest] ? i : lowest;
    }
    for (int64_t i = peak; i < lowest; i++) {
        if (x[i] <= half) {
            return i;
        }
    }
    return -1;
}

static mien_scr describe(
    const double *x, double rate_hz, int64_t peak, int64_t onset, int64_t end) {
    mien_scr scr = {.peak = peak,
        .onset = onset,
        .recovery = -1,
        .height = x[peak],
        .amplitude = NAN,
        .rise_s = NAN,
        .recovery_s = NAN};
    if (onset >= 0) {
        scr.amplitude = x[peak] - x[onset];
        scr.rise_s = (double)(peak - onset) / rate_hz;
        scr.recovery = find_recovery(x, peak, end, x[onset] + 0.5 * scr.amplitude);
    }
    if (scr.recovery >= 0) {
        scr.recovery_s = (double)(scr.recovery - peak) / rate_hz;
    }
    return scr;
}

mien_status mien_eda_peaks(const double *x, int64_t n, double rate_hz,
    const mien_scr_options *options, mien_scr **responses, int64_t *count) {
    MIEN_NEED(x || n < 1, responses, count);
    mien_scr_options o = options ? *options : mien_scr_options_default();
    int64_t *peaks = mien_alloc((size_t)n / 2 + 1, sizeof *peaks), found = 0;
    double *prominence = NULL;
    mien_scr *made = NULL;
    mien_status status = peaks ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        found = mien_peaks_find(x, n, peaks);
        prominence = mien_alloc((size_t)found, sizeof *prominence);
        status = prominence ? mien_peaks_prominence(x, n, peaks, found, prominence)
                            : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        found = keep_prominent(peaks, prominence, found, &o);
        made = mien_alloc((size_t)found, sizeof *made);
        status = made ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int64_t k = 0; status == MIEN_OK && k < found; k++) {
        int64_t end = k + 1 < found ? peaks[k + 1] : n;
        made[k] = describe(x, rate_hz, peaks[k], find_onset(x, peaks[k]), end);
    }
    mien_free(prominence);
    mien_free(peaks);
    if (status == MIEN_OK) {
        *responses = made;
        *count = found;
    }
    return status;
}
