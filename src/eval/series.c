/* SPDX-License-Identifier: MIT */
/* Correlation of series whose rows resemble their neighbours, and how sure it is. */
#include <math.h>

#include "eval/student.h"
#include "mien/eval.h"

static double mean_of(const double *x, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += x[i];
    }
    return sum / (double)n;
}

/* ---- correlation --------------------------------------------------------------- */

typedef struct sums {
    double tt, pp, tp;
} sums;

/* Adds pairs truth[i], prediction[i] about their own means. */
static void add_pairs(
    sums *s, const double *truth, const double *prediction, int64_t n) {
    if (n < 1) {
        return;
    }
    double t0 = mean_of(truth, n), p0 = mean_of(prediction, n);
    for (int64_t i = 0; i < n; i++) {
        double t = truth[i] - t0, p = prediction[i] - p0;
        s->tt += t * t;
        s->pp += p * p;
        s->tp += t * p;
    }
}

static double r_of(const sums *s) {
    return s->tt > 0 && s->pp > 0 ? s->tp / sqrt(s->tt * s->pp) : (double)NAN;
}

static double r_at(const mien_series *series, int64_t lag) {
    sums s = {0};
    for (int64_t g = 0; g < series->groups; g++) {
        int64_t first = series->first[g], n = series->first[g + 1] - first;
        int64_t size = lag < 0 ? -lag : lag;
        add_pairs(&s, series->truth + first + (lag < 0 ? size : 0),
            series->prediction + first + (lag > 0 ? size : 0), n - size);
    }
    return r_of(&s);
}

double mien_series_r(const mien_series *series) {
    return r_at(series, 0);
}

int64_t mien_series_lags(const mien_series *series, int64_t most, double *r) {
    int64_t best = 0;
    for (int64_t lag = -most; lag <= most; lag++) {
        r[lag + most] = r_at(series, lag);
    }
    for (int64_t size = 1; size <= most; size++) {
        for (int64_t lag = -size; lag <= size; lag += 2 * size) {
            double now = r[lag + most], then = r[best + most];
            best = now > then || (isfinite(now) && !isfinite(then)) ? lag : best;
        }
    }
    return best;
}

/* ---- effective rows ------------------------------------------------------------ */

/* Σ (x_i − mean)(x_{i + j} − mean) / (n − j), over Σ (x_i − mean)² / n. */
static double autocorrelation(const double *x, int64_t n, double mean, int64_t j) {
    double above = 0, below = 0;
    for (int64_t i = 0; i < n; i++) {
        below += (x[i] - mean) * (x[i] - mean);
    }
    for (int64_t i = 0; i + j < n; i++) {
        above += (x[i] - mean) * (x[i + j] - mean);
    }
    return below > 0 ? (above / (double)(n - j)) / (below / (double)n) : 0;
}

static double effective_of(const double *truth, const double *prediction, int64_t n) {
    double t0 = mean_of(truth, n), p0 = mean_of(prediction, n), sum = 0;
    for (int64_t j = 1; j <= n / 5; j++) {
        sum += (double)(n - j) / (double)n * autocorrelation(truth, n, t0, j) *
               autocorrelation(prediction, n, p0, j);
    }
    double inverse = (1 + 2 * sum) / (double)n;
    return inverse > 1 / (double)n ? 1 / inverse : (double)n;
}

double mien_series_effective(const mien_series *series) {
    double sum = 0;
    for (int64_t g = 0; g < series->groups; g++) {
        int64_t first = series->first[g], n = series->first[g + 1] - first;
        sum += n > 0
                   ? effective_of(series->truth + first, series->prediction + first, n)
                   : 0;
    }
    return sum;
}

double mien_correlation_p(double r, double freedom) {
    if (!isfinite(r) || !(freedom > 0)) {
        return (double)NAN;
    }
    double rest = (1 - r) * (1 + r);
    return rest > 0 ? mien_student_tails(fabs(r) * sqrt(freedom / rest), freedom) : 0;
}

/* ---- turning round ------------------------------------------------------------- */

typedef struct turning {
    const mien_series *series;
    const double *truth; /* about the means of groups */
    uint64_t seed;
    bool all; /* shift i is i */
    double *sum;
} turning;

static double turned(const turning *c, int64_t g, int64_t shift) {
    int64_t first = c->series->first[g], n = c->series->first[g + 1] - first;
    const double *t = c->truth + first, *p = c->series->prediction + first;
    double sum = 0;
    for (int64_t i = 0; i < n - shift; i++) {
        sum += t[i] * p[i + shift];
    }
    for (int64_t i = n - shift; i < n; i++) {
        sum += t[i] * p[i + shift - n];
    }
    return sum;
}

/* Means and variances stay what they are, so the covariance says which r is larger. */
static mien_status turn(void *context, int64_t index, int worker) {
    const turning *c = context;
    mien_stream stream;
    (void)worker;
    mien_stream_init(&stream, c->seed, (uint64_t)index, 1);
    c->sum[index] = 0;
    for (int64_t g = 0; g < c->series->groups; g++) {
        int64_t n = c->series->first[g + 1] - c->series->first[g];
        int64_t drawn = (int64_t)(mien_stream_uniform(&stream) * (double)n);
        c->sum[index] += turned(c, g, c->all ? index : drawn);
    }
    return MIEN_OK;
}

static void centre(const mien_series *series, double *truth) {
    for (int64_t g = 0; g < series->groups; g++) {
        int64_t first = series->first[g], n = series->first[g + 1] - first;
        double mean = n > 0 ? mean_of(series->truth + first, n) : 0;
        for (int64_t i = first; i < first + n; i++) {
            truth[i] = series->truth[i] - mean;
        }
    }
}

/* Shifts that give as much, the one that happened counted once. */
static double share_as_large(const turning *c, int64_t count) {
    double now = 0, size = 0;
    int64_t as_large = 0;
    for (int64_t g = 0; g < c->series->groups; g++) {
        now += turned(c, g, 0);
    }
    for (int64_t i = 0; i < count; i++) {
        size = fmax(size, fabs(c->sum[i]));
    }
    for (int64_t i = 0; i < count; i++) {
        as_large += c->sum[i] >= now - 1e-12 * size;
    }
    return c->all ? (double)as_large / (double)count
                  : (double)(as_large + 1) / (double)(count + 1);
}

mien_status mien_series_shift_test(const mien_series *series, int repeats,
    uint64_t seed, mien_pool *pool, mien_shift_test *test) {
    int64_t rows = series->first[series->groups];
    if (repeats < 1 || rows < 1) {
        return mien_fail(
            MIEN_EINVAL, "shift test: %lld rows, %d repeats", (long long)rows, repeats);
    }
    bool all = series->groups == 1 && rows <= repeats;
    int64_t count = all ? rows : repeats;
    double *truth = mien_alloc((size_t)rows, sizeof *truth);
    turning c = {.series = series,
        .truth = truth,
        .seed = seed,
        .all = all,
        .sum = mien_alloc((size_t)count, sizeof *c.sum)};
    mien_status status = truth && c.sum ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        centre(series, truth);
        status = mien_pool_run(pool, count, turn, &c);
    }
    if (status == MIEN_OK) {
        double r = mien_series_r(series);
        *test = (mien_shift_test){.r = r,
            .p = isfinite(r) ? share_as_large(&c, count) : (double)NAN,
            .shifts = all ? count : count + 1};
    }
    mien_free(c.sum);
    mien_free(truth);
    return status;
}
