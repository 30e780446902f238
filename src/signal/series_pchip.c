/* SPDX-License-Identifier: MIT */
/* A monotone cubic through knots: no overshoot between them. */
#include <math.h>

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

mien_status mien_series_pchip(
    const double *at, const double *value, int64_t knots, int64_t n, double *out) {
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
    int64_t k = 0; /* the piece at work starts here */
    double from = knots > 1 ? slope_at(at, value, knots, 0) : 0;
    double to = knots > 1 ? slope_at(at, value, knots, 1) : 0;
    for (int64_t i = 0; i < n; i++) {
        double x = (double)i;
        while (k + 2 < knots && x >= at[k + 1]) {
            k++;
            from = to;
            to = slope_at(at, value, knots, k + 1);
        }
        if (x <= at[0] || knots == 1) {
            out[i] = value[0];
        } else if (x >= at[knots - 1]) {
            out[i] = value[knots - 1];
        } else {
            double h = at[k + 1] - at[k], s = x - at[k];
            double rise = (value[k + 1] - value[k]) / h;
            double c2 = (3 * rise - 2 * from - to) / h;
            double c3 = (from + to - 2 * rise) / (h * h);
            out[i] = value[k] + s * (from + s * (c2 + s * c3));
        }
    }
    return MIEN_OK;
}
