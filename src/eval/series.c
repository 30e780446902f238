/* SPDX-License-Identifier: MIT */
/* Correlation of series whose rows resemble their neighbours, and how sure it is. */
#include <math.h>

#include "eval/student.h"
#include "base/need.h"
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

/* Whether a series varies by nothing but rounding. */
static bool is_constant(const double *x, int64_t n) {
    double low = x[0], high = x[0];
    for (int64_t i = 1; i < n; i++) {
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
    }
    return high - low <= 1e-14 * fmax(fabs(low), fabs(high));
}

/* Adds pairs truth[i], prediction[i] about their own means. */
static void add_pairs(
    sums *s, const double *truth, const double *prediction, int64_t n) {
    if (n < 1) {
        return;
    }
    double t0 = mean_of(truth, n), p0 = mean_of(prediction, n);
    bool still_t = is_constant(truth, n), still_p = is_constant(prediction, n);
    for (int64_t i = 0; i < n; i++) {
        double t = still_t ? 0 : truth[i] - t0, p = still_p ? 0 : prediction[i] - p0;
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
    MIEN_NEED_OR((double)NAN, series);
    return r_at(series, 0);
}

int64_t mien_series_lags(const mien_series *series, int64_t most, double *r) {
    MIEN_NEED_OR(0, series, r);
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

/* Coefficient of a first-order autoregression; a short series shows less of it than
 * there is, by (1 + 4 φ) / n (Marriott & Pope 1954). */
static double autoregression(const double *x, int64_t n) {
    double rows = (double)n;
    double shown = autocorrelation(x, n, mean_of(x, n), 1) * (rows - 1) / rows;
    return fmin(0.995, fmax(-0.99, (shown * rows + 1) / (rows - 4)));
}

/* The same as effective_of(), of two such autoregressions. */
static double effective_of_autoregressions(
    const double *truth, const double *prediction, int64_t n) {
    double product = autoregression(truth, n) * autoregression(prediction, n);
    double power = 1, sum = 0;
    product = fmin(0.9999, fmax(0, product));
    for (int64_t j = 1; j < n && power > 1e-12; j++) {
        power *= product;
        sum += (double)(n - j) / (double)n * power;
    }
    return (double)n / (1 + 2 * sum);
}

double mien_series_effective(const mien_series *series) {
    MIEN_NEED_OR((double)NAN, series);
    double sum = 0;
    for (int64_t g = 0; g < series->groups; g++) {
        int64_t first = series->first[g], n = series->first[g + 1] - first;
        const double *truth = series->truth + first, *p = series->prediction + first;
        double rows = n > 0 ? effective_of(truth, p, n) : 0;
        if (series->groups > 1 && n > 5) {
            rows = fmin(rows, effective_of_autoregressions(truth, p, n));
        }
        sum += rows;
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
    uint64_t seed, mien_thread_pool *pool, mien_shift_test *test) {
    MIEN_NEED(series, test);
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
        status = mien_thread_pool_run(pool, count, turn, &c);
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

/* ---- exchanging films ---------------------------------------------------------- */

/* Films are exchanged all with all, so that each pair is looked at once. */
enum { FILMS_MAX = 1024 };

typedef struct exchange {
    const mien_series *series;
    sums *pair; /* [groups, groups]: truth of one, prediction of another */
    uint64_t seed;
    double *r;      /* [repeats] */
    int64_t *order; /* [workers, groups] */
} exchange;

/* Exchanges the predictions of two films, as far as both go. */
static mien_status pair_films(void *context, int64_t film, int worker) {
    const exchange *e = context;
    const mien_series *s = e->series;
    int64_t rows = s->first[film + 1] - s->first[film];
    (void)worker;
    for (int64_t other = 0; other < s->groups; other++) {
        int64_t n = s->first[other + 1] - s->first[other];
        add_pairs(&e->pair[film * s->groups + other], s->truth + s->first[film],
            s->prediction + s->first[other], n < rows ? n : rows);
    }
    return MIEN_OK;
}

static double r_of_order(const exchange *e, const int64_t *order) {
    sums all = {0};
    for (int64_t g = 0; g < e->series->groups; g++) {
        const sums *s = &e->pair[g * e->series->groups + (order ? order[g] : g)];
        all.tt += s->tt;
        all.pp += s->pp;
        all.tp += s->tp;
    }
    return r_of(&all);
}

/* A random order (Fisher and Yates). */
static mien_status exchange_films(void *context, int64_t index, int worker) {
    const exchange *e = context;
    int64_t groups = e->series->groups, *order = e->order + worker * groups;
    mien_stream stream;
    mien_stream_init(&stream, e->seed, (uint64_t)index, 2);
    for (int64_t g = 0; g < groups; g++) {
        int64_t at = (int64_t)(mien_stream_uniform(&stream) * (double)(g + 1));
        order[g] = order[at];
        order[at] = g;
    }
    e->r[index] = r_of_order(e, order);
    return MIEN_OK;
}

mien_status mien_series_film_test(const mien_series *series, int repeats, uint64_t seed,
    mien_thread_pool *pool, double *p) {
    MIEN_NEED(series, p);
    size_t groups = (size_t)series->groups;
    size_t workers = pool ? (size_t)mien_thread_pool_threads(pool) : 1;
    int64_t as_large = 0;
    *p = (double)NAN;
    if (repeats < 1) {
        return mien_fail(MIEN_EINVAL, "film test: %d repeats", repeats);
    }
    if (series->groups < 2 || series->groups > FILMS_MAX) {
        return MIEN_OK;
    }
    exchange e = {.series = series,
        .pair = mien_alloc(groups * groups, sizeof *e.pair),
        .seed = seed,
        .r = mien_alloc((size_t)repeats, sizeof *e.r),
        .order = mien_alloc(workers * groups, sizeof *e.order)};
    mien_status status = e.pair && e.r && e.order ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_thread_pool_run(pool, series->groups, pair_films, &e);
    }
    if (status == MIEN_OK) {
        status = mien_thread_pool_run(pool, repeats, exchange_films, &e);
    }
    double now = status == MIEN_OK ? r_of_order(&e, NULL) : (double)NAN;
    for (int i = 0; isfinite(now) && i < repeats; i++) {
        as_large += e.r[i] >= now - 1e-12;
    }
    if (isfinite(now)) {
        *p = (double)(as_large + 1) / (double)(repeats + 1);
    }
    mien_free(e.order);
    mien_free(e.r);
    mien_free(e.pair);
    return status;
}
