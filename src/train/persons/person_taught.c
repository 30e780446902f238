/* SPDX-License-Identifier: MIT */
/* Learns from many people about all: norms, hidden tastes, and how people's weights
 * on them are spread; and predicts one more person from a few ratings. Called by
 * person_scores.c for every draw of people, by person_study.c for the model that
 * stays, and by adapt.c for the person it is for. */
#include "train/persons/person.h"

#include <math.h>
#include <string.h>

#include "train/choice.h"
#include "train/solve.h"

const char *const mien_person_form_name[MIEN_PERSON_FORMS] = {
    "norm", "own_mean", "own_trials", "offset", "slope", "features", "low_rank"};

/* Fewer own trials than this leave nothing to choose a ridge by. */
enum { OWN_LEAST = 3, LAMBDAS = 13 };

void mien_taught_clear(mien_taught *t) {
    mien_norm_clear(&t->norm);
    for (int f = 0; f < MIEN_PERSON_FORMS; f++) {
        mien_prior_clear(&t->prior[f]);
    }
    mien_free(t->taste);
    *t = (mien_taught){0};
}

int mien_taught_columns(const mien_taught *taught, mien_person_form form) {
    switch (form) {
    case MIEN_PERSON_OFFSET:
        return 1;
    case MIEN_PERSON_SLOPE:
        return 2;
    case MIEN_PERSON_FEATURES:
        return taught->ratings->columns ? 2 + taught->ratings->columns : 0;
    case MIEN_PERSON_RANK:
        return 2 + taught->ratings->columns + taught->rank;
    default:
        return 0;
    }
}

void mien_taught_row(const mien_taught *taught, mien_person_form form, int64_t stimulus,
    double norm, double *row) {
    const mien_ratings *r = taught->ratings;
    row[0] = 1;
    if (form != MIEN_PERSON_OFFSET) {
        row[1] = norm;
    }
    if (form >= MIEN_PERSON_FEATURES && r->columns) {
        memcpy(row + 2, r->column + stimulus * r->columns,
            (size_t)r->columns * sizeof *row);
    }
    if (form == MIEN_PERSON_RANK && taught->rank) {
        memcpy(row + 2 + r->columns, taught->taste + stimulus * taught->rank,
            (size_t)taught->rank * sizeof *row);
    }
}

double mien_taught_base(const mien_taught *taught, mien_person_form form, double norm) {
    return form == MIEN_PERSON_OFFSET ? taught->level + taught->slope * norm : 0;
}

/* ---- fitting a form's prior ------------------------------------------------------ */

typedef struct crowd {
    const int64_t *people;
    int64_t count;
} crowd;

static void known_clear(mien_known *known, int64_t count) {
    for (int64_t p = 0; known && p < count; p++) {
        mien_known_clear(&known[p]);
    }
    mien_free(known);
}

/* Sums up the ratings of each of the people in the rows of a form, each rating
 * beside the norm of the others. */
static mien_status know_people(
    const mien_taught *t, mien_person_form form, const crowd *of, mien_known **out) {
    const mien_ratings *r = t->ratings;
    int n = mien_taught_columns(t, form);
    double row[MIEN_PERSON_COLUMNS_MAX];
    mien_known *known = mien_alloc((size_t)of->count, sizeof *known);
    mien_status status = known ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t k = 0; status == MIEN_OK && k < of->count; k++) {
        int64_t p = of->people[k];
        status = mien_known_init(&known[k], n);
        for (int64_t i = r->first[p]; status == MIEN_OK && i < r->first[p + 1]; i++) {
            double norm =
                t->outside ? mien_norm_of(&t->norm, r->stimulus[i])
                           : mien_norm_without(&t->norm, r->stimulus[i], r->value[i]);
            mien_taught_row(t, form, r->stimulus[i], norm, row);
            mien_known_add(
                &known[k], n, row, r->value[i] - mien_taught_base(t, form, norm));
        }
    }
    if (status != MIEN_OK) {
        known_clear(known, of->count);
        return status;
    }
    *out = known;
    return MIEN_OK;
}

