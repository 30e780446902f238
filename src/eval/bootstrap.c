/* SPDX-License-Identifier: MIT */
/* Percentile bootstrap over groups: the interval a figure would move in with other
 * groups. */
#include "mien/eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

mien_bootstrap_options mien_bootstrap_options_default(void) {
    return (mien_bootstrap_options){.repeats = 2000, .level = 0.95, .seed = 1};
}

/* Rows sorted by group: rows of group g are row[first[g]] … row[first[g + 1] − 1]. */
typedef struct groups {
    int64_t count;
    int64_t *first;
    int64_t *row;
    int64_t largest;
} groups;

typedef struct keyed {
    int64_t group, row;
} keyed;

static int by_group_and_row(const void *a, const void *b) {
    const keyed *x = a, *y = b;
    if (x->group != y->group) {
        return x->group < y->group ? -1 : 1;
    }
    return (x->row > y->row) - (x->row < y->row);
}

static void groups_clear(groups *g) {
    mien_free(g->first);
    mien_free(g->row);
}

static mien_status groups_init(groups *g, const int64_t *group, int64_t n) {
    mien_status status = MIEN_ENOMEM;
    keyed *order = mien_alloc((size_t)n, sizeof *order);
    *g = (groups){.first = mien_alloc((size_t)n + 1, sizeof *g->first),
        .row = mien_alloc((size_t)n, sizeof *g->row)};
    if (!order || !g->first || !g->row) {
        goto done;
    }
    for (int64_t i = 0; i < n; i++) {
        order[i] = (keyed){.group = group ? group[i] : i, .row = i};
    }
    qsort(order, (size_t)n, sizeof *order, by_group_and_row);
    for (int64_t i = 0; i < n; i++) {
        if (i == 0 || order[i].group != order[i - 1].group) {
            g->first[g->count++] = i;
        }
        g->row[i] = order[i].row;
    }
    g->first[g->count] = n;
    for (int64_t k = 0; k < g->count; k++) {
        int64_t size = g->first[k + 1] - g->first[k];
        g->largest = size > g->largest ? size : g->largest;
    }
    status = MIEN_OK;
done:
    mien_free(order);
    return status;
}

typedef struct resampling {
    const mien_metric *metric;
    const double *truth, *a, *b; /* b: NULL, or the second prediction of a difference */
    const groups *groups;
    uint64_t seed;
    double *sample;  /* [repeats] */
    double *scratch; /* [threads][3][room] */
    int64_t room;
} resampling;

/* One resample: each repeat has a random stream of its own, so threads do not matter.
 */
static mien_status resample(void *context, int64_t repeat, int worker) {
    resampling *s = context;
    const groups *g = s->groups;
    double *truth = s->scratch + (int64_t)worker * 3 * s->room;
    double *a = truth + s->room, *b = a + s->room;
    mien_stream stream;
    mien_stream_init(&stream, s->seed, (uint64_t)repeat, 0);
    int64_t n = 0;
    for (int64_t k = 0; k < g->count; k++) {
        int64_t drawn = (int64_t)(mien_stream_uniform(&stream) * (double)g->count);
        for (int64_t i = g->first[drawn]; i < g->first[drawn + 1]; i++, n++) {
            truth[n] = s->truth[g->row[i]];
            a[n] = s->a[g->row[i]];
            b[n] = s->b ? s->b[g->row[i]] : 0;
        }
    }
    s->sample[repeat] = s->metric->compute(truth, a, n);
    if (s->b) {
        s->sample[repeat] -= s->metric->compute(truth, b, n);
    }
    return MIEN_OK;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Linear interpolation between order statistics (NumPy's default quantile). */
static double quantile(const double *sorted, int64_t n, double q) {
    double position = q * (double)(n - 1);
    int64_t below = (int64_t)floor(position);
    int64_t above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (position - (double)below) * (sorted[above] - sorted[below]);
}

static mien_status bootstrap(resampling *s, const int64_t *group, int64_t n,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval) {
    mien_bootstrap_options o = options ? *options : mien_bootstrap_options_default();
    if (n < 1 || o.repeats < 1 || !(o.level > 0 && o.level < 1)) {
        return mien_fail(MIEN_EINVAL,
            "bootstrap: %lld rows, %d repeats, level %g: at least 1 row and 1 repeat "
            "and a "
            "level between 0 and 1 are needed",
            (long long)n, o.repeats, o.level);
    }
    groups g;
    mien_status status = groups_init(&g, group, n);
    s->groups = &g;
    s->seed = o.seed;
    if (status != MIEN_OK) {
        goto done;
    }
    s->room = g.largest * g.count;
    s->sample = mien_alloc((size_t)o.repeats, sizeof *s->sample);
    size_t threads = pool ? (size_t)mien_pool_threads(pool) : 1;
    s->scratch = mien_alloc(threads * 3 * (size_t)s->room, sizeof *s->scratch);
    if (!s->sample || !s->scratch) {
        status = MIEN_ENOMEM;
        goto done;
    }
    status = mien_pool_run(pool, o.repeats, resample, s);
    if (status != MIEN_OK) {
        goto done;
    }
    int64_t defined = 0;
    for (int64_t i = 0; i < o.repeats; i++) {
        if (isfinite(s->sample[i])) {
            s->sample[defined++] = s->sample[i];
        }
    }
    qsort(s->sample, (size_t)defined, sizeof *s->sample, ascending);
    interval->value = s->metric->compute(s->truth, s->a, n);
    if (s->b) {
        interval->value -= s->metric->compute(s->truth, s->b, n);
    }
    double tail = (1 - o.level) / 2;
    interval->low = defined ? quantile(s->sample, defined, tail) : NAN;
    interval->high = defined ? quantile(s->sample, defined, 1 - tail) : NAN;
done:
    groups_clear(&g);
    mien_free(s->sample);
    mien_free(s->scratch);
    return status;
}

mien_status mien_bootstrap(const mien_metric *metric, const double *truth,
    const double *prediction, const int64_t *group, int64_t n,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval) {
    resampling s = {.metric = metric, .truth = truth, .a = prediction};
    return bootstrap(&s, group, n, options, pool, interval);
}

mien_status mien_bootstrap_difference(const mien_metric *metric, const double *truth,
    const double *a, const double *b, const int64_t *group, int64_t n,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval) {
    resampling s = {.metric = metric, .truth = truth, .a = a, .b = b};
    return bootstrap(&s, group, n, options, pool, interval);
}
