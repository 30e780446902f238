/* SPDX-License-Identifier: MIT */
/* Breathing: cleaned, its breaths between zero crossings, and their measures. */
#include <math.h>

#include "mien/physiology.h"
#include "base/need.h"
#include "signal/order.h"

mien_status mien_respiration_clean(
    const double *x, int64_t n, double rate_hz, double *clean) {
    MIEN_NEED(x || n < 1, clean || n < 1);
    return mien_butterworth_twice(MIEN_BAND_PASS, 2, 0.05, 3, rate_hz, x, n, clean);
}

/* The extreme between each two crossings: highest after a rise, lowest after a fall.
 * extremes NULL: only how many there are. */
static int64_t find_extremes(const double *x, int64_t n, int64_t *extremes) {
    int64_t count = 0, from = -1;
    bool rising = false;
    for (int64_t i = 0; i + 1 < n; i++) {
        bool rise = x[i] < 0 && x[i + 1] > 0, fall = x[i] > 0 && x[i + 1] < 0;
        if (!rise && !fall) {
            continue;
        }
        if (from >= 0 && extremes) {
            int64_t best = from;
            double top = x[from];
            for (int64_t k = from; k < i; k++) {
                if (rising ? x[k] > top : x[k] < top) {
                    best = k;
                    top = x[k];
                }
            }
            extremes[count] = best;
        }
        count += from >= 0;
        from = i;
        rising = rise;
    }
    return count;
}

/* Leaves out the extremes whose way to the next is short. way has room for count. */
static int64_t drop_shallow(
    const double *x, int64_t *extremes, int64_t count, double *way) {
    int64_t kept = 0, ways = count - 1;
    if (ways < 1) {
        return 0;
    }
    for (int64_t k = 0; k < ways; k++) {
        way[k] = fabs(x[extremes[k + 1]] - x[extremes[k]]);
    }
    double median = mien_median(way, ways);
    for (int64_t k = 0; k < ways; k++) {
        if (fabs(x[extremes[k + 1]] - x[extremes[k]]) > 0.3 * median) {
            extremes[kept++] = extremes[k];
        }
    }
    return kept;
}

/* Leaves out extremes between others that go on in the same direction. */
static int64_t alternate(const double *x, int64_t *extremes, int64_t count) {
    int64_t kept = count > 0;
    for (int64_t k = 1; k < count; k++) {
        double before = k > 0 ? x[extremes[k]] - x[extremes[kept - 1]] : 0;
        double after = k + 1 < count ? x[extremes[k + 1]] - x[extremes[k]] : -before;
        if ((before > 0) != (after > 0)) {
            extremes[kept++] = extremes[k];
        }
    }
    return kept;
}

mien_status mien_respiration_peaks(
    const double *clean, int64_t n, mien_breath **breaths, int64_t *count) {
    MIEN_NEED(clean || n < 1, breaths, count);
    size_t most = (size_t)find_extremes(clean, n, NULL) + 1;
    int64_t *extremes = mien_alloc(most, sizeof *extremes);
    double *way = mien_alloc(most, sizeof *way);
    mien_breath *made = NULL;
    int64_t found = 0, first = 0;
    mien_status status = extremes && way ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        found = find_extremes(clean, n, extremes);
        found = drop_shallow(clean, extremes, found, way);
        found = alternate(clean, extremes, found);
        first = found > 1 && clean[extremes[0]] > clean[extremes[1]];
        made = mien_alloc((size_t)found / 2 + 1, sizeof *made);
        status = made ? MIEN_OK : MIEN_ENOMEM;
    }
    int64_t done = 0;
    for (int64_t k = first; status == MIEN_OK && k + 1 < found; k += 2) {
        made[done++] = (mien_breath){.trough = extremes[k], .peak = extremes[k + 1]};
    }
    mien_free(way);
    mien_free(extremes);
    if (status == MIEN_OK) {
        *breaths = made;
        *count = done;
    }
    return status;
}

mien_status mien_breathing_measure(const double *clean, const mien_breath *breaths,
    int64_t count, double rate_hz, mien_breathing *result) {
    MIEN_NEED(clean || count < 1, breaths, result);
    int64_t n = count > 0 ? count - 1 : 0;
    double *between = mien_alloc((size_t)n, sizeof *between), height = 0;
    mien_hrv of; /* the same figures, of breaths */
    if (!between) {
        return MIEN_ENOMEM;
    }
    for (int64_t k = 0; k < count; k++) {
        height += clean[breaths[k].peak] - clean[breaths[k].trough];
        if (k > 0) {
            between[k - 1] =
                (double)(breaths[k].trough - breaths[k - 1].trough) / rate_hz * 1000;
        }
    }
    mien_status status = mien_hrv_intervals(between, n, &of);
    if (status == MIEN_OK) {
        *result = (mien_breathing){.breaths = n,
            .rate_per_min = 60000 / of.mean_nn,
            .mean_bb_ms = of.mean_nn,
            .sdbb_ms = of.sdnn,
            .rmssd_ms = of.rmssd,
            .amplitude = count > 0 ? height / (double)count : NAN};
    }
    mien_free(between);
    return status;
}
