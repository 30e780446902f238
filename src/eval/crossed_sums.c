/* SPDX-License-Identifier: MIT */
/* Makes sums of rows of persons in front of stimuli, of numbers (moments) and of
 * classes (counts), and figures of such sums; interval_crossed.c resamples them. */
#include "eval/crossed.h"
#include "base/need.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- figures --------------------------------------------------------------------- */

static void values_of_numbers(
    const mien_crossed *c, int answer, const double *sums, double *values) {
    mien_pair_sums s;
    mien_doubts doubts;
    memcpy(&s, sums, sizeof s);
    mien_moments m =
        mien_moments_of(&s, &c->origin[answer], c->has_null[answer], &doubts);
    if (doubts.t) {
        m.var_t = m.cov = m.cov_d = 0;
    }
    if (doubts.p) {
        m.var_p = m.cov = 0;
    }
    if (doubts.d) {
        m.var_d = m.cov_d = 0;
    }
    for (int f = 0; f < c->figures; f++) {
        const mien_metric *metric = c->figure[f].metric;
        values[f] = s.n >= 0.5 ? metric->of(&m) : (double)NAN;
    }
}

/* Sums of probabilities, then of each class its rows, answers and right answers. */
static void values_of_classes(
    const mien_crossed *c, const double *sums, double *values) {
    mien_class_counts counts = {.classes = c->classes};
    size_t classes = (size_t)c->classes;
    memcpy(&counts.sums, sums, sizeof counts.sums);
    sums += MIEN_CLASS_SUMS;
    memcpy(counts.truth, sums, classes * sizeof *sums);
    memcpy(counts.predicted, sums + classes, classes * sizeof *sums);
    memcpy(counts.right, sums + 2 * classes, classes * sizeof *sums);
    for (int f = 0; f < c->figures; f++) {
        const mien_class_metric *metric = c->figure[f].metric;
        values[f] = counts.sums.n >= 0.5 ? metric->of(&counts) : (double)NAN;
    }
}

void mien_crossed_values(
    const mien_crossed *crossed, int answer, const double *sums, double *values) {
    if (crossed->origin) {
        values_of_numbers(crossed, answer, sums, values);
    } else {
        values_of_classes(crossed, sums, values);
    }
}

/* ---- units ----------------------------------------------------------------------- */

/* One side of the crossed design: its units, and the unit of each row. */
typedef struct side {
    int64_t n;
    const int64_t *person, *stimulus;
    int64_t *unit; /* [n] */
} side;

typedef struct pair {
    int64_t person, stimulus, row; /* row: of a, then of b */
} pair;

static int by_pair(const void *a, const void *b) {
    const pair *x = a, *y = b;
    return x->person != y->person ? (x->person > y->person) - (x->person < y->person)
           : x->stimulus != y->stimulus
               ? (x->stimulus > y->stimulus) - (x->stimulus < y->stimulus)
               : (x->row > y->row) - (x->row < y->row);
}

static mien_status check_numbers(const mien_crossed *c, const side *s) {
    for (int64_t i = 0; i < s->n; i++) {
        if (s->person[i] < 0 || s->person[i] >= c->persons || s->stimulus[i] < 0 ||
            s->stimulus[i] >= c->stimuli) {
            return mien_fail(MIEN_EINVAL,
                "row %lld: person %lld of %lld, stimulus %lld of %lld", (long long)i,
                (long long)s->person[i], (long long)c->persons,
                (long long)s->stimulus[i], (long long)c->stimuli);
        }
    }
    return MIEN_OK;
}

/* Gives every row of both sides its unit. Persons and stimuli without rows are left
 * out of the numbers: none of them can be left out of a sample or drawn. */
