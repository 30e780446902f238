/* SPDX-License-Identifier: MIT */
/* Figures of numbers as functions of the groups that count: each group's sums are made
 * once, and a draw adds them up. */
#include <math.h>
#include <string.h>

#include "eval/interval.h"
#include "eval/interval_across.h"
#include "base/need.h"
#include "eval/metric.h"

/* An extreme over groups, and what it is without the group it lies in. */
typedef struct extreme {
    double first, second;
    int64_t group;
} extreme;

enum { EXTREMES = sizeof(mien_extremes) / sizeof(double) };

/* One prediction of the rows. */
typedef struct prediction {
    mien_pairs pairs;
    mien_origin origin;
    mien_pair_sums total;
    mien_pair_sums *sums;    /* [groups] */
    mien_extremes *extremes; /* [groups] */
    extreme all[EXTREMES];   /* lowest at even places, highest at odd ones */
} prediction;

typedef struct comparison {
    const mien_metric *const *metrics;
    int figures;
    mien_row_groups groups;
    prediction *each; /* [a + b] */
    int a, b;
} comparison;

static void comparison_clear(comparison *c) {
    for (int k = 0; c->each && k < c->a + c->b; k++) {
        mien_free(c->each[k].sums);
        mien_free(c->each[k].extremes);
    }
    mien_free(c->each);
    mien_row_groups_clear(&c->groups);
}

/* ---- groups -------------------------------------------------------------------- */

static bool beyond(int place, double x, double than) {
    return place % 2 ? x > than : x < than;
}

static void note_extremes(prediction *p, int64_t group) {
    double x[EXTREMES];
    memcpy(x, &p->extremes[group], sizeof x);
    for (int k = 0; k < EXTREMES; k++) {
        extreme *e = &p->all[k];
        if (beyond(k, x[k], e->first)) {
            e->second = e->first;
            e->first = x[k];
            e->group = group;
        } else if (beyond(k, x[k], e->second)) {
            e->second = x[k];
        }
    }
}

static void add_sums(mien_pair_sums *to, const mien_pair_sums *from, double times) {
    double *x = (double *)to;
    const double *y = (const double *)from;
    for (int k = 0; k < MIEN_PAIR_SUMS; k++) {
        x[k] += times * y[k];
    }
}

static mien_status prediction_init(
    prediction *p, const mien_pairs *pairs, const mien_row_groups *groups) {
    const mien_row_groups *g = groups;
    *p = (prediction){.pairs = *pairs,
        .origin = mien_origin_of(pairs),
        .sums = mien_alloc((size_t)g->count, sizeof *p->sums),
        .extremes = mien_alloc((size_t)g->count, sizeof *p->extremes)};
    if (!p->sums || !p->extremes) {
        return MIEN_ENOMEM;
    }
    for (int k = 0; k < EXTREMES; k++) {
        double least = k % 2 ? -INFINITY : INFINITY;
        p->all[k] = (extreme){least, least, -1};
    }
    for (int64_t k = 0; k < g->count; k++) {
        mien_extremes_start(&p->extremes[k]);
        for (int64_t i = g->first[k]; i < g->first[k + 1]; i++) {
            mien_pair_sums_add(&p->sums[k], pairs, &p->origin, g->row[i]);
            mien_extremes_add(&p->extremes[k], pairs, g->row[i]);
        }
        add_sums(&p->total, &p->sums[k], 1);
        note_extremes(p, k);
    }
    return MIEN_OK;
}

/* ---- a draw -------------------------------------------------------------------- */

/* Whether taking a group off the total would leave little but rounding. */
static bool dominates(const mien_pair_sums *one, const mien_pair_sums *total) {
    const double share = 0.9;
    return one->tt > share * total->tt || one->pp > share * total->pp ||
           one->dd > share * total->dd || one->square > share * total->square ||
           one->null_square > share * total->null_square;
}

static mien_pair_sums sums_without(const prediction *p, int64_t group, int64_t groups) {
    mien_pair_sums sums = p->total;
    if (group < 0) {
        return sums;
    }
    if (!dominates(&p->sums[group], &p->total)) {
        add_sums(&sums, &p->sums[group], -1);
        return sums;
    }
    sums = (mien_pair_sums){0};
    for (int64_t k = 0; k < groups; k++) {
        add_sums(&sums, &p->sums[k], k != group);
    }
    return sums;
}

static mien_pair_sums sums_of(
    const prediction *p, const mien_draw *draw, int64_t groups) {
    mien_pair_sums sums = {0};
    if (!draw->times) {
        return sums_without(p, draw->without, groups);
    }
    for (int64_t k = 0; k < groups; k++) {
        if (draw->times[k]) {
            add_sums(&sums, &p->sums[k], draw->times[k]);
        }
    }
    return sums;
}

