/* SPDX-License-Identifier: MIT */
/* The registry of metrics and their common moments. */
#include "eval/metric.h"
#include "base/need.h"

#include <math.h>
#include <string.h>

static const mien_metric *const metrics[] = {
#define X(name) &mien_metric_##name,
#include "eval/metrics.def"
#undef X
};

int mien_metric_count(void) {
    return (int)(sizeof metrics / sizeof metrics[0]);
}

int mien_metric_usual_count(void) {
    int count = 0;
    while (count < mien_metric_count() && !metrics[count]->on_request) {
        count++;
    }
    return count;
}

const mien_metric *mien_metric_at(int index) {
    return index >= 0 && index < mien_metric_count() ? metrics[index] : NULL;
}

const mien_metric *mien_metric_find(const char *name) {
    MIEN_NEED_OR(NULL, name);
    for (int i = 0; i < mien_metric_count(); i++) {
        if (strcmp(metrics[i]->name, name) == 0) {
            return metrics[i];
        }
    }
    return NULL;
}

/* ---- moments ------------------------------------------------------------------- */

static double prediction_of_null(const mien_pairs *pairs, int64_t row) {
    return pairs->null ? pairs->null[row] : 0;
}

mien_origin mien_origin_of(const mien_pairs *pairs) {
    mien_origin o = {0};
    for (int64_t i = 0; i < pairs->n; i++) {
        double t = pairs->truth[i], p = pairs->prediction[i];
        double null = prediction_of_null(pairs, i);
        o.t += t;
        o.p += p;
        o.d += p - null;
        o.scale_t = fmax(o.scale_t, fabs(t));
        o.scale_p = fmax(o.scale_p, fmax(fabs(p), fabs(null)));
    }
    if (pairs->n > 0) {
        o.t /= (double)pairs->n;
        o.p /= (double)pairs->n;
        o.d /= (double)pairs->n;
    }
    return o;
}

void mien_pair_sums_add(mien_pair_sums *sums, const mien_pairs *pairs,
    const mien_origin *origin, int64_t row) {
    double truth = pairs->truth[row], prediction = pairs->prediction[row];
    double null = prediction_of_null(pairs, row), error = truth - prediction;
    double t = truth - origin->t, p = prediction - origin->p;
    double d = prediction - null - origin->d;
    sums->n++;
    sums->t += t;
    sums->tt += t * t;
    sums->p += p;
    sums->pp += p * p;
    sums->tp += t * p;
    sums->d += d;
    sums->dd += d * d;
    sums->td += t * d;
    sums->absolute += fabs(error);
    sums->square += error * error;
    sums->null_square += (truth - null) * (truth - null);
    sums->share += truth == 0 ? INFINITY : fabs(error / truth);
}

/* A variance below this share of the squared scale may be rounding. */
#define DOUBTFUL 1e-11

mien_moments mien_moments_of(const mien_pair_sums *sums, const mien_origin *origin,
    bool has_null, mien_doubts *doubts) {
    const mien_pair_sums *s = sums;
    double n = s->n, t = s->t / n, p = s->p / n, d = s->d / n;
    double t0 = origin->t, p0 = origin->p;
    mien_moments m = {.n = n,
        .mean_t = t0 + t,
        .mean_p = p0 + p,
        .var_t = fmax(0, s->tt / n - t * t),
        .var_p = fmax(0, s->pp / n - p * p),
        .cov = s->tp / n - t * p,
        .var_d = fmax(0, s->dd / n - d * d),
        .cov_d = s->td / n - t * d,
        .absolute = s->absolute / n,
        .square = s->square / n,
        .share = s->share / n,
        .null_square = s->null_square / n,
        .raw_tt = s->tt / n + 2 * t0 * t + t0 * t0,
        .raw_pp = s->pp / n + 2 * p0 * p + p0 * p0,
        .raw_tp = s->tp / n + t0 * p + p0 * t + t0 * p0};
    if (!has_null) {
        m.null_square = m.var_t;
    }
    *doubts =
        (mien_doubts){.t = m.var_t <= DOUBTFUL * origin->scale_t * origin->scale_t,
            .p = m.var_p <= DOUBTFUL * origin->scale_p * origin->scale_p,
            .d = m.var_d <= DOUBTFUL * origin->scale_p * origin->scale_p};
    return m;
}

void mien_extremes_start(mien_extremes *extremes) {
    *extremes =
        (mien_extremes){INFINITY, -INFINITY, INFINITY, -INFINITY, INFINITY, -INFINITY};
}

void mien_extremes_add(mien_extremes *extremes, const mien_pairs *pairs, int64_t row) {
    double t = pairs->truth[row], p = pairs->prediction[row];
    double d = p - prediction_of_null(pairs, row);
    extremes->low_t = fmin(extremes->low_t, t);
    extremes->high_t = fmax(extremes->high_t, t);
    extremes->low_p = fmin(extremes->low_p, p);
    extremes->high_p = fmax(extremes->high_p, p);
    extremes->low_d = fmin(extremes->low_d, d);
    extremes->high_d = fmax(extremes->high_d, d);
}

/* Relative rounding: a number that was written with 15 digits and read again is the
 * same up to ROUNDING; the answer of a model that answers the mean, but computes
 * with floats, up to ROUNDING_OF_FLOATS. */
#define ROUNDING 1e-14
#define ROUNDING_OF_FLOATS 2.4e-7

void mien_moments_settle(mien_moments *moments, const mien_extremes *extremes,
    const mien_origin *origin, bool has_null) {
    const mien_extremes *e = extremes;
    double scale_d = (has_null ? ROUNDING_OF_FLOATS : ROUNDING) * origin->scale_p;
    if (e->high_t - e->low_t <= ROUNDING * origin->scale_t) {
        moments->var_t = moments->cov = moments->cov_d = 0;
        moments->null_square = has_null ? moments->null_square : 0;
    }
    if (e->high_p - e->low_p <= ROUNDING * origin->scale_p) {
        moments->var_p = moments->cov = 0;
    }
    if (e->high_d - e->low_d <= scale_d) {
        moments->var_d = moments->cov_d = 0;
    }
}

double mien_metric_value(const mien_metric *metric, const mien_pairs *pairs) {
    MIEN_NEED_OR((double)NAN, metric, pairs);
    const mien_origin origin = mien_origin_of(pairs);
    mien_pair_sums sums = {0};
    mien_doubts doubts;
    if (pairs->n < 1) {
        return NAN;
    }
    for (int64_t i = 0; i < pairs->n; i++) {
        mien_pair_sums_add(&sums, pairs, &origin, i);
    }
    mien_moments m = mien_moments_of(&sums, &origin, pairs->null != NULL, &doubts);
    if (doubts.t || doubts.p || doubts.d) {
        mien_extremes e;
        mien_extremes_start(&e);
        for (int64_t i = 0; i < pairs->n; i++) {
            mien_extremes_add(&e, pairs, i);
        }
        mien_moments_settle(&m, &e, &origin, pairs->null != NULL);
    }
    return metric->of(&m);
}
