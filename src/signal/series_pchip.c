/* SPDX-License-Identifier: MIT */
/* A monotone cubic through knots: no overshoot between them. */
#include <math.h>

#include "base/need.h"
#include "mien/physiology.h"

/* Slope at an end from the two nearest pieces, kept so that it does not overshoot. */
static double end_slope(double h0, double h1, double d0, double d1) {
    double slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1);
    if (slope * d0 <= 0) {
        return 0;
    }
    return d0 * d1 < 0 && fabs(slope) > 3 * fabs(d0) ? 3 * d0 : slope;
}

/* Fritsch & Butland's weighted harmonic mean; 0 at a turn. */
static double inner_slope(double h0, double h1, double d0, double d1) {
    if (d0 * d1 <= 0) {
        return 0;
    }
    double w0 = 2 * h1 + h0, w1 = h1 + 2 * h0;
    return (w0 + w1) / (w0 / d0 + w1 / d1);
}

/* Slope at knot k, from the pieces on both sides. */
static double slope_at(const double *at, const double *v, int64_t knots, int64_t k) {
#define WIDTH(i) (at[(i) + 1] - at[i])
#define RISE(i) ((v[(i) + 1] - v[i]) / WIDTH(i))
    if (knots == 2) {
        return RISE(0);
    }
    if (k == 0) {
        return end_slope(WIDTH(0), WIDTH(1), RISE(0), RISE(1));
    }
    if (k == knots - 1) {
        return end_slope(WIDTH(k - 1), WIDTH(k - 2), RISE(k - 1), RISE(k - 2));
    }
    return inner_slope(WIDTH(k - 1), WIDTH(k), RISE(k - 1), RISE(k));
#undef RISE
#undef WIDTH
}

/* Samples i to end of the piece of width h that begins at `at`. Returns where the next
 * piece begins. */
static int64_t fill_piece(double at, double h, double v0, double v1, double from,
    double to, int64_t i, int64_t end, double *out) {
    double rise = (v1 - v0) / h;
    double c2 = (3 * rise - 2 * from - to) / h;
    double c3 = (from + to - 2 * rise) / (h * h);
    for (; i < end; i++) {
        double s = (double)i - at;
        out[i] = v0 + s * (from + s * (c2 + s * c3));
    }
    return i;
}

mien_status mien_series_pchip(
    const double *at, const double *value, int64_t knots, int64_t n, double *out) {
    MIEN_NEED(at || knots < 1, value || knots < 1, out || knots < 1);
    for (int64_t k = 0; k < knots; k++) {
        if (!isfinite(at[k]) || !isfinite(value[k]) || (k > 0 && at[k] <= at[k - 1])) {
            return mien_fail(MIEN_EINVAL,
                "knot %lld is no number or does not come after the one before",
                (long long)k);
        }
    }
    if (knots < 1) {
        return mien_fail(MIEN_EINVAL, "no knots to interpolate between");
    }
    int64_t i = 0;
    for (; i < n && ((double)i <= at[0] || knots == 1); i++) {
        out[i] = value[0];
    }
    double from = knots > 1 ? slope_at(at, value, knots, 0) : 0;
    for (int64_t k = 0; k + 1 < knots && i < n; k++) {
        double to = slope_at(at, value, knots, k + 1);
        double end = fmin(ceil(at[k + 1]), (double)n);
        i = fill_piece(at[k], at[k + 1] - at[k], value[k], value[k + 1], from, to, i,
            (int64_t)end, out);
        from = to;
    }
    for (; i < n; i++) {
        out[i] = value[knots - 1];
    }
    return MIEN_OK;
}
