/* SPDX-License-Identifier: MIT */
/* How ratings vary between persons, between stimuli, and else: a mixed model with
 * crossed random intercepts, by Henderson's first method (sums of squares set equal to
 * what they are expected to be). In come values with the numbers of their persons and
 * stimuli, in any balance; out go three variances, with intervals where each person and
 * each stimulus has been left out. `mien evaluate --variance` asks for those of the
 * truth and of what predictions leave of it. */
#include "eval/variance.h"
#include "base/need.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* All rows of one person with one stimulus. */
typedef struct cell {
    int64_t person, stimulus;
    double n, all, square;
} cell;

/* Of a side (persons, stimuli): its sums, counts, and Σ of squared counts of its cells.
 */
typedef struct side {
    double *sum, *count, *cross;
    int64_t units;
} side;

typedef struct sums {
    double n, all, square;
    side person, stimulus;
    cell *cells;
    int64_t count; /* of cells */
} sums;

static void side_clear(side *s) {
    mien_free(s->sum);
    mien_free(s->count);
    mien_free(s->cross);
}

static void sums_clear(sums *s) {
    side_clear(&s->person);
    side_clear(&s->stimulus);
    mien_free(s->cells);
}

static mien_status side_init(side *s, int64_t units) {
    size_t n = (size_t)units;
    *s = (side){.units = units,
        .sum = mien_alloc(n, sizeof *s->sum),
        .count = mien_alloc(n, sizeof *s->count),
        .cross = mien_alloc(n, sizeof *s->cross)};
    return s->sum && s->count && s->cross ? MIEN_OK : MIEN_ENOMEM;
}

static int by_person(const void *a, const void *b) {
    const cell *x = a, *y = b;
    return x->person != y->person
               ? (x->person > y->person ? 1 : -1)
               : (x->stimulus > y->stimulus) - (x->stimulus < y->stimulus);
}

static int by_stimulus(const void *a, const void *b) {
    const cell *x = a, *y = b;
    return x->stimulus != y->stimulus
               ? (x->stimulus > y->stimulus ? 1 : -1)
               : (x->person > y->person) - (x->person < y->person);
}

static void side_add(side *s, int64_t unit, const cell *c, double sign) {
    s->sum[unit] += sign * c->all;
    s->count[unit] += sign * c->n;
    s->cross[unit] += sign * c->n * c->n;
}

/* sign -1 leaves the cell out, 1 puts it in. */
static void add(sums *s, const cell *c, double sign) {
    s->n += sign * c->n;
    s->all += sign * c->all;
    s->square += sign * c->square;
    side_add(&s->person, c->person, c, sign);
    side_add(&s->stimulus, c->stimulus, c, sign);
}

/* Numbers 0, 1, … in the order of the first row; how many there are. */
static int64_t number_anew(
    const int64_t *from, int64_t n, int64_t *number, int64_t *to) {
    int64_t units = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t *of = &number[from[i]];
        *of = *of ? *of : ++units;
        to[i] = *of - 1;
    }
    return units;
}

/* Cells of values about their mean, sorted by persons: sums of squares of large means
 * would lose digits. person, stimulus: numbered anew. */
static void make_cells(sums *s, const double *y, const int64_t *person,
    const int64_t *stimulus, int64_t n) {
    double mean = 0;
    for (int64_t i = 0; i < n; i++) {
        mean += y[i] / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        double v = y[i] - mean;
        s->cells[i] = (cell){person[i], stimulus[i], 1, v, v * v};
    }
    qsort(s->cells, (size_t)n, sizeof *s->cells, by_person);
    for (int64_t i = 0; i < n; i++) {
        const cell *c = &s->cells[i];
        cell *last = s->count ? &s->cells[s->count - 1] : NULL;
        if (last && by_person(last, c) == 0) {
            last->n += c->n;
            last->all += c->all;
            last->square += c->square;
        } else {
            s->cells[s->count++] = *c;
        }
    }
}

