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

/* What is resampled: rows are places in [0, n), with repeats. */
typedef double statistic(
    const void *context, const int64_t *row, int64_t n, double *scratch);

typedef struct resampling {
    statistic *compute;
    const void *context;
    int columns; /* doubles of scratch that the statistic needs for each row */
    const groups *groups;
    uint64_t seed;
    double *sample;  /* [repeats] */
    int64_t *row;    /* [threads][room] */
    double *scratch; /* [threads][columns][room] */
    int64_t room;
} resampling;

/* One resample: each repeat has a random stream of its own, so threads do not matter.
 */
static mien_status resample(void *context, int64_t repeat, int worker) {
    resampling *s = context;
    const groups *g = s->groups;
    int64_t *row = s->row + worker * s->room;
    mien_stream stream;
    mien_stream_init(&stream, s->seed, (uint64_t)repeat, 0);
    int64_t n = 0;
    for (int64_t k = 0; k < g->count; k++) {
        int64_t drawn = (int64_t)(mien_stream_uniform(&stream) * (double)g->count);
        for (int64_t i = g->first[drawn]; i < g->first[drawn + 1]; i++) {
            row[n++] = g->row[i];
        }
    }
    s->sample[repeat] =
        s->compute(s->context, row, n, s->scratch + worker * s->columns * s->room);
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

static double value_of_all(const resampling *s, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        s->row[i] = i;
    }
    return s->compute(s->context, s->row, n, s->scratch);
}

static mien_status check(int64_t n, const mien_bootstrap_options *o) {
    if (n < 1 || o->repeats < 1 || !(o->level > 0 && o->level < 1)) {
        return mien_fail(MIEN_EINVAL,
            "bootstrap: %lld rows, %d repeats, level %g: at least 1 row and 1 repeat "
            "and a "
            "level between 0 and 1 are needed",
            (long long)n, o->repeats, o->level);
    }
    return MIEN_OK;
}