static void number_units(mien_crossed *c, const pair *pairs, int64_t count, side *a,
    side *b, int64_t *stimulus) {
    int64_t persons = 0, stimuli = 0;
    for (int64_t i = 0; i < count; i++) {
        const pair *p = &pairs[i];
        persons += i == 0 || p->person != p[-1].person;
        if (i == 0 || p->person != p[-1].person || p->stimulus != p[-1].stimulus) {
            int64_t *number = &stimulus[p->stimulus];
            *number = *number ? *number : ++stimuli; /* 0: not met yet */
            c->stimulus[c->units++] = *number - 1;
            c->first[persons] = c->units;
        }
        int64_t *unit = p->row < a->n ? &a->unit[p->row] : &b->unit[p->row - a->n];
        *unit = c->units - 1;
    }
    c->persons = persons;
    c->stimuli = stimuli;
}

static mien_status make_units(mien_crossed *c, side *a, side *b) {
    int64_t all = a->n + b->n;
    pair *pairs = mien_alloc((size_t)all, sizeof *pairs);
    int64_t *met = mien_alloc((size_t)c->stimuli, sizeof *met);
    a->unit = mien_alloc((size_t)a->n, sizeof *a->unit);
    b->unit = mien_alloc((size_t)b->n, sizeof *b->unit);
    c->first = mien_alloc((size_t)c->persons + 1, sizeof *c->first);
    c->stimulus = mien_alloc((size_t)all, sizeof *c->stimulus);
    mien_status status = check_numbers(c, a);
    status = status ? status : check_numbers(c, b);
    if (status == MIEN_OK &&
        !(pairs && met && a->unit && b->unit && c->first && c->stimulus)) {
        status = MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < all; i++) {
        const side *s = i < a->n ? a : b;
        int64_t row = i < a->n ? i : i - a->n;
        pairs[i] = (pair){s->person[row], s->stimulus[row], i};
    }
    if (status == MIEN_OK) {
        qsort(pairs, (size_t)all, sizeof *pairs, by_pair);
        number_units(c, pairs, all, a, b, met);
    }
    mien_free(met);
    mien_free(pairs);
    return status;
}

static void crossed_clear(mien_crossed *c, side *a, side *b) {
    mien_free(c->scale);
    mien_free(c->first);
    mien_free(c->stimulus);
    mien_free(c->sums);
    mien_free(c->origin);
    mien_free(c->has_null);
    mien_free(a->unit);
    mien_free(b->unit);
}

/* Everything but the sums' values; answers and width are known. */
static mien_status crossed_init(mien_crossed *c, side *a, side *b) {
    if (c->a < 1 || a->n < 1 || (c->answers > c->a && b->n < 1)) {
        return mien_fail(MIEN_EINVAL,
            "intervals: no predictions: at least one row and one answer are needed");
    }
    mien_status status = make_units(c, a, b);
    if (status != MIEN_OK) {
        return status;
    }
    c->sums = mien_alloc(
        (size_t)c->answers * (size_t)c->units * (size_t)c->width, sizeof *c->sums);
    c->scale = mien_alloc((size_t)c->figures, sizeof *c->scale);
    for (int f = 0; f < c->figures; f++) {
        c->any_within = c->any_within || c->figure[f].within;
    }
    return c->sums && c->scale ? MIEN_OK : MIEN_ENOMEM;
}

/* ---- numbers --------------------------------------------------------------------- */

static void sum_numbers(mien_crossed *c, int answer, const mien_crossed_sample *from,
    const double *prediction, const int64_t *unit) {
    const mien_pairs pairs = {from->n, from->truth, prediction, from->null};
    double *sums = c->sums + (int64_t)answer * c->units * c->width;
    c->origin[answer] = mien_origin_of(&pairs);
    c->has_null[answer] = from->null != NULL;
    for (int64_t i = 0; i < from->n; i++) {
        mien_pair_sums one = {0};
        mien_pair_sums_add(&one, &pairs, &c->origin[answer], i);
        const double *x = (const double *)&one;
        for (int k = 0; k < MIEN_PAIR_SUMS; k++) {
            sums[unit[i] * c->width + k] += x[k];
        }
    }
}