static mien_status fit_form(mien_taught *t, mien_person_form form, const crowd *of) {
    int n = mien_taught_columns(t, form);
    mien_known *known = NULL;
    if (n == 0) {
        return MIEN_OK;
    }
    mien_status status = know_people(t, form, of, &known);
    if (status == MIEN_OK) {
        status = mien_prior_fit(&t->prior[form], n, known, of->count);
        known_clear(known, of->count);
    }
    return status;
}

/* The line of all ratings on the norms of others. */
static void fit_line(mien_taught *t, const crowd *of) {
    const mien_ratings *r = t->ratings;
    double n = 0, x = 0, y = 0, xx = 0, xy = 0;
    for (int64_t k = 0; k < of->count; k++) {
        int64_t p = of->people[k];
        for (int64_t i = r->first[p]; i < r->first[p + 1]; i++) {
            double m = mien_norm_without(&t->norm, r->stimulus[i], r->value[i]);
            n += 1;
            x += m;
            y += r->value[i];
            xx += m * m;
            xy += m * r->value[i];
        }
    }
    double spread = xx - x * x / n;
    t->slope = spread > 1e-12 * xx ? (xy - x * y / n) / spread : 0;
    t->level = (y - t->slope * x) / n;
}

/* ---- hidden tastes ----------------------------------------------------------------
 */

typedef struct completion {
    const mien_taught *t;
    const crowd *of;
    double *residual;  /* [count of ratings]: what the form before leaves */
    double *own;       /* [people of the crowd, rank] */
    mien_known *known; /* one a stimulus: what its raters tell of it */
    mien_known person;
    double lambda, *scratch;
} completion;

static mien_status make_residuals(completion *c) {
    const mien_taught *t = c->t;
    const mien_ratings *r = t->ratings;
    mien_person_form form = r->columns ? MIEN_PERSON_FEATURES : MIEN_PERSON_SLOPE;
    const mien_prior *prior = &t->prior[form];
    int n = prior->columns;
    double w[MIEN_PERSON_COLUMNS_MAX], row[MIEN_PERSON_COLUMNS_MAX];
    mien_known *known = NULL;
    mien_status status = know_people(t, form, c->of, &known);
    for (int64_t k = 0; status == MIEN_OK && k < c->of->count; k++) {
        int64_t p = c->of->people[k];
        status = mien_prior_weights(prior, &known[k], w, NULL, c->scratch);
        for (int64_t i = r->first[p]; status == MIEN_OK && i < r->first[p + 1]; i++) {
            double m = mien_norm_without(&t->norm, r->stimulus[i], r->value[i]);
            mien_taught_row(t, form, r->stimulus[i], m, row);
            c->residual[i] = r->value[i] - mien_dot(row, w, n);
        }
    }
    if (known) {
        known_clear(known, c->of->count);
    }
    return status;
}

/* (Σ v vᵀ + λ) x = Σ v y */
static mien_status ridge(completion *c, const mien_known *known, double *x) {
    int n = c->t->rank;
    memcpy(c->scratch, known->square, (size_t)(n * n) * sizeof *c->scratch);
    memcpy(x, known->product, (size_t)n * sizeof *x);
    for (int i = 0; i < n; i++) {
        c->scratch[i * n + i] += c->lambda;
    }
    return mien_solve_linear(n, c->scratch, 1, x);
}

/* People's weights on the tastes as they are, then the tastes on these. */
static mien_status alternate(completion *c) {
    const mien_taught *t = c->t;
    const mien_ratings *r = t->ratings;
    int n = t->rank;
    mien_status status = MIEN_OK;
    for (int64_t s = 0; s < r->stimuli; s++) {
        mien_known_reset(&c->known[s], n);
    }
    for (int64_t k = 0; status == MIEN_OK && k < c->of->count; k++) {
        int64_t p = c->of->people[k];
        double *own = c->own + k * n;
        mien_known_reset(&c->person, n);
        for (int64_t i = r->first[p]; i < r->first[p + 1]; i++) {
            mien_known_add(
                &c->person, n, t->taste + r->stimulus[i] * n, c->residual[i]);
        }
        status = ridge(c, &c->person, own);
        for (int64_t i = r->first[p]; status == MIEN_OK && i < r->first[p + 1]; i++) {
            mien_known_add(&c->known[r->stimulus[i]], n, own, c->residual[i]);
        }
    }
    for (int64_t s = 0; status == MIEN_OK && s < r->stimuli; s++) {
        status = ridge(c, &c->known[s], t->taste + s * n);
    }
    return status;
}

