/* SPDX-License-Identifier: MIT */
/* How ratings vary between persons, between stimuli, and else: a mixed model with
 * crossed random intercepts, by Henderson's first method (sums of squares set equal to
 * what they are expected to be). In come values with the numbers of their persons and
 * stimuli, in any balance; `mien evaluate --variance` asks for those of the truth and
 * of what predictions leave of it. */
#include "base/need.h"
#include "mien/eval.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct sums {
    double n, all, square;
    double *person, *stimulus, *of_person, *of_stimulus; /* sums, counts */
    int64_t persons, stimuli;
} sums;

static void sums_clear(sums *s) {
    mien_free(s->person);
    mien_free(s->stimulus);
    mien_free(s->of_person);
    mien_free(s->of_stimulus);
}

static mien_status sums_init(sums *s, int64_t persons, int64_t stimuli) {
    *s = (sums){.persons = persons,
        .stimuli = stimuli,
        .person = mien_alloc((size_t)persons, sizeof(double)),
        .stimulus = mien_alloc((size_t)stimuli, sizeof(double)),
        .of_person = mien_alloc((size_t)persons, sizeof(double)),
        .of_stimulus = mien_alloc((size_t)stimuli, sizeof(double))};
    return s->person && s->stimulus && s->of_person && s->of_stimulus ? MIEN_OK
                                                                      : MIEN_ENOMEM;
}

/* Values about their mean: sums of squares of large means would lose digits. */
static void add_all(sums *s, const double *y, const int64_t *person,
    const int64_t *stimulus, int64_t n) {
    double mean = 0;
    for (int64_t i = 0; i < n; i++) {
        mean += y[i] / (double)n;
    }
    for (int64_t i = 0; i < n; i++) {
        double v = y[i] - mean;
        s->n++;
        s->all += v;
        s->square += v * v;
        s->person[person[i]] += v;
        s->of_person[person[i]]++;
        s->stimulus[stimulus[i]] += v;
        s->of_stimulus[stimulus[i]]++;
    }
}

typedef struct cell {
    int64_t person, stimulus;
} cell;

static int by_cell(const void *a, const void *b) {
    const cell *x = a, *y = b;
    return x->person != y->person
               ? (x->person > y->person ? 1 : -1)
               : (x->stimulus > y->stimulus) - (x->stimulus < y->stimulus);
}

/* Σ n_ps² / n_p, and the same over n_s. */
static mien_status overlap(const sums *s, const int64_t *person,
    const int64_t *stimulus, int64_t n, double *by_person, double *by_stimulus) {
    cell *cells = mien_alloc((size_t)n, sizeof *cells);
    if (!cells) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        cells[i] = (cell){person[i], stimulus[i]};
    }
    qsort(cells, (size_t)n, sizeof *cells, by_cell);
    *by_person = *by_stimulus = 0;
    for (int64_t i = 0, end; i < n; i = end) {
        end = i + 1;
        while (end < n && by_cell(&cells[i], &cells[end]) == 0) {
            end++;
        }
        double square = (double)(end - i) * (double)(end - i);
        *by_person += square / s->of_person[cells[i].person];
        *by_stimulus += square / s->of_stimulus[cells[i].stimulus];
    }
    mien_free(cells);
    return MIEN_OK;
}

/* Σ sum²/count, how many are there, Σ count². */
static void moments(const double *sum, const double *count, int64_t n, double *t,
    double *there, double *square) {
    *t = *there = *square = 0;
    for (int64_t k = 0; k < n; k++) {
        if (count[k] > 0) {
            *t += sum[k] * sum[k] / count[k];
            ++*there;
            *square += count[k] * count[k];
        }
    }
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

static mien_status estimate(const sums *s, const int64_t *person,
    const int64_t *stimulus, int64_t n, mien_variance *out) {
    double p_t, p_there, p_square, s_t, s_there, s_square, by_person, by_stimulus;
    moments(s->person, s->of_person, s->persons, &p_t, &p_there, &p_square);
    moments(s->stimulus, s->of_stimulus, s->stimuli, &s_t, &s_there, &s_square);
    mien_status status = overlap(s, person, stimulus, n, &by_person, &by_stimulus);
    if (status != MIEN_OK) {
        return status;
    }
    double mean = s->all * s->all / s->n;
    double a[3][4] = {
        {s->n - p_square / s->n, by_person - s_square / s->n, p_there - 1, p_t - mean},
        {by_stimulus - p_square / s->n, s->n - s_square / s->n, s_there - 1,
            s_t - mean},
        {s->n - p_square / s->n, s->n - s_square / s->n, s->n - 1, s->square - mean}};
    double x[3];
    *out = (mien_variance){
        (double)NAN, (double)NAN, (double)NAN, (int64_t)p_there, (int64_t)s_there};
    if (solve(a, x)) {
        out->person = fmax(0, x[0]);
        out->stimulus = fmax(0, x[1]);
        out->rest = fmax(0, x[2]);
    }
    return MIEN_OK;
}

mien_status mien_variance_of(const double *y, const int64_t *person,
    const int64_t *stimulus, int64_t n, int64_t persons, int64_t stimuli,
    mien_variance *variance) {
    MIEN_NEED(y || n < 1, person || n < 1, stimulus || n < 1, variance);
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
    sums s;
    mien_status status = sums_init(&s, persons, stimuli);
    if (status == MIEN_OK) {
        add_all(&s, y, person, stimulus, n);
        status = estimate(&s, person, stimulus, n, variance);
    }
    sums_clear(&s);
    return status;
}