mien_status mien_crossed_intervals(const mien_crossed_figure *figures, int count,
    const mien_crossed_sample *a, const mien_crossed_sample *b, int64_t persons,
    int64_t stimuli, const mien_interval_options *options, mien_thread_pool *pool,
    mien_interval *intervals) {
    MIEN_NEED(figures, a, intervals);
    mien_crossed c = {.figure = figures,
        .figures = count,
        .persons = persons,
        .stimuli = stimuli,
        .a = a->count,
        .answers = a->count + (b ? b->count : 0),
        .width = MIEN_PAIR_SUMS};
    side of_a = {a->n, a->person, a->stimulus, NULL}, of_b = {0};
    if (b) {
        of_b = (side){b->n, b->person, b->stimulus, NULL};
    }
    mien_status status = crossed_init(&c, &of_a, &of_b);
    if (status == MIEN_OK) {
        c.origin = mien_alloc((size_t)c.answers, sizeof *c.origin);
        c.has_null = mien_alloc((size_t)c.answers, sizeof *c.has_null);
        status = c.origin && c.has_null ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        for (int k = 0; k < c.answers; k++) {
            bool first = k < c.a;
            sum_numbers(&c, k, first ? a : b,
                first ? a->predictions[k] : b->predictions[k - c.a],
                first ? of_a.unit : of_b.unit);
        }
        for (int f = 0; f < count; f++) {
            const mien_metric *metric = figures[f].metric;
            c.scale[f] = b ? MIEN_SCALE_PLAIN : metric->scale;
        }
        status = mien_crossed_resample(&c, options, pool, intervals);
    }
    crossed_clear(&c, &of_a, &of_b);
    return status;
}

/* ---- classes --------------------------------------------------------------------- */

static void sum_classes(
    mien_crossed *c, int answer, const mien_class_answers *from, const int64_t *unit) {
    double *sums = c->sums + (int64_t)answer * c->units * c->width;
    for (int64_t i = 0; i < from->n; i++) {
        double *to = sums + unit[i] * c->width;
        mien_class_sums one = {0};
        mien_class_sums_add(&one, from, i);
        const double *x = (const double *)&one;
        int truth = from->truth[i], given = mien_answer_of(from, i);
        for (int k = 0; k < MIEN_CLASS_SUMS; k++) {
            to[k] += x[k];
        }
        to[MIEN_CLASS_SUMS + truth]++;
        to[MIEN_CLASS_SUMS + c->classes + given]++;
        to[MIEN_CLASS_SUMS + 2 * c->classes + truth] += truth == given;
    }
}

mien_status mien_crossed_class_intervals(const mien_crossed_figure *figures, int count,
    const mien_crossed_class_sample *a, const mien_crossed_class_sample *b,
    int64_t persons, int64_t stimuli, const mien_interval_options *options,
    mien_thread_pool *pool, mien_interval *intervals) {
    MIEN_NEED(figures, a, intervals);
    mien_crossed c = {.figure = figures,
        .figures = count,
        .persons = persons,
        .stimuli = stimuli,
        .a = a->count,
        .answers = a->count + (b ? b->count : 0),
        .classes = a->count ? a->answers->classes : 0};
    c.width = (int)MIEN_CLASS_SUMS + 3 * c.classes;
    side of_a = {a->count ? a->answers->n : 0, a->person, a->stimulus, NULL};
    side of_b = {0};
    mien_status status = MIEN_OK;
    if (b) {
        of_b = (side){b->answers->n, b->person, b->stimulus, NULL};
    }
    for (int k = 0; status == MIEN_OK && k < c.answers; k++) {
        status =
            mien_class_answers_check(k < c.a ? &a->answers[k] : &b->answers[k - c.a]);
    }
    status = status ? status : crossed_init(&c, &of_a, &of_b);
    if (status == MIEN_OK) {
        for (int k = 0; k < c.answers; k++) {
            bool first = k < c.a;
            sum_classes(&c, k, first ? &a->answers[k] : &b->answers[k - c.a],
                first ? of_a.unit : of_b.unit);
        }
        for (int f = 0; f < count; f++) {
            const mien_class_metric *metric = figures[f].metric;
            c.scale[f] = b ? MIEN_SCALE_PLAIN : metric->scale;
        }
        status = mien_crossed_resample(&c, options, pool, intervals);
    }
    crossed_clear(&c, &of_a, &of_b);
    return status;
}