static mien_status fit_tastes(
    mien_taught *t, const crowd *of, const mien_taught_options *o) {
    const mien_ratings *r = t->ratings;
    size_t n = (size_t)o->rank, width = n + 2 + (size_t)r->columns;
    mien_random random;
    t->taste = mien_alloc((size_t)r->stimuli * n + 1, sizeof *t->taste);
    completion c = {.t = t,
        .of = of,
        .lambda = o->lambda,
        .residual = mien_alloc((size_t)r->count, sizeof(double)),
        .own = mien_alloc((size_t)of->count * n + 1, sizeof(double)),
        .known = mien_alloc((size_t)r->stimuli, sizeof *c.known),
        .scratch = mien_alloc(3 * width * width, sizeof(double))};
    mien_status status =
        t->taste && c.residual && c.own && c.known && c.scratch ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && o->rank) {
        status = mien_known_init(&c.person, o->rank);
    }
    for (int64_t s = 0; status == MIEN_OK && o->rank && s < r->stimuli; s++) {
        status = mien_known_init(&c.known[s], o->rank);
    }
    if (status == MIEN_OK) {
        status = make_residuals(&c);
    }
    mien_random_init(&random, o->seed);
    for (int64_t i = 0; status == MIEN_OK && i < r->stimuli * o->rank; i++) {
        t->taste[i] = 0.1 * mien_random_normal(&random);
    }
    for (int i = 0; status == MIEN_OK && o->rank && i < o->rounds; i++) {
        status = alternate(&c);
    }
    mien_known_clear(&c.person);
    known_clear(c.known, r->stimuli);
    mien_free(c.residual);
    mien_free(c.own);
    mien_free(c.scratch);
    return status;
}

/* The spread of weights on tastes that were fitted to the same people is too wide, and
 * the noise too small. Tastes and prior of four fifths of the people tell how much: the
 * factors that make the ratings of the other fifth likeliest. */
static mien_status choose_factors(const mien_taught *fitted, const mien_known *others,
    int64_t count, double factor[2]) {
    static const double spread[] = {1, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.03};
    enum { SPREADS = sizeof spread / sizeof *spread, NOISES = 16 };
    const mien_prior *of = &fitted->prior[MIEN_PERSON_RANK];
    int n = of->columns, tastes = n - fitted->rank;
    mien_prior p = {.columns = n, .mean = of->mean};
    double best = -INFINITY,
           *scratch = mien_alloc((size_t)(4 * n * n), sizeof *scratch);
    p.root = scratch + 3 * n * n;
    mien_status status = scratch ? MIEN_OK : MIEN_ENOMEM;
    for (int s = 0; status == MIEN_OK && s < SPREADS; s++) {
        for (int i = 0; i < n * n; i++) {
            p.root[i] = of->root[i] * (i / n >= tastes ? spread[s] : 1);
        }
        for (int k = 0; status == MIEN_OK && k < NOISES; k++) {
            double noise = of->noise * (1 + 0.04 * k), sum = 0;
            for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
                double one;
                status = mien_prior_evidence(&p, &others[i], noise, &one, scratch);
                sum += one;
            }
            if (sum > best) {
                best = sum;
                factor[0] = spread[s];
                factor[1] = noise / of->noise;
            }
        }
    }
    mien_free(scratch);
    return status;
}

static mien_status fit_rank(
    mien_taught *t, const crowd *of, const mien_taught_options *o) {
    mien_status status = fit_tastes(t, of, o);
    return status == MIEN_OK ? fit_form(t, MIEN_PERSON_RANK, of) : status;
}