static mien_status sums_init(sums *s, const double *y, const int64_t *person,
    const int64_t *stimulus, int64_t n, int64_t persons, int64_t stimuli) {
    int64_t *p = mien_alloc((size_t)n, sizeof *p);
    int64_t *t = mien_alloc((size_t)n, sizeof *t);
    int64_t *person_number = mien_alloc((size_t)persons, sizeof *person_number);
    int64_t *stimulus_number = mien_alloc((size_t)stimuli, sizeof *stimulus_number);
    s->cells = mien_alloc((size_t)n, sizeof *s->cells);
    mien_status status =
        p && t && person_number && stimulus_number && s->cells ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = side_init(&s->person, number_anew(person, n, person_number, p));
    }
    if (status == MIEN_OK) {
        status = side_init(&s->stimulus, number_anew(stimulus, n, stimulus_number, t));
    }
    if (status == MIEN_OK) {
        make_cells(s, y, p, t, n);
        for (int64_t k = 0; k < s->count; k++) {
            add(s, &s->cells[k], 1);
        }
    }
    mien_free(p);
    mien_free(t);
    mien_free(person_number);
    mien_free(stimulus_number);
    return status;
}

typedef struct moments {
    double t, there, square; /* Σ sum²/count, how many are there, Σ count² */
    double overlap;          /* Σ of squared counts of cells by the unit's count */
} moments;

static moments moments_of(const side *s) {
    moments m = {0};
    for (int64_t k = 0; k < s->units; k++) {
        if (s->count[k] > 0) {
            m.t += s->sum[k] * s->sum[k] / s->count[k];
            m.there++;
            m.square += s->count[k] * s->count[k];
            m.overlap += s->cross[k] / s->count[k];
        }
    }
    return m;
}

/* Three equations by elimination with the largest pivot; false: they do not tell. */
static bool solve(double a[3][4], double x[3]) {
    for (int k = 0; k < 3; k++) {
        int best = k;
        for (int r = k + 1; r < 3; r++) {
            best = fabs(a[r][k]) > fabs(a[best][k]) ? r : best;
        }
        for (int c = 0; c < 4; c++) {
            double keep = a[k][c];
            a[k][c] = a[best][c];
            a[best][c] = keep;
        }
        if (!(fabs(a[k][k]) > 1e-9 * (1 + fabs(a[k][3])))) {
            return false;
        }
        for (int r = 0; r < 3; r++) {
            double share = r == k ? 0 : a[r][k] / a[k][k];
            for (int c = k; c < 4; c++) {
                a[r][c] -= share * a[k][c];
            }
        }
    }
    for (int k = 0; k < 3; k++) {
        x[k] = a[k][3] / a[k][k];
    }
    return true;
}

/* x [3]: persons, stimuli, rest, also below 0; NaN where the rows do not tell. */
static void estimate(const sums *s, double *x) {
    const moments p = moments_of(&s->person), t = moments_of(&s->stimulus);
    double mean = s->all * s->all / s->n;
    double a[3][4] = {
        {s->n - p.square / s->n, p.overlap - t.square / s->n, p.there - 1, p.t - mean},
        {t.overlap - p.square / s->n, s->n - t.square / s->n, t.there - 1, t.t - mean},
        {s->n - p.square / s->n, s->n - t.square / s->n, s->n - 1, s->square - mean}};
    if (!solve(a, x)) {
        x[0] = x[1] = x[2] = (double)NAN;
    }
}

/* ---- intervals ----------------------------------------------------------------- */

/* without [units, 3]: estimates without the rows of each unit, whose cells stand
 * together. */
static void leave_out(sums *s, bool stimuli, double *without) {
    for (int64_t i = 0, end; i < s->count; i = end) {
        const cell *c = s->cells;
        int64_t unit = stimuli ? c[i].stimulus : c[i].person;
        for (end = i;
             end < s->count && (stimuli ? c[end].stimulus : c[end].person) == unit;
             end++) {
            add(s, &c[end], -1);
        }
        estimate(s, without + 3 * unit);
        for (int64_t k = i; k < end; k++) {
            add(s, &c[k], 1);
        }
    }
}

/* The jackknife's variance of a component, NaN where one is; on the logarithm or as it
 * is. */
static double jackknife(const double *without, int64_t units, int which, bool log_of) {
    double mean = 0, square = 0, n = (double)units;
    for (int64_t k = 0; k < units; k++) {
        double x = without[3 * k + which];
        mean += (log_of ? log(x) : x) / n;
    }
    for (int64_t k = 0; k < units; k++) {
        double x = without[3 * k + which];
        double d = (log_of ? log(x) : x) - mean;
        square += d * d;
    }
    return (n - 1) / n * square;
}