static mien_extremes extremes_of(
    const prediction *p, const mien_draw *draw, int64_t groups) {
    mien_extremes of;
    double x[EXTREMES], y[EXTREMES];
    mien_extremes_start(&of);
    memcpy(x, &of, sizeof x);
    for (int k = 0; !draw->times && k < EXTREMES; k++) {
        const extreme *e = &p->all[k];
        x[k] = e->group == draw->without ? e->second : e->first;
    }
    for (int64_t g = 0; draw->times && g < groups; g++) {
        memcpy(y, &p->extremes[g], sizeof y);
        for (int k = 0; draw->times[g] && k < EXTREMES; k++) {
            x[k] = beyond(k, y[k], x[k]) ? y[k] : x[k];
        }
    }
    memcpy(&of, x, sizeof of);
    return of;
}

/* Adds weight times the figures of one prediction. */
static void add_figures(const comparison *c, const prediction *p, const mien_draw *draw,
    double weight, double *figures) {
    mien_doubts doubts;
    const mien_pair_sums sums = sums_of(p, draw, c->groups.count);
    bool null = p->pairs.null != NULL;
    mien_moments m = mien_moments_of(&sums, &p->origin, null, &doubts);
    if (doubts.t || doubts.p || doubts.d) {
        const mien_extremes e = extremes_of(p, draw, c->groups.count);
        mien_moments_settle(&m, &e, &p->origin, null);
    }
    for (int f = 0; f < c->figures; f++) {
        figures[f] += weight * c->metrics[f]->of(&m);
    }
}

static void compute(
    const void *context, const mien_draw *draw, void *room, double *figures) {
    const comparison *c = context;
    (void)room;
    memset(figures, 0, (size_t)c->figures * sizeof *figures);
    for (int k = 0; k < c->a + c->b; k++) {
        double weight = k < c->a ? 1.0 / c->a : -1.0 / c->b;
        add_figures(c, &c->each[k], draw, weight, figures);
    }
}

/* ---- all ----------------------------------------------------------------------- */

static mien_status add_sample(
    comparison *c, int at, const mien_sample *a, const mien_sample *of) {
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < of->count; k++) {
        const mien_pairs pairs = {.n = a->n,
            .truth = a->truth,
            .prediction = of->predictions[k],
            .null = of->null};
        status = prediction_init(&c->each[at + k], &pairs, &c->groups);
    }
    return status;
}

static mien_status comparison_init(
    comparison *c, const mien_sample *a, const mien_sample *b) {
    c->a = a->count;
    c->b = b ? b->count : 0;
    if (a->n < 1 || c->a < 1 || (b && c->b < 1)) {
        return mien_fail(MIEN_EINVAL,
            "intervals: %lld rows, %d predictions: at least one of each is needed",
            (long long)a->n, b && c->a > 0 ? c->b : c->a);
    }
    c->each = mien_alloc((size_t)(c->a + c->b), sizeof *c->each);
    mien_status status =
        c->each ? mien_row_groups_init(&c->groups, a->group, a->n) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = add_sample(c, 0, a, a);
    }
    return status == MIEN_OK && b ? add_sample(c, c->a, a, b) : status;
}

mien_status mien_intervals(const mien_metric *const *metrics, int count,
    const mien_sample *a, const mien_sample *b, const mien_interval_options *options,
    mien_thread_pool *pool, mien_interval *intervals) {
    MIEN_NEED(metrics, a, intervals);
    if (a->group && a->across) {
        return mien_intervals_across(metrics, count, a, b, options, pool, intervals);
    }
    comparison c = {.metrics = metrics, .figures = count};
    mien_scale *scale = mien_alloc((size_t)count, sizeof *scale);
    mien_status status = scale ? comparison_init(&c, a, b) : MIEN_ENOMEM;
    for (int f = 0; status == MIEN_OK && f < count; f++) {
        scale[f] = b ? MIEN_SCALE_PLAIN : metrics[f]->scale;
    }
    if (status == MIEN_OK) {
        const mien_statistic of = {.context = &c,
            .groups = c.groups.count,
            .figures = count,
            .scale = scale,
            .room = 1,
            .compute = compute};
        status = mien_statistic_intervals(&of, options, pool, intervals);
    }
    comparison_clear(&c);
    mien_free(scale);
    return status;
}

static double mean_of(const mien_moments *moments) {
    return moments->mean_p;
}

mien_status mien_interval_of_mean(const double *x, int64_t n,
    const mien_interval_options *options, mien_thread_pool *pool,
    mien_interval *interval) {
    MIEN_NEED(x || n < 1, interval);
    static const mien_metric mean = {.name = "mean", .of = mean_of};
    const mien_metric *const metrics[] = {&mean};
    const mien_sample sample = {
        .n = n, .truth = x, .predictions = (const double *const[]){x}, .count = 1};
    return mien_intervals(metrics, 1, &sample, NULL, options, pool, interval);
}
