/* SPDX-License-Identifier: MIT */
/* Smoothing of a series without delay: a moving mean, and a Butterworth low-pass run
 * forward and backward. */
#include <math.h>
#include <string.h>

#include "mien/signal.h"

static const double pi = 3.14159265358979323846;

/* ---- moving mean --------------------------------------------------------------- */

mien_status mien_smooth_mean(const double *x, int64_t n, int64_t window, double *y) {
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

/* ---- Butterworth --------------------------------------------------------------- */

/* y = b0 x + s0, s0 = b1 x − a1 y + s1, s1 = b2 x − a2 y; it passes a constant as it
 * is. zero: the states in which a constant 1 has always come in. */
typedef struct section {
    double b[3], a[3], zero[2];
} section;

enum { SECTIONS_MAX = (MIEN_SMOOTH_ORDER_MAX + 1) / 2 };

static void steady(section *s) {
    s->zero[1] = s->b[2] - s->a[2];
    s->zero[0] = s->b[1] - s->a[1] + s->zero[1];
}

/* Poles of the analog filter lie evenly on the left half of the unit circle; each pair,
 * and the one on the axis of an odd order, goes through the bilinear transform with the
 * cutoff warped. */
static int design(int order, double cutoff, section *sections) {
    double k = tan(pi * cutoff / 2);
    int count = 0;
    for (int i = 0; i < order / 2; i++) {
        double damping = 2 * sin((2 * i + 1) * pi / (2 * order));
        double norm = 1 + damping * k + k * k;
        section *s = &sections[count++];
        *s = (section){.b = {k * k / norm, 2 * k * k / norm, k * k / norm},
            .a = {1, 2 * (k * k - 1) / norm, (1 - damping * k + k * k) / norm}};
        steady(s);
    }
    if (order % 2) {
        section *s = &sections[count++];
        *s = (section){
            .b = {k / (1 + k), k / (1 + k), 0}, .a = {1, (k - 1) / (k + 1), 0}};
        steady(s);
    }
    return count;
}

/* In place; step +1 or -1 from `from`. */
static void run(
    const section *sections, int count, double *x, int64_t n, bool forward) {
    double *at = forward ? x : x + n - 1;
    int64_t step = forward ? 1 : -1;
    double first = at[0];
    for (int k = 0; k < count; k++) {
        const section *s = &sections[k];
        double s0 = s->zero[0] * first, s1 = s->zero[1] * first;
        double *p = at;
        for (int64_t i = 0; i < n; i++, p += step) {
            double in = *p, out = s->b[0] * in + s0;
            s0 = s->b[1] * in - s->a[1] * out + s1;
            s1 = s->b[2] * in - s->a[2] * out;
            *p = out;
        }
    }
}

/* Turned over about its end: what comes before the first value is 2 x[0] − x[i]. */
static void extend(const double *x, int64_t n, int64_t edge, double *out) {
    for (int64_t i = 0; i < edge; i++) {
        out[i] = 2 * x[0] - x[edge - i];
        out[edge + n + i] = 2 * x[n - 1] - x[n - 2 - i];
    }
    memcpy(out + edge, x, (size_t)n * sizeof *x);
}

mien_status mien_smooth_butterworth(
    const double *x, int64_t n, int order, double cutoff, double *y) {
    section sections[SECTIONS_MAX];
    if (order < 1 || order > MIEN_SMOOTH_ORDER_MAX || !(cutoff > 0 && cutoff < 1)) {
        return mien_fail(MIEN_EINVAL,
            "Butterworth: order %d, cutoff %g; 1 to %d and between 0 and 1 are allowed",
            order, cutoff, MIEN_SMOOTH_ORDER_MAX);
    }
    if (n < 2) {
        memcpy(y, x, (size_t)n * sizeof *x);
        return MIEN_OK;
    }
    int count = design(order, cutoff, sections);
    int64_t edge = 3 * (2 * (int64_t)count + 1 - order % 2);
    edge = edge < n ? edge : n - 1;
    double *room = mien_alloc((size_t)(n + 2 * edge), sizeof *room);
    if (!room) {
        return MIEN_ENOMEM;
    }
    extend(x, n, edge, room);
    run(sections, count, room, n + 2 * edge, true);
    run(sections, count, room, n + 2 * edge, false);
    memcpy(y, room + edge, (size_t)n * sizeof *y);
    mien_free(room);
    return MIEN_OK;
}