static bool all_above(const double *without, int64_t units, int which) {
    bool above = true;
    for (int64_t k = 0; k < units; k++) {
        above = above && without[3 * k + which] > 0;
    }
    return above;
}

static void intervals_of(const double x[3], const double *persons, int64_t p,
    const double *stimuli, int64_t t, double level, mien_interval intervals[3]) {
    double few = (double)(p < t ? p : t) - 1;
    for (int w = 0; w < 3; w++) {
        mien_interval *i = &intervals[w];
        *i = (mien_interval){
            isfinite(x[w]) ? fmax(0, x[w]) : (double)NAN, (double)NAN, (double)NAN};
        if (few < 1 || !isfinite(x[w])) {
            continue;
        }
        bool logs = x[w] > 0 && all_above(persons, p, w) && all_above(stimuli, t, w);
        double half =
            mien_student_two_sided(1 - level, few) *
            sqrt(fmax(jackknife(persons, p, w, logs), jackknife(stimuli, t, w, logs)));
        if (isfinite(half)) {
            i->low = logs ? x[w] * exp(-half) : fmax(0, x[w] - half);
            i->high = logs ? x[w] * exp(half) : fmax(0, x[w] + half);
        }
    }
}

static mien_status check(const double *y, const int64_t *person,
    const int64_t *stimulus, int64_t n, int64_t persons, int64_t stimuli) {
    if (n < 1 || persons < 1 || stimuli < 1) {
        return mien_fail(MIEN_EINVAL, "variances need rows with persons and stimuli");
    }
    for (int64_t i = 0; i < n; i++) {
        if (person[i] < 0 || person[i] >= persons || stimulus[i] < 0 ||
            stimulus[i] >= stimuli || !isfinite(y[i])) {
            return mien_fail(MIEN_EINVAL,
                "row %lld: person, stimulus or value is out of range", (long long)i);
        }
    }
    return MIEN_OK;
}

mien_status mien_variance_of(const double *y, const int64_t *person,
    const int64_t *stimulus, int64_t n, int64_t persons, int64_t stimuli,
    mien_variance *variance) {
    MIEN_NEED(y || n < 1, person || n < 1, stimulus || n < 1, variance);
    sums s = {0};
    mien_status status = check(y, person, stimulus, n, persons, stimuli);
    if (status == MIEN_OK) {
        status = sums_init(&s, y, person, stimulus, n, persons, stimuli);
    }
    if (status == MIEN_OK) {
        double x[3];
        estimate(&s, x);
        bool told = isfinite(x[0]);
        *variance = (mien_variance){told ? fmax(0, x[0]) : (double)NAN,
            told ? fmax(0, x[1]) : (double)NAN, told ? fmax(0, x[2]) : (double)NAN,
            s.person.units, s.stimulus.units};
    }
    sums_clear(&s);
    return status;
}

mien_status mien_variance_intervals(const double *y, const int64_t *person,
    const int64_t *stimulus, int64_t n, int64_t persons, int64_t stimuli, double level,
    mien_interval intervals[3]) {
    MIEN_NEED(y || n < 1, person || n < 1, stimulus || n < 1, intervals);
    sums s = {0};
    double *p = NULL, *t = NULL, x[3];
    mien_status status = check(y, person, stimulus, n, persons, stimuli);
    if (status == MIEN_OK) {
        status = sums_init(&s, y, person, stimulus, n, persons, stimuli);
    }
    if (status == MIEN_OK) {
        p = mien_alloc(3 * (size_t)s.person.units, sizeof *p);
        t = mien_alloc(3 * (size_t)s.stimulus.units, sizeof *t);
        status = p && t ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        estimate(&s, x);
        leave_out(&s, false, p);
        qsort(s.cells, (size_t)s.count, sizeof *s.cells, by_stimulus);
        leave_out(&s, true, t);
        intervals_of(x, p, s.person.units, t, s.stimulus.units, level, intervals);
    }
    mien_free(p);
    mien_free(t);
    sums_clear(&s);
    return status;
}
