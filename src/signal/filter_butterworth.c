/* SPDX-License-Identifier: MIT */
/* Butterworth filters as sections of second order, run forward and backward.
 *
 * Comes in: band, order and corners; a series. Goes out: the sections; the series
 * without what was filtered, in its place. The cleaning of every bodily signal calls
 * it, and smoothing over predictions (smooth.c). */
#include "signal/biquads.h"
#include "base/need.h"
#include "signal/filter_lanes.h"

#include <complex.h>
#include <math.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* ---- design ---------------------------------------------------------------- */

/* A section from two poles of the analogue filter, through z = (2 + s) / (2 − s) at a
 * rate of 1; b has the zeros, still without gain. */
static mien_biquad from_poles(
    double complex p, double complex q, double b0, double b1, double b2) {
    double complex zp = (2 + p) / (2 - p), zq = (2 + q) / (2 - q);
    return (mien_biquad){.b = {b0, b1, b2}, .a = {1, -creal(zp + zq), creal(zp * zq)}};
}

static mien_biquad from_pole(double p, double b0, double b1) {
    return (mien_biquad){.b = {b0, b1, 0}, .a = {1, -(2 + p) / (2 - p), 0}};
}

/* Makes the section's gain 1 at this point of the unit circle. */
static void scale_at(mien_biquad *s, double complex z) {
    double complex w = 1 / z;
    double complex over = s->b[0] + w * (s->b[1] + w * s->b[2]);
    double complex under = s->a[0] + w * (s->a[1] + w * s->a[2]);
    double gain = cabs(under) / cabs(over);
    for (int i = 0; i < 3; i++) {
        s->b[i] *= gain;
    }
}

/* A prototype pole of a band becomes two, so a pair of them becomes two pairs; the real
 * pole of an odd order becomes one pair. */
static void design_band(int order, double low, double high, mien_filter *f) {
    double width = high - low, centre = sqrt(low * high);
    double complex z = cexp(I * 2 * atan(centre / 2));
    for (int i = 0; i < (order + 1) / 2; i++) {
        double angle = pi * (2 * i + order + 1) / (2 * order);
        bool real = order % 2 && i == order / 2;
        double complex p = real ? -1 : cexp(I * angle);
        double complex q = p * width / 2, root = csqrt(q * q - centre * centre);
        if (real) {
            f->section[f->count++] = from_poles(q + root, q - root, 1, 0, -1);
        } else {
            f->section[f->count++] = from_poles(q + root, conj(q + root), 1, 0, -1);
            f->section[f->count++] = from_poles(q - root, conj(q - root), 1, 0, -1);
        }
    }
    for (int i = 0; i < f->count; i++) {
        scale_at(&f->section[i], z);
    }
}

static void design_side(bool low_pass, int order, double corner, mien_filter *f) {
    double side = low_pass ? 1 : -1; /* zeros at −1, or at 1 */
    for (int i = 0; i < order / 2; i++) {
        double complex p = cexp(I * pi * (2 * i + order + 1) / (2 * order));
        p = low_pass ? corner * p : corner / p;
        f->section[f->count++] = from_poles(p, conj(p), 1, 2 * side, 1);
    }
    if (order % 2) {
        f->section[f->count++] = from_pole(-corner, 1, side);
    }
    for (int i = 0; i < f->count; i++) {
        scale_at(&f->section[i], side);
    }
}

mien_status mien_butterworth(mien_band band, int order, double low_hz, double high_hz,
    double rate_hz, mien_filter *filter) {
    MIEN_NEED(filter);
    double low = band == MIEN_LOW_PASS ? high_hz / 2 : low_hz;
    double high = band == MIEN_HIGH_PASS ? low_hz : high_hz;
    if (order < 1 || order > MIEN_BUTTERWORTH_ORDER_MAX || !(rate_hz > 0) ||
        !(low > 0 && high >= low && high < rate_hz / 2) ||
        (band == MIEN_BAND_PASS && !(low < high))) {
        return mien_fail(MIEN_EINVAL,
            "Butterworth: order %d, corners %g to %g Hz at %g Hz; an order of 1 to %d "
            "and corners above 0 and below half the rate are allowed",
            order, low, high, rate_hz, MIEN_BUTTERWORTH_ORDER_MAX);
    }
    *filter = (mien_filter){.count = 0};
    if (band == MIEN_BAND_PASS) {
        design_band(
            order, 2 * tan(pi * low / rate_hz), 2 * tan(pi * high / rate_hz), filter);
    } else {
        design_side(band == MIEN_LOW_PASS, order, 2 * tan(pi * high / rate_hz), filter);
    }
    return MIEN_OK;
}

/* ---- running --------------------------------------------------------------- */

int64_t mien_filter_extension(const mien_filter *f) {
    MIEN_NEED_OR(0, f);
    int64_t b = 0, a = 0;
    for (int i = 0; i < f->count; i++) {
        b += f->section[i].b[2] == 0;
        a += f->section[i].a[2] == 0;
    }
    return 3 * (2 * (int64_t)f->count + 1 - (a < b ? a : b));
}

