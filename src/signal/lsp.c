/* SPDX-License-Identifier: MIT */
/* Linear prediction and its line spectral frequencies.
 *
 * On the unit circle the two polynomials of a line spectrum of order 8, freed of their
 * roots at ±1, are polynomials of degree 4 in x = cos ω with all roots in [−1, 1]. The
 * roots of a polynomial with real roots lie between those of its derivative, so the
 * roots of degree 4 are found from those of degree 3, and those from degree 2, by its
 * formula. */
#include "signal/lsp.h"

#include <math.h>
#include <string.h>

enum { DEGREE = MIEN_LSP_ORDER / 2 };

void mien_autocorrelation(const double *x, int64_t n, int order, double *r) {
    for (int j = 0; j <= order; j++) {
        double sum[4] = {0};
        int64_t i = 0;
        for (; i + 4 <= n - j; i += 4) { /* four sums side by side */
            for (int lane = 0; lane < 4; lane++) {
                sum[lane] += x[i + lane] * x[i + lane + j];
            }
        }
        for (; i < n - j; i++) {
            sum[0] += x[i] * x[i + j];
        }
        r[j] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
}

double mien_lpc(const double *r, int order, double *a) {
    double error = r[0], before[MIEN_LPC_ORDER_MAX];
    memset(a, 0, (size_t)order * sizeof *a);
    for (int m = 0; m < order && error > 0; m++) {
        double sum = r[m + 1];
        memcpy(before, a, sizeof *a * (size_t)m);
        for (int i = 0; i < m; i++) {
            sum += before[i] * r[m - i];
        }
        double reflection = -sum / error;
        for (int i = 0; i < m; i++) {
            a[i] = before[i] + reflection * before[m - 1 - i];
        }
        a[m] = reflection;
        error *= 1 - reflection * reflection;
    }
    return error;
}

/* p[0] + p[1] x + … and, in *slope, its derivative. */
static double value_of(const double *p, int degree, double x, double *slope) {
    double value = p[degree], change = 0;
    for (int i = degree - 1; i >= 0; i--) {
        change = change * x + value;
        value = value * x + p[i];
    }
    *slope = change;
    return value;
}

/* A root between two places where the polynomial has different signs: Newton's steps,
 * halved where one would leave the bracket. Without a change of sign, the place nearer
 * to one. */
static double root_between(const double *p, int degree, double low, double high) {
    double slope, at_low = value_of(p, degree, low, &slope);
    double at_high = value_of(p, degree, high, &slope);
    if (at_low == 0 || at_high == 0 || (at_low > 0) == (at_high > 0)) {
        return fabs(at_low) < fabs(at_high) ? low : high;
    }
    double x = low + (high - low) * at_low / (at_low - at_high);
    for (int turn = 0; turn < 60; turn++) {
        double value = value_of(p, degree, x, &slope);
        if (value == 0) {
            break;
        }
        if ((value > 0) == (at_low > 0)) {
            low = x;
        } else {
            high = x;
        }
        double next = slope != 0 ? x - value / slope : low - 1;
        next = next > low && next < high ? next : 0.5 * (low + high);
        if (fabs(next - x) < 1e-15 || next == x) {
            break;
        }
        x = next;
    }
    return x;
}

static double within(double x) {
    return fmin(1, fmax(-1, x));
}

/* Where there are none, twice the place of the extremum. */
static void roots_of_square(const double *p, double *roots) {
    const double part = p[1] * p[1] - 4 * p[2] * p[0];
    const double sum = -0.5 * (p[1] + copysign(sqrt(fmax(0, part)), p[1]));
    const double a = p[2] != 0 ? within(sum / p[2]) : 0;
    const double b = sum != 0 && part > 0 ? within(p[0] / sum) : a;
    roots[0] = fmin(a, b);
    roots[1] = fmax(a, b);
}

/* All roots of a polynomial whose roots lie in [−1, 1], ascending. */
static void roots_of(const double *p, int degree, double *roots) {
    double derivative[DEGREE], between[DEGREE + 1];
    if (degree == 2) {
        roots_of_square(p, roots);
        return;
    }
    for (int i = 0; i < degree; i++) {
        derivative[i] = p[i + 1] * (i + 1);
    }
    between[0] = -1;
    roots_of(derivative, degree - 1, between + 1);
    between[degree] = 1;
    for (int i = 0; i < degree; i++) {
        roots[i] = root_between(p, degree, between[i], between[i + 1]);
    }
}

/* The half [5] of a symmetric polynomial of degree 8 as a polynomial in cos ω. */
static void in_cosine(const double h[DEGREE + 1], double p[DEGREE + 1]) {
    p[0] = h[4] - 2 * h[2] + 2 * h[0];
    p[1] = 2 * h[3] - 6 * h[1];
    p[2] = 4 * h[2] - 16 * h[0];
    p[3] = 8 * h[1];
    p[4] = 16 * h[0];
}

void mien_lsp(const double a[MIEN_LSP_ORDER], double lsp[MIEN_LSP_ORDER]) {
    double sum[DEGREE + 1] = {1}, difference[DEGREE + 1] = {1}, p[DEGREE + 1];
    double even[DEGREE], odd[DEGREE];
    for (int i = 1; i <= DEGREE; i++) {
        sum[i] = a[i - 1] + a[MIEN_LSP_ORDER - i] - sum[i - 1];
        difference[i] = a[i - 1] - a[MIEN_LSP_ORDER - i] + difference[i - 1];
    }
    in_cosine(sum, p);
    roots_of(p, DEGREE, even);
    in_cosine(difference, p);
    roots_of(p, DEGREE, odd);
    for (int i = 0; i < DEGREE; i++) {
        lsp[2 * i] = acos(even[DEGREE - 1 - i]);
        lsp[2 * i + 1] = acos(odd[DEGREE - 1 - i]);
    }
    for (int i = 1; i < MIEN_LSP_ORDER;
         i++) { /* they alternate, but where A is singular */
        double value = lsp[i];
        int k = i;
        for (; k > 0 && lsp[k - 1] > value; k--) {
            lsp[k] = lsp[k - 1];
        }
        lsp[k] = value;
    }
}
