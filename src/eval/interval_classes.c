/* SPDX-License-Identifier: MIT */
/* Figures of classes as functions of the groups that count: each group's counts are
 * made once, as the cells of its confusion matrix that are not empty, and a draw adds
 * them up. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/class_metric.h"
#include "base/need.h"
#include "eval/interval.h"
#include "eval/interval_across.h"

/* The number of rows of a group that are of one class and taken for another. */
typedef struct cell {
    int truth, answer;
    int64_t rows;
} cell;

/* One answer to the rows. */
typedef struct answered {
    mien_class_counts total;
    mien_class_sums *sums; /* [groups] */
    int64_t *first;        /* [groups + 1] of its cells */
    cell *cells;
} answered;

typedef struct comparison {
    const mien_class_metric *const *metrics;
    int figures, classes;
    mien_row_groups groups;
    answered *each; /* [a + b] */
    int a, b;
} comparison;

static void comparison_clear(comparison *c) {
    for (int k = 0; c->each && k < c->a + c->b; k++) {
        mien_free(c->each[k].sums);
        mien_free(c->each[k].first);
        mien_free(c->each[k].cells);
    }
    mien_free(c->each);
    mien_row_groups_clear(&c->groups);
}

/* ---- groups -------------------------------------------------------------------- */

static int by_place(const void *a, const void *b) {
    const cell *x = a, *y = b;
    return x->truth != y->truth ? x->truth - y->truth : x->answer - y->answer;
}

/* Equal cells become one; returns how many are left. */
static int64_t join(cell *cells, int64_t n) {
    int64_t kept = 0;
    qsort(cells, (size_t)n, sizeof *cells, by_place);
    for (int64_t i = 0; i < n; i++) {
        if (kept && by_place(&cells[kept - 1], &cells[i]) == 0) {
            cells[kept - 1].rows += cells[i].rows;
        } else {
            cells[kept++] = cells[i];
        }
    }
    return kept;
}

static mien_status answered_init(
    answered *a, const mien_class_answers *answers, const mien_row_groups *groups) {
    const mien_row_groups *g = groups;
    int64_t n = 0;
    mien_class_count(answers, &a->total);
    a->sums = mien_alloc((size_t)g->count, sizeof *a->sums);
    a->first = mien_alloc((size_t)g->count + 1, sizeof *a->first);
    a->cells = mien_alloc((size_t)answers->n, sizeof *a->cells);
    if (!a->sums || !a->first || !a->cells) {
        return MIEN_ENOMEM;
    }
    for (int64_t k = 0; k < g->count; k++) {
        int64_t rows = g->first[k + 1] - g->first[k];
        a->first[k] = n;
        for (int64_t i = 0; i < rows; i++) {
            int64_t row = g->row[g->first[k] + i];
            a->cells[n + i] = (cell){
                .truth = answers->truth[row],
                .answer = mien_answer_of(answers, row),
                .rows = 1,
            };
            mien_class_sums_add(&a->sums[k], answers, row);
        }
        n += join(a->cells + n, rows);
    }
    a->first[g->count] = n;
    return MIEN_OK;
}

/* ---- a draw -------------------------------------------------------------------- */

static void add_group(
    mien_class_counts *to, const answered *a, int64_t group, double times) {
    double *x = (double *)&to->sums;
    const double *y = (const double *)&a->sums[group];
    for (int k = 0; k < MIEN_CLASS_SUMS; k++) {
        x[k] += times * y[k];
    }
    for (int64_t i = a->first[group]; i < a->first[group + 1]; i++) {
        const cell *c = &a->cells[i];
        double rows = times * (double)c->rows;
        to->truth[c->truth] += rows;
        to->predicted[c->answer] += rows;
        to->right[c->truth] += c->truth == c->answer ? rows : 0;
    }
}

static void count(const comparison *c, const answered *a, const mien_draw *draw,
    mien_class_counts *counts) {
    if (!draw->times) {
        *counts = a->total;
        if (draw->without >= 0) {
            add_group(counts, a, draw->without, -1);
        }
        return;
    }
    memset(counts, 0, sizeof *counts);
    counts->classes = c->classes;
    for (int64_t k = 0; k < c->groups.count; k++) {
        if (draw->times[k]) {
            add_group(counts, a, k, draw->times[k]);
        }
    }
}

static void compute(
    const void *context, const mien_draw *draw, void *room, double *figures) {
    const comparison *c = context;
    mien_class_counts *counts = room;
    memset(figures, 0, (size_t)c->figures * sizeof *figures);
    for (int k = 0; k < c->a + c->b; k++) {
        double weight = k < c->a ? 1.0 / c->a : -1.0 / c->b;
        count(c, &c->each[k], draw, counts);
        for (int f = 0; f < c->figures; f++) {
            figures[f] += weight * c->metrics[f]->of(counts);
        }
    }
}

/* ---- all ----------------------------------------------------------------------- */

static mien_status check(const mien_class_answers *a, const mien_class_answers *b) {
    mien_status status = mien_class_answers_check(b);
    if (status == MIEN_OK && b->n != a->n) {
        status = mien_fail(MIEN_EINVAL,
            "intervals: %lld and %lld answers cannot be compared", (long long)a->n,
            (long long)b->n);
    }
    return status;
}

static mien_status comparison_init(
    comparison *c, const mien_class_sample *a, const mien_class_sample *b) {
    c->a = a->count;
    c->b = b ? b->count : 0;
    if (c->a < 1 || (b && c->b < 1) || a->answers->n < 1) {
        return mien_fail(
            MIEN_EINVAL, "intervals: no answers: at least one row is needed");
    }
    c->classes = a->answers->classes;
    c->each = mien_alloc((size_t)(c->a + c->b), sizeof *c->each);
    mien_status status = c->each ? MIEN_OK : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < c->a + c->b; k++) {
        status = check(a->answers, k < c->a ? &a->answers[k] : &b->answers[k - c->a]);
    }
    if (status == MIEN_OK) {
        status = mien_row_groups_init(&c->groups, a->group, a->answers->n);
    }
    for (int k = 0; status == MIEN_OK && k < c->a + c->b; k++) {
        status = answered_init(
            &c->each[k], k < c->a ? &a->answers[k] : &b->answers[k - c->a], &c->groups);
    }
    return status;
}

mien_status mien_class_intervals(const mien_class_metric *const *metrics, int count,
    const mien_class_sample *a, const mien_class_sample *b,
    const mien_interval_options *options, mien_thread_pool *pool,
    mien_interval *intervals) {
    MIEN_NEED(metrics, a, intervals);
    if (a->group && a->across) {
        return mien_class_intervals_across(
            metrics, count, a, b, options, pool, intervals);
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
            .room = sizeof(mien_class_counts),
            .compute = compute};
        status = mien_statistic_intervals(&of, options, pool, intervals);
    }
    comparison_clear(&c);
    mien_free(scale);
    return status;
}
