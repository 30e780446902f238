/* SPDX-License-Identifier: MIT */
/* Standardising: mean and 1 / SD of each value over the items a fold trains on, and
 * what stands for single values that are missing. Trainers measure, runners apply. */
#include <math.h>
#include <stdlib.h>

#include "base/need.h"
#include "mien/inputs.h"

/* A spread that float32 cannot tell from rounding is none. */
#define SMALLEST_SPREAD 1e-7
#define SMALLEST 1e-30

void mien_standard_clear(mien_standard *standard) {
    MIEN_NEED_OR(, standard);
    mien_free(standard->mean);
    mien_free(standard->scale);
    mien_free(standard->fill);
    *standard = (mien_standard){0};
}

/* Sums over items; there [width] counts values that are not missing. */
typedef struct sums {
    double *mean, *square;
    int64_t *there;
} sums;

/* Sums over the items, of which none lacks a value; else some mean is NaN. */
static void add_whole(const sums *s, int64_t width, const float *values,
    const int64_t *items, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        const float *x = values + items[i] * width;
        for (int64_t k = 0; k < width; k++) {
            s->mean[k] += (double)x[k];
        }
    }
}

static void add_whole_squares(const sums *s, int64_t width, const float *values,
    const int64_t *items, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        const float *x = values + items[i] * width;
        for (int64_t k = 0; k < width; k++) {
            double d = (double)x[k] - s->mean[k];
            s->square[k] += d * d;
        }
    }
}

static bool some_missing(const sums *s, int64_t width) {
    bool missing = false;
    for (int64_t k = 0; k < width; k++) {
        missing = missing || isnan(s->mean[k]);
    }
    return missing;
}

static void add_items(const sums *s, int64_t width, const float *values,
    const int64_t *items, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        const float *x = values + items[i] * width;
        for (int64_t k = 0; k < width; k++) {
            if (!isnan(x[k])) {
                s->mean[k] += (double)x[k];
                s->there[k]++;
            }
        }
    }
}

static void add_squares(const sums *s, int64_t width, const float *values,
    const int64_t *items, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        const float *x = values + items[i] * width;
        for (int64_t k = 0; k < width; k++) {
            if (!isnan(x[k])) {
                double d = (double)x[k] - s->mean[k];
                s->square[k] += d * d;
            }
        }
    }
}

/* Fills s->mean with sums and s->there; whether a value is missing. Most inputs lack
 * none, and their loops run without a branch. */
static bool sum_up(const sums *s, int64_t width, const float *values,
    const int64_t *items, int64_t count) {
    add_whole(s, width, values, items, count);
    bool missing = some_missing(s, width);
    for (int64_t k = 0; k < width; k++) {
        s->mean[k] = missing ? 0 : s->mean[k];
        s->there[k] = missing ? 0 : count;
    }
    if (missing) {
        add_items(s, width, values, items, count);
    }
    return missing;
}

static int ascending(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Median of the values that are there; of an even number the mean of the middle two. */
static float median_of(float *values, int64_t n) {
    qsort(values, (size_t)n, sizeof *values, ascending);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static mien_status fill_medians(
    mien_standard *standard, const float *values, const int64_t *items, int64_t count) {
    float *column = mien_alloc((size_t)count, sizeof *column);
    standard->fill = mien_alloc((size_t)standard->width, sizeof *standard->fill);
    if (!column || !standard->fill) {
        mien_free(column);
        return MIEN_ENOMEM;
    }
    for (int64_t k = 0; k < standard->width; k++) {
        int64_t n = 0;
        for (int64_t i = 0; i < count; i++) {
            float x = values[items[i] * standard->width + k];
            if (!isnan(x)) {
                column[n++] = x;
            }
        }
        standard->fill[k] = median_of(column, n);
    }
    mien_free(column);
    return MIEN_OK;
}

mien_status mien_standard_measure(mien_standard *standard, int64_t width,
    const float *values, const int64_t *items, int64_t count) {
    MIEN_NEED(standard, values || count < 1, items || count < 1);
    size_t n = (size_t)width;
    *standard = (mien_standard){.width = width,
        .mean = mien_alloc(n, sizeof(float)),
        .scale = mien_alloc(n, sizeof(float))};
    sums s = {mien_alloc(n, sizeof(double)), mien_alloc(n, sizeof(double)),
        mien_alloc(n, sizeof(int64_t))};
    bool missing = false;
    mien_status status =
        standard->mean && standard->scale && s.mean && s.square && s.there
            ? MIEN_OK
            : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        missing = sum_up(&s, width, values, items, count);
    }
    for (int64_t k = 0; status == MIEN_OK && k < width; k++) {
        if (s.there[k] == 0) {
            status = mien_fail(MIEN_EFORMAT,
                "value %lld is missing in all of the %lld items to learn from",
                (long long)k, (long long)count);
        } else {
            s.mean[k] /= (double)s.there[k];
        }
    }
    if (status == MIEN_OK) {
        (missing ? add_squares : add_whole_squares)(&s, width, values, items, count);
    }
    for (int64_t k = 0; status == MIEN_OK && k < width; k++) {
        double deviation = sqrt(s.square[k] / (double)s.there[k]);
        bool varies =
            deviation > SMALLEST_SPREAD * fabs(s.mean[k]) && deviation > SMALLEST;
        standard->mean[k] = (float)s.mean[k];
        standard->scale[k] = varies ? (float)(1 / deviation) : 0;
    }
    if (status == MIEN_OK && missing) {
        status = fill_medians(standard, values, items, count);
    }
    mien_free(s.there);
    mien_free(s.square);
    mien_free(s.mean);
    return status;
}

void mien_standard_apply(
    const mien_standard *standard, int64_t n, const float *x, float *y) {
    MIEN_NEED_OR(, standard, x || n < 1, y || n < 1);
    const float *mean = standard->mean, *scale = standard->scale;
    const float *fill = standard->fill;
    int64_t width = standard->width;
    for (int64_t i = 0; i < n; i++, x += width, y += width) {
        for (int64_t k = 0; k < width; k++) {
            float value = fill && isnan(x[k]) ? fill[k] : x[k];
            y[k] = (value - mean[k]) * scale[k];
        }
    }
}
