/* SPDX-License-Identifier: MIT */
/* Statistics of a track of values over time. */
#include "signal/functionals.h"

#include <math.h>
#include <string.h>

static const char *const names[MIEN_FUNCTIONALS] = {"maxPos", "minPos", "amean",
    "linregc1", "linregc2", "linregerrA", "linregerrQ", "stddev", "skewness",
    "kurtosis", "quartile1", "quartile2", "quartile3", "iqr1-2", "iqr2-3", "iqr1-3",
    "percentile1.0", "percentile99.0", "pctlrange0-1", "upleveltime75",
    "upleveltime90"};

const char *mien_functional_name(int index) {
    return names[index];
}

static void take_line(const double *x, int64_t n, double mean, double *out) {
    /* times run from −(n − 1)/2 to (n − 1)/2: their mean is 0, their squares sum up to
     * n (n² − 1) / 12 */
    const double middle = (double)(n - 1) / 2, count = (double)n;
    double product = 0, absolute = 0, square = 0;
    for (int64_t i = 0; i < n; i++) {
        product += ((double)i - middle) * (x[i] - mean);
    }
    double slope = n > 1 ? product / (count * (count * count - 1) / 12) : 0;
    double level = mean - slope * middle;
    for (int64_t i = 0; i < n; i++) {
        double error = x[i] - (level + slope * (double)i);
        absolute += fabs(error);
        square += error * error;
    }
    out[0] = slope;
    out[1] = level;
    out[2] = absolute / count;
    out[3] = square / count;
}

static void take_moments(const double *x, int64_t n, double mean, double *out) {
    double second = 0, third = 0, fourth = 0;
    for (int64_t i = 0; i < n; i++) {
        double d = x[i] - mean, square = d * d;
        second += square;
        third += square * d;
        fourth += square * square;
    }
    second /= (double)n;
    third /= (double)n;
    fourth /= (double)n;
    out[0] = sqrt(second);
    out[1] = second > 0 ? third / (second * sqrt(second)) : 0;
    out[2] = second > 0 ? fourth / (second * second) : 0;
}

enum { FEW = 24 };

static void sort_few(double *x, int64_t n) {
    for (int64_t i = 1; i < n; i++) {
        double value = x[i];
        int64_t k = i;
        for (; k > 0 && x[k - 1] > value; k--) {
            x[k] = x[k - 1];
        }
        x[k] = value;
    }
}

static void swap(double *x, int64_t a, int64_t b) {
    double kept = x[a];
    x[a] = x[b];
    x[b] = kept;
}

static void sift(double *x, int64_t root, int64_t n) {
    for (int64_t child; (child = 2 * root + 1) < n; root = child) {
        child += child + 1 < n && x[child] < x[child + 1];
        if (!(x[root] < x[child])) {
            return;
        }
        swap(x, root, child);
    }
}

static void sort_heap(double *x, int64_t n) {
    for (int64_t i = n / 2 - 1; i >= 0; i--) {
        sift(x, i, n);
    }
    for (int64_t i = n - 1; i > 0; i--) {
        swap(x, 0, i);
        sift(x, 0, i);
    }
}

/* The places of a sorted track that quantiles are taken from, ascending. */
enum { PLACES = 10 };
typedef struct places {
    int64_t at[PLACES];
} places;

static int64_t place_of(double p, int64_t n) {
    return (int64_t)(p * (double)(n - 1));
}

static places places_of(int64_t n) {
    static const double quantiles[PLACES / 2] = {0.01, 0.25, 0.5, 0.75, 0.99};
    places w;
    for (int q = 0; q < PLACES / 2; q++) {
        w.at[2 * q] = place_of(quantiles[q], n);
        w.at[2 * q + 1] = w.at[2 * q] + 1 < n ? w.at[2 * q] + 1 : n - 1;
    }
    return w;
}

static bool any_within(const places *w, int64_t first, int64_t end) {
    for (int i = 0; i < PLACES; i++) {
        if (w->at[i] >= first && w->at[i] < end) {
            return true;
        }
    }
    return false;
}

/* Quicksort by the median of three of x[first, end), but for parts that hold none of
 * the places; by a heap where `depth` divisions were not enough. */
static void sort(double *all, int64_t first, int64_t end, const places *w, int depth) {
    while (end - first > FEW && any_within(w, first, end)) {
        double *x = all + first;
        const int64_t n = end - first;
        if (depth-- == 0) {
            sort_heap(x, n);
            return;
        }
        const double a = x[0], b = x[n / 2], c = x[n - 1];
        const double pivot =
            a < b ? (b < c ? b : (a < c ? c : a)) : (a < c ? a : (b < c ? c : b));
        int64_t low = 0, high = n - 1;
        while (low <= high) {
            while (x[low] < pivot) {
                low++;
            }
            while (x[high] > pivot) {
                high--;
            }
            if (low <= high) {
                swap(x, low++, high--);
            }
        }
        if (high + 1 < n - low) { /* the shorter part first */
            sort(all, first, first + high + 1, w, depth);
            first += low;
        } else {
            sort(all, first + low, end, w, depth);
            end = first + high + 1;
        }
    }
    if (any_within(w, first, end)) {
        sort_few(all + first, end - first);
    }
}

static double quantile(const double *sorted, int64_t n, double p) {
    double place = p * (double)(n - 1);
    int64_t below = place_of(p, n);
    double rest = place - (double)below;
    return below + 1 < n ? sorted[below] + rest * (sorted[below + 1] - sorted[below])
                         : sorted[n - 1];
}

/* The reference compares in single precision: ties on the edge fall as they do there.
 */
static double share_above(
    const double *x, int64_t n, double low, double high, float part) {
    const float edge = (float)low + part * ((float)high - (float)low);
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        count += (float)x[i] > edge;
    }
    return (double)count / (double)n;
}

void mien_functionals(const double *x, int64_t n, double *scratch, double *out) {
    int64_t highest = 0, lowest = 0;
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        highest = x[i] > x[highest] ? i : highest;
        lowest = x[i] < x[lowest] ? i : lowest;
        sum += x[i];
    }
    out[0] = (double)highest / (double)n;
    out[1] = (double)lowest / (double)n;
    out[2] = sum / (double)n;
    take_line(x, n, out[2], out + 3);
    take_moments(x, n, out[2], out + 7);
    memcpy(scratch, x, (size_t)n * sizeof *x);
    const places w = places_of(n);
    sort(scratch, 0, n, &w, 64);
    for (int q = 0; q < 3; q++) {
        out[10 + q] = quantile(scratch, n, 0.25 * (q + 1));
    }
    out[13] = out[11] - out[10];
    out[14] = out[12] - out[11];
    out[15] = out[12] - out[10];
    out[16] = quantile(scratch, n, 0.01);
    out[17] = quantile(scratch, n, 0.99);
    out[18] = out[17] - out[16];
    out[19] = share_above(x, n, x[lowest], x[highest], 0.75f);
    out[20] = share_above(x, n, x[lowest], x[highest], 0.9f);
}
