/* SPDX-License-Identifier: MIT */
/* The pupil's diameter: which samples count, short gaps filled, smoothed. */
#include <math.h>
#include <string.h>

#include "mien/gaze.h"
#include "base/need.h"
#include "mien/physiology.h"
#include "signal/order.h"

mien_pupil_options mien_pupil_options_default(void) {
    return (mien_pupil_options){
        .lowest = 1.5, .highest = 9, .widen_s = 0.04, .gap_max_s = 0.25};
}

static double accept(double d, const mien_pupil_options *o) {
    bool good = d > 0 && !(d < o->lowest) && !(d > o->highest);
    return good ? d : NAN;
}

void mien_pupil_join(const double *left, const double *right, int64_t n,
    const mien_pupil_options *options, double *joined) {
    MIEN_NEED_OR(, left || n < 1, joined || n < 1);
    mien_pupil_options o = options ? *options : mien_pupil_options_default();
    for (int64_t i = 0; i < n; i++) {
        double a = accept(left[i], &o), b = right ? accept(right[i], &o) : a;
        joined[i] = (a + b) / 2;
    }
}

/* Takes out samples that change faster than pupils do. */
static mien_status drop_fast(double *x, int64_t n, double speed_mad) {
    double *speed = mien_alloc((size_t)n, sizeof *speed);
    double *sorted = mien_alloc((size_t)n, sizeof *sorted);
    int64_t count = 0;
    if (!speed || !sorted) {
        mien_free(speed);
        mien_free(sorted);
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        double before = i > 0 ? fabs(x[i] - x[i - 1]) : NAN;
        double after = i + 1 < n ? fabs(x[i + 1] - x[i]) : NAN;
        speed[i] = fmax(before, after); /* the one that is a number */
        if (!isnan(speed[i])) {
            sorted[count++] = speed[i];
        }
    }
    double middle = mien_median(sorted, count);
    for (int64_t i = 0; i < count; i++) {
        sorted[i] = fabs(sorted[i] - middle);
    }
    double limit = middle + speed_mad * mien_median(sorted, count);
    for (int64_t i = 0; i < n; i++) {
        x[i] = speed[i] > limit ? NAN : x[i];
    }
    mien_free(sorted);
    mien_free(speed);
    return MIEN_OK;
}

static void widen(const double *x, int64_t n, int64_t by, double *out) {
    int64_t until = -1; /* missing up to here because of a gap before */
    if (n > 0) {
        memcpy(out, x, (size_t)n * sizeof *x);
    }
    for (int64_t i = 0; i < n; i++) {
        if (isnan(x[i])) {
            for (int64_t k = i - 1; k >= 0 && k >= i - by && !isnan(x[k]); k--) {
                out[k] = NAN;
            }
            until = i + by;
        } else if (i <= until) {
            out[i] = NAN;
        }
    }
}

mien_status mien_pupil_clean(const double *pupil, int64_t n, double rate_hz,
    const mien_pupil_options *options, double *masked, double *filled) {
    MIEN_NEED(pupil || n < 1, filled || n < 1);
    mien_pupil_options o = options ? *options : mien_pupil_options_default();
    double *copy = mien_alloc((size_t)n, sizeof *copy);
    mien_status status = copy ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && n > 0) {
        memcpy(copy, pupil, (size_t)n * sizeof *copy);
    }
    if (status == MIEN_OK && o.speed_mad > 0) {
        status = drop_fast(copy, n, o.speed_mad);
    }
    if (status == MIEN_OK) {
        widen(copy, n, (int64_t)(o.widen_s * rate_hz + 1e-9), filled);
        if (masked && n > 0) {
            memcpy(masked, filled, (size_t)n * sizeof *masked);
        }
        mien_series_fill(filled, n, (int64_t)(o.gap_max_s * rate_hz + 1e-9), filled);
    }
    mien_free(copy);
    return status;
}

mien_status mien_pupil_smooth(
    const double *pupil, int64_t n, double rate_hz, double *smooth) {
    MIEN_NEED(pupil || n < 1, smooth || n < 1);
    mien_filter filter;
    mien_status status = mien_butterworth(MIEN_LOW_PASS, 2, 0, 4, rate_hz, &filter);
    int64_t least = status ? 0 : mien_filter_extension(&filter);
    if (status == MIEN_OK && smooth != pupil && n > 0) {
        memcpy(smooth, pupil, (size_t)n * sizeof *smooth);
    }
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        int64_t end = i;
        while (end < n && !isnan(smooth[end])) {
            end++;
        }
        if (end - i > least) {
            status = mien_filter_twice(&filter, smooth + i, end - i, smooth + i);
        }
        i = end;
    }
    return status;
}