static mien_status bootstrap(resampling *s, const int64_t *group, int64_t n,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval) {
    mien_bootstrap_options o = options ? *options : mien_bootstrap_options_default();
    mien_status status = check(n, &o);
    if (status != MIEN_OK) {
        return status;
    }
    groups g;
    status = groups_init(&g, group, n);
    s->groups = &g;
    s->seed = o.seed;
    if (status != MIEN_OK) {
        goto done;
    }
    s->room = g.largest * g.count;
    s->sample = mien_alloc((size_t)o.repeats, sizeof *s->sample);
    size_t all = (pool ? (size_t)mien_pool_threads(pool) : 1) * (size_t)s->room;
    s->row = mien_alloc(all, sizeof *s->row);
    s->scratch = mien_alloc(all * (size_t)s->columns, sizeof *s->scratch);
    if (!s->sample || !s->row || !s->scratch) {
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
    double tail = (1 - o.level) / 2;
    interval->value = value_of_all(s, n);
    interval->low = defined ? quantile(s->sample, defined, tail) : NAN;
    interval->high = defined ? quantile(s->sample, defined, 1 - tail) : NAN;
done:
    groups_clear(&g);
    mien_free(s->sample);
    mien_free(s->row);
    mien_free(s->scratch);
    return status;
}

/* ---- pairs of numbers --------------------------------------------------------- */

typedef struct pairs {
    const mien_metric *metric;
    const double *truth;
    const double *const *each; /* [count] predictions whose metrics are averaged */
    int count;
    const double *const *others; /* [others_count] the same of what is taken off */
    int others_count;
} pairs;

static double of_prediction(const pairs *p, const double *prediction,
    const int64_t *row, int64_t n, const double *truth, double *room) {
    for (int64_t i = 0; i < n; i++) {
        room[i] = prediction[row[i]];
    }
    return p->metric->compute(truth, room, n);
}

static double of_pairs(
    const void *context, const int64_t *row, int64_t n, double *scratch) {
    const pairs *p = context;
    double *truth = scratch, *room = truth + n, sum = 0, off = 0;
    for (int64_t i = 0; i < n; i++) {
        truth[i] = p->truth[row[i]];
    }
    for (int k = 0; k < p->count; k++) {
        sum += of_prediction(p, p->each[k], row, n, truth, room);
    }
    for (int k = 0; k < p->others_count; k++) {
        off += of_prediction(p, p->others[k], row, n, truth, room);
    }
    sum /= p->count;
    return p->others_count ? sum - off / p->others_count : sum;
}

static mien_status bootstrap_pairs(const pairs *p, const int64_t *group, int64_t n,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval) {
    resampling s = {.compute = of_pairs, .context = p, .columns = 2};
    return bootstrap(&s, group, n, options, pool, interval);
}

mien_status mien_bootstrap(const mien_metric *metric, const double *truth,
    const double *prediction, const int64_t *group, int64_t n,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval) {
    return mien_bootstrap_mean(
        metric, truth, &prediction, 1, group, n, options, pool, interval);
}

mien_status mien_bootstrap_mean(const mien_metric *metric, const double *truth,
    const double *const *predictions, int count, const int64_t *group, int64_t n,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval) {
    return mien_bootstrap_mean_difference(
        metric, truth, predictions, count, NULL, 0, group, n, options, pool, interval);
}

mien_status mien_bootstrap_mean_difference(const mien_metric *metric,
    const double *truth, const double *const *a, int a_count, const double *const *b,
    int b_count, const int64_t *group, int64_t n, const mien_bootstrap_options *options,
    mien_pool *pool, mien_interval *interval) {
    if (a_count < 1) {
        return mien_fail(MIEN_EINVAL, "bootstrap: the mean of no predictions");
    }
    pairs p = {.metric = metric,
        .truth = truth,
        .each = a,
        .count = a_count,
        .others = b,
        .others_count = b_count};
    return bootstrap_pairs(&p, group, n, options, pool, interval);
}

mien_status mien_bootstrap_difference(const mien_metric *metric, const double *truth,
    const double *a, const double *b, const int64_t *group, int64_t n,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval) {
    return mien_bootstrap_mean_difference(
        metric, truth, &a, 1, &b, b != NULL, group, n, options, pool, interval);
}

/* ---- classes ------------------------------------------------------------------ */

typedef struct answers {
    const mien_class_metric *metric;
    const mien_class_answers *each; /* [count] whose metrics are averaged */
    int count;
    const mien_class_answers *other; /* [others] those of the second of a difference */
    int others;                      /* 0: there is no difference */
} answers;

/* The metric of some of the rows that count; `room` holds their numbers. */
static double of_rows(const mien_class_metric *metric, const mien_class_answers *from,
    const int64_t *row, int64_t n, int64_t *room) {
    mien_class_answers some = *from;
    for (int64_t i = 0; i < n; i++) {
        room[i] = from->row ? from->row[row[i]] : row[i];
    }
    some.row = room;
    some.n = n;
    return metric->compute(&some);
}

static double of_answers(
    const void *context, const int64_t *row, int64_t n, double *scratch) {
    const answers *p = context;
    int64_t *room = (int64_t *)(void *)scratch;
    double sum = 0, other = 0;
    for (int k = 0; k < p->count; k++) {
        sum += of_rows(p->metric, &p->each[k], row, n, room);
    }
    for (int k = 0; k < p->others; k++) {
        other += of_rows(p->metric, &p->other[k], row, n, room);
    }
    return sum / p->count - (p->others ? other / p->others : 0);
}

static mien_status check_same(
    const mien_class_answers *a, const mien_class_answers *b) {
    mien_status status = mien_class_answers_check(b);
    if (status == MIEN_OK && b->n != a->n) {
        status = mien_fail(MIEN_EINVAL,
            "bootstrap: %lld and %lld answers cannot be compared", (long long)a->n,
            (long long)b->n);
    }
    return status;
}

static mien_status bootstrap_answers(const answers *p, const int64_t *group,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval) {
    resampling s = {.compute = of_answers, .context = p, .columns = 1};
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < p->count; k++) {
        status = check_same(p->each, &p->each[k]);
    }
    for (int k = 0; status == MIEN_OK && k < p->others; k++) {
        status = check_same(p->each, &p->other[k]);
    }
    return status == MIEN_OK ? bootstrap(&s, group, p->each->n, options, pool, interval)
                             : status;
}

mien_status mien_class_bootstrap(const mien_class_metric *metric,
    const mien_class_answers *a, const int64_t *group,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval) {
    return mien_class_bootstrap_mean(metric, a, 1, group, options, pool, interval);
}

mien_status mien_class_bootstrap_mean(const mien_class_metric *metric,
    const mien_class_answers *each, int count, const int64_t *group,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval) {
    if (count < 1) {
        return mien_fail(MIEN_EINVAL, "bootstrap: the mean of no answers");
    }
    answers p = {.metric = metric, .each = each, .count = count};
    return bootstrap_answers(&p, group, options, pool, interval);
}

mien_status mien_class_bootstrap_difference(const mien_class_metric *metric,
    const mien_class_answers *a, const mien_class_answers *b, const int64_t *group,
    const mien_bootstrap_options *options, mien_pool *pool, mien_interval *interval) {
    return mien_class_bootstrap_mean_difference(
        metric, a, 1, b, 1, group, options, pool, interval);
}

mien_status mien_class_bootstrap_mean_difference(const mien_class_metric *metric,
    const mien_class_answers *a, int a_count, const mien_class_answers *b, int b_count,
    const int64_t *group, const mien_bootstrap_options *options, mien_pool *pool,
    mien_interval *interval) {
    if (a_count < 1 || b_count < 1) {
        return mien_fail(MIEN_EINVAL, "bootstrap: the mean of no answers");
    }
    answers p = {
        .metric = metric, .each = a, .count = a_count, .other = b, .others = b_count};
    return bootstrap_answers(&p, group, options, pool, interval);
}
