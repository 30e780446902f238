/* SPDX-License-Identifier: MIT */
/* Smoothing of a series without delay: a moving mean, and a Butterworth low-pass run
 * forward and backward. */
#include <string.h>

#include "mien/signal.h"
#include "base/need.h"
#include "signal/biquads.h"

/* ---- moving mean ----------------------------------------------------------- */

mien_status mien_smooth_mean(const double *x, int64_t n, int64_t window, double *y) {
    MIEN_NEED(x || n < 1, y || n < 1);
    if (window < 1 || window % 2 == 0) {
        return mien_fail(MIEN_EINVAL,
            "a moving mean over %lld values has no middle: take an odd number",
            (long long)window);
    }
    for (int64_t i = 0; i < n; i++) {
        int64_t half = window / 2;
        half = half < i ? half : i;
        half = half < n - 1 - i ? half : n - 1 - i;
        double sum = 0;
        for (int64_t k = i - half; k <= i + half; k++) {
            sum += x[k];
        }
        y[i] = sum / (double)(2 * half + 1);
    }
    return MIEN_OK;
}

/* ---- Butterworth ----------------------------------------------------------- */

mien_status mien_smooth_butterworth(
    const double *x, int64_t n, int order, double cutoff, double *y) {
    MIEN_NEED(x || n < 1, y || n < 1);
    mien_filter filter;
    if (order < 1 || order > MIEN_SMOOTH_ORDER_MAX || !(cutoff > 0 && cutoff < 1)) {
        return mien_fail(MIEN_EINVAL,
            "Butterworth: order %d, cutoff %g; 1 to %d and between 0 and 1 are allowed",
            order, cutoff, MIEN_SMOOTH_ORDER_MAX);
    }
    if (n < 2) {
        memcpy(y, x, (size_t)n * sizeof *x);
        return MIEN_OK;
    }
    mien_status status = mien_butterworth(MIEN_LOW_PASS, order, 0, cutoff, 2, &filter);
    int64_t edge = status ? 0 : mien_filter_extension(&filter);
    edge = edge < n ? edge : n - 1;
    if (status == MIEN_OK) {
        mien_filter_extended(&filter, x, n, edge, y);
    }
    return status;
}