static mien_status correct_rank(
    mien_taught *t, const crowd *of, const mien_taught_options *o) {
    enum { LEAST = 10 };
    int64_t kept = of->count - of->count / 5;
    const crowd most = {of->people, kept}, rest = {of->people + kept, of->count / 5};
    double factor[2] = {1, 1};
    mien_taught part = {.ratings = t->ratings, .rank = o->rank};
    mien_known *known = NULL;
    mien_prior *prior = &t->prior[MIEN_PERSON_RANK];
    if (of->count < LEAST || o->rank == 0) {
        return MIEN_OK;
    }
    mien_person_form base =
        t->ratings->columns ? MIEN_PERSON_FEATURES : MIEN_PERSON_SLOPE;
    mien_status status = mien_norm_fit(&part.norm, t->ratings, most.people, most.count);
    if (status == MIEN_OK) {
        status = fit_form(&part, base, &most);
    }
    if (status == MIEN_OK) {
        status = fit_rank(&part, &most, o);
    }
    if (status == MIEN_OK) {
        part.outside = true;
        status = know_people(&part, MIEN_PERSON_RANK, &rest, &known);
    }
    if (status == MIEN_OK) {
        status = choose_factors(&part, known, rest.count, factor);
        known_clear(known, rest.count);
    }
    int n = prior->columns, tastes = n - t->rank;
    for (int i = tastes * n; status == MIEN_OK && i < n * n; i++) {
        prior->root[i] *= factor[0];
    }
    prior->noise *= factor[1];
    mien_taught_clear(&part);
    return status;
}

mien_status mien_taught_fit(mien_taught *taught, const mien_ratings *ratings,
    const int64_t *people, int64_t people_count, const mien_taught_options *options) {
    mien_taught *t = taught;
    const crowd of = {people, people_count};
    *t = (mien_taught){.ratings = ratings, .rank = options->rank};
    mien_status status = mien_norm_fit(&t->norm, ratings, people, people_count);
    if (status == MIEN_OK) {
        fit_line(t, &of);
        status = fit_form(t, MIEN_PERSON_OFFSET, &of);
    }
    if (status == MIEN_OK) {
        status = fit_form(t, MIEN_PERSON_SLOPE, &of);
    }
    if (status == MIEN_OK) {
        status = fit_form(t, MIEN_PERSON_FEATURES, &of);
    }
    if (status == MIEN_OK) {
        status = fit_rank(t, &of, options);
    }
    if (status == MIEN_OK) {
        status = correct_rank(t, &of, options);
    }
    if (status != MIEN_OK) {
        mien_taught_clear(t);
    }
    return status;
}

/* ---- one more person ---------------------------------------------------------------
 */

/* Ridge regression on a person's own trials and nothing else, its strength chosen by
 * leaving each out in turn. */
static mien_status predict_own(const mien_ratings *r, const int64_t *stimuli,
    const double *rated, int64_t n, const int64_t *asked, int64_t count,
    double *value) {
    int64_t all = n + count;
    float *x = mien_alloc((size_t)(all * r->columns), sizeof *x);
    int64_t *rows = mien_alloc((size_t)all, sizeof *rows);
    double *matrix = mien_alloc((size_t)(n * n + count * n), sizeof *matrix);
    double lambdas[LAMBDAS];
    const mien_candidate linear = {.count = 1};
    mien_kernel kernel = {0};
    mien_ridge fit = {0};
    mien_status status = x && rows && matrix ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; i < LAMBDAS; i++) {
        lambdas[i] = pow(10, i / 2.0 - 4);
    }
    for (int64_t i = 0; status == MIEN_OK && i < all; i++) {
        int64_t s = i < n ? stimuli[i] : asked[i - n];
        rows[i] = i;
        for (int k = 0; k < r->columns; k++) {
            x[i * r->columns + k] = (float)r->column[s * r->columns + k];
        }
    }
    const mien_blocks blocks = {
        .count = 1, .rows = all, .width = {r->columns}, .values = {x}};
    if (status == MIEN_OK) {
        status =
            mien_kernel_ridge_fit(&kernel, &blocks, &linear, rows, n, NULL, matrix);
    }
    if (status == MIEN_OK) {
        status = mien_ridge_fit(n, matrix, 1, rated, rows, lambdas, LAMBDAS, &fit);
    }
    if (status == MIEN_OK) {
        double *cross = matrix + n * n;
        status =
            mien_kernel_ridge_cross(&kernel, &blocks, rows + n, count, NULL, cross);
        mien_ridge_predict(&fit, n, cross, count, value);
    }
    mien_kernel_clear(&kernel);
    mien_ridge_clear(&fit);
    mien_free(matrix);
    mien_free(rows);
    mien_free(x);
    return status;
}