/* `count` is known when this is compiled, so that the copies of the states stay in
 * registers and the sections of one sample overlap with those of the next. step +1 or
 * −1. */
static inline void run(
    mien_section *states, const int count, double *at, int64_t n, int64_t step) {
    mien_section r[4];
    for (int k = 0; k < count; k++) {
        r[k] = states[k];
    }
    for (int64_t i = 0; i < n; i++, at += step) {
        double x = *at;
        for (int k = 0; k < count; k++) {
            double in = r[k].b0 * x + (r[k].b1 * r[k].x1 + r[k].b2 * r[k].x2);
            double y = (in - r[k].a2 * r[k].y2) - r[k].a1 * r[k].y1;
            r[k].x2 = r[k].x1;
            r[k].x1 = x;
            r[k].y2 = r[k].y1;
            r[k].y1 = y;
            x = y;
        }
        *at = x;
    }
    for (int k = 0; k < count; k++) {
        states[k] = r[k];
    }
}

/* All sections over a stretch in place, up to four at a time. */
static void run_all(
    mien_section *r, int count, double *from, int64_t length, int64_t step) {
    for (; count > 0; r += 4, count -= 4) {
        int64_t done = mien_filter_lanes(r, count < 4 ? count : 4, from, length, step);
        double *at = from + done * step;
        int64_t n = length - done;
        switch (count) {
        case 1:
            run(r, 1, at, n, step);
            break;
        case 2:
            run(r, 2, at, n, step);
            break;
        case 3:
            run(r, 3, at, n, step);
            break;
        default:
            run(r, 4, at, n, step);
            break;
        }
    }
}

/* States in which `level` has always come in. */
static void settle(const mien_filter *f, double level, mien_section *r) {
    for (int k = 0; k < f->count; k++) {
        const mien_biquad s = f->section[k];
        double g = (s.b[0] + s.b[1] + s.b[2]) / (s.a[0] + s.a[1] + s.a[2]);
        double out = level * g;
        r[k] = (mien_section){
            s.b[0], s.b[1], s.b[2], s.a[1], s.a[2], level, level, out, out};
        level = out;
    }
}

/* The series is filtered in y itself; only what is added at its ends has room of its
 * own. */
void mien_filter_extended(
    const mien_filter *f, const double *x, int64_t n, int64_t edge, double *y) {
    enum { EDGE_MAX = 3 * (2 * MIEN_BUTTERWORTH_ORDER_MAX + 1) };
    double left[EDGE_MAX], right[EDGE_MAX];
    mien_section r[MIEN_BUTTERWORTH_ORDER_MAX];
    for (int64_t i = 0; i < edge; i++) {
        left[i] = 2 * x[0] - x[edge - i];
        right[i] = 2 * x[n - 1] - x[n - 2 - i];
    }
    if (y != x) {
        memcpy(y, x, (size_t)n * sizeof *y);
    }
    settle(f, edge > 0 ? left[0] : y[0], r);
    run_all(r, f->count, left, edge, 1);
    run_all(r, f->count, y, n, 1);
    run_all(r, f->count, right, edge, 1);
    settle(f, edge > 0 ? right[edge - 1] : y[n - 1], r);
    run_all(r, f->count, right + edge - 1, edge, -1);
    run_all(r, f->count, y + n - 1, n, -1);
}

/* Whether a value is missing or infinite: it has all bits of its exponent then, so
 * that one more reaches the sign; without a branch in the loop. */
static bool has_gap(const double *x, int64_t n) {
    const uint64_t exponent = 0x7ff0000000000000, one = 0x0010000000000000;
    uint64_t any = 0;
    for (int64_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &x[i], sizeof bits);
        any |= (bits & exponent) + one;
    }
    return any >> 63;
}

mien_status mien_filter_twice(
    const mien_filter *f, const double *x, int64_t n, double *y) {
    MIEN_NEED(f, x || n < 1, y || n < 1);
    int64_t edge = mien_filter_extension(f);
    if (n <= edge) {
        return mien_fail(MIEN_EINVAL,
            "%lld values are too few for this filter, which needs more than %lld",
            (long long)n, (long long)edge);
    }
    bool gap = has_gap(x, n);
    for (int64_t i = 0; gap && i < n; i++) {
        if (!isfinite(x[i])) {
            return mien_fail(MIEN_EINVAL,
                "value %lld is missing or infinite: a filter needs a series without "
                "gaps",
                (long long)i);
        }
    }
    mien_filter_extended(f, x, n, edge, y);
    return MIEN_OK;
}

mien_status mien_butterworth_twice(mien_band band, int order, double low_hz,
    double high_hz, double rate_hz, const double *x, int64_t n, double *y) {
    MIEN_NEED(x || n < 1, y || n < 1);
    mien_filter filter;
    mien_status status =
        mien_butterworth(band, order, low_hz, high_hz, rate_hz, &filter);
    return status ? status : mien_filter_twice(&filter, x, n, y);
}
