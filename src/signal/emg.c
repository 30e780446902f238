/* SPDX-License-Identifier: MIT */
/* The electromyogram of a muscle: cleaned, and how strong it is. */
#include <math.h>

#include "base/need.h"
#include "mien/physiology.h"

mien_status mien_emg_clean(
    const double *x, int64_t n, double rate_hz, double corner_hz, double *clean) {
    MIEN_NEED(x || n < 1, clean || n < 1);
    return mien_butterworth_twice(
        MIEN_HIGH_PASS, 4, corner_hz, 0, rate_hz, x, n, clean);
}

mien_status mien_emg_envelope(
    const double *clean, int64_t n, double rate_hz, double *envelope) {
    MIEN_NEED(clean || n < 1, envelope || n < 1);
    for (int64_t i = 0; i < n; i++) {
        envelope[i] = fabs(clean[i]);
    }
    return mien_butterworth_twice(
        MIEN_LOW_PASS, 2, 0, 8, rate_hz, envelope, n, envelope);
}

mien_status mien_emg_rms(const double *clean, int64_t n, int64_t width, double *rms) {
    MIEN_NEED(clean || n < 1, rms || n < 1);
    double *square = mien_alloc((size_t)n, sizeof *square);
    if (!square) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        square[i] = clean[i] * clean[i];
    }
    mien_status status = mien_box_mean(square, n, width, rms);
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        rms[i] = sqrt(fmax(rms[i], 0));
    }
    mien_free(square);
    return status;
}