static mien_status predict_alone(const mien_taught *t, mien_person_form form,
    const int64_t *own, int64_t own_count, const int64_t *stimuli, int64_t count,
    double *value) {
    const mien_ratings *r = t->ratings;
    int64_t *seen = mien_alloc((size_t)own_count + 1, sizeof *seen);
    double *rated = mien_alloc((size_t)own_count + 1, sizeof *rated), mean = 0;
    mien_status status = seen && rated ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < own_count; i++) {
        seen[i] = r->stimulus[own[i]];
        rated[i] = r->value[own[i]];
        mean += rated[i] / (double)own_count;
    }
    for (int64_t i = 0; i < count; i++) {
        value[i] = own_count ? mean : t->norm.mean;
    }
    if (status == MIEN_OK && form == MIEN_PERSON_OWN && r->columns &&
        own_count >= OWN_LEAST) {
        status = predict_own(r, seen, rated, own_count, stimuli, count, value);
    }
    mien_free(seen);
    mien_free(rated);
    return status;
}

static mien_status predict_form(const mien_taught *t, mien_person_form form,
    const int64_t *own, int64_t own_count, const int64_t *stimuli, int64_t count,
    double *value, double *deviation) {
    const mien_ratings *r = t->ratings;
    const mien_prior *prior = &t->prior[form];
    int n = mien_taught_columns(t, form);
    double row[MIEN_PERSON_COLUMNS_MAX], weights[MIEN_PERSON_COLUMNS_MAX];
    size_t square = (size_t)n * (size_t)n;
    double *scratch = mien_alloc(4 * square, sizeof *scratch);
    double *covariance = scratch + 3 * square;
    mien_known known = {0};
    mien_status status = scratch ? mien_known_init(&known, n) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < own_count; i++) {
        int64_t s = r->stimulus[own[i]];
        double norm = mien_norm_of(&t->norm, s);
        mien_taught_row(t, form, s, norm, row);
        mien_known_add(
            &known, n, row, r->value[own[i]] - mien_taught_base(t, form, norm));
    }
    if (status == MIEN_OK) {
        status = mien_prior_weights(prior, &known, weights, covariance, scratch);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        double norm = mien_norm_of(&t->norm, stimuli[i]), variance = prior->noise;
        mien_taught_row(t, form, stimuli[i], norm, row);
        value[i] = mien_taught_base(t, form, norm) + mien_dot(row, weights, n);
        for (int k = 0; k < n; k++) {
            variance += row[k] * mien_dot(covariance + k * n, row, n);
        }
        if (deviation) {
            deviation[i] = sqrt(variance);
        }
    }
    mien_known_clear(&known);
    mien_free(scratch);
    return status;
}

mien_status mien_taught_predict(const mien_taught *taught, mien_person_form form,
    const int64_t *own, int64_t own_count, const int64_t *stimuli, int64_t count,
    double *value, double *deviation) {
    const mien_ratings *r = taught->ratings;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; deviation && i < count; i++) {
        deviation[i] = (double)NAN;
    }
    if (form == MIEN_PERSON_NORM) {
        for (int64_t i = 0; i < count; i++) {
            value[i] = mien_norm_of(&taught->norm, stimuli[i]);
        }
    } else if (mien_taught_columns(taught, form) == 0) {
        status = predict_alone(taught, form, own, own_count, stimuli, count, value);
    } else {
        status = predict_form(
            taught, form, own, own_count, stimuli, count, value, deviation);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        value[i] = fmin(fmax(value[i], r->minimum), r->maximum);
    }
    return status;
}
