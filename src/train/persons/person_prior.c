/* SPDX-License-Identifier: MIT */
/* Weights of people about a common mean: fitted to many, and what they make of the few
 * ratings of one more. With the covariance S = R Rᵀ everything goes through
 * I + Rᵀ A R / σ² (A = Σ a aᵀ), which has an inverse whatever S is. */
#include "train/persons/person.h"

#include <math.h>
#include <string.h>

#include "train/solve.h"

enum { ROUNDS = 60 };

mien_status mien_known_init(mien_known *known, int columns) {
    size_t n = (size_t)columns;
    *known = (mien_known){.square = mien_alloc(n * n, sizeof(double)),
        .product = mien_alloc(n, sizeof(double))};
    if (!known->square || !known->product) {
        mien_known_clear(known);
        return MIEN_ENOMEM;
    }
    return MIEN_OK;
}

void mien_known_clear(mien_known *known) {
    mien_free(known->square);
    mien_free(known->product);
    *known = (mien_known){0};
}

void mien_known_reset(mien_known *known, int columns) {
    size_t n = (size_t)columns;
    memset(known->square, 0, n * n * sizeof *known->square);
    memset(known->product, 0, n * sizeof *known->product);
    known->power = 0;
    known->count = 0;
}

void mien_known_add(mien_known *known, int columns, const double *row, double value) {
    for (int i = 0; i < columns; i++) {
        for (int k = 0; k < columns; k++) {
            known->square[i * columns + k] += row[i] * row[k];
        }
        known->product[i] += row[i] * value;
    }
    known->power += value * value;
    known->count++;
}

void mien_prior_clear(mien_prior *prior) {
    mien_free(prior->mean);
    mien_free(prior->root);
    *prior = (mien_prior){0};
}

/* Lower Cholesky factor in place of a [n, n], which may be singular: a direction
 * without variance gets none. Returns the logarithm of the determinant. */
static double factor(double *a, int n) {
    double logarithm = 0;
    for (int i = 0; i < n; i++) {
        double whole = a[i * n + i];
        for (int k = 0; k <= i; k++) {
            double sum = a[i * n + k] - mien_dot(a + i * n, a + k * n, k);
            if (i == k) {
                a[i * n + i] = sum > 1e-12 * whole ? sqrt(sum) : 0;
                logarithm += a[i * n + i] > 0 ? 2 * log(a[i * n + i]) : 0;
            } else {
                a[i * n + k] = a[k * n + k] > 0 ? sum / a[k * n + k] : 0;
            }
        }
        for (int k = i + 1; k < n; k++) {
            a[i * n + k] = 0;
        }
    }
    return logarithm;
}

/* x = L⁻¹ b, then, if both, x = L⁻ᵀ x; in place. */
static void solve(const double *l, int n, double *x, bool both) {
    for (int i = 0; i < n; i++) {
        double sum = x[i] - mien_dot(l + i * n, x, i);
        x[i] = l[i * n + i] > 0 ? sum / l[i * n + i] : 0;
    }
    for (int i = n - 1; both && i >= 0; i--) {
        double sum = x[i];
        for (int k = i + 1; k < n; k++) {
            sum -= l[k * n + i] * x[k];
        }
        x[i] = l[i * n + i] > 0 ? sum / l[i * n + i] : 0;
    }
}

/* inner = chol(I + Rᵀ A R / σ²) and right = Rᵀ (Σ a y − A μ) / σ². */
static double inner_of(const mien_prior *p, const mien_known *known, double noise,
    double *inner, double *right, double *work) {
    int n = p->columns;
    for (int i = 0; i < n; i++) { /* work = A R */
        for (int k = 0; k < n; k++) {
            double sum = 0;
            for (int j = k; j < n; j++) {
                sum += known->square[i * n + j] * p->root[j * n + k];
            }
            work[i * n + k] = sum;
        }
    }
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < n; k++) {
            double sum = 0;
            for (int j = i; j < n; j++) {
                sum += p->root[j * n + i] * work[j * n + k];
            }
            inner[i * n + k] = (i == k) + sum / noise;
        }
        double sum = 0;
        for (int j = i; j < n; j++) {
            sum += p->root[j * n + i] *
                   (known->product[j] - mien_dot(known->square + j * n, p->mean, n));
        }
        right[i] = sum / noise;
    }
    return factor(inner, n);
}

mien_status mien_prior_weights(const mien_prior *prior, const mien_known *known,
    double *weights, double *covariance, double *scratch) {
    const mien_prior *p = prior;
    int n = p->columns;
    double *inner = scratch, *work = scratch + n * n, *right = scratch + 2 * n * n;
    inner_of(p, known, p->noise, inner, right, work);
    solve(inner, n, right, true);
    for (int i = 0; i < n; i++) {
        weights[i] = p->mean[i] + mien_dot(p->root + i * n, right, i + 1);
        if (!isfinite(weights[i])) {
            return mien_fail(MIEN_ENUMBER, "weights of a person are not finite");
        }
    }
    if (covariance) { /* R (I + …)⁻¹ Rᵀ = BᵀB, with B = L⁻¹ Rᵀ: rows of work are Bᵀ */
        memcpy(work, p->root, (size_t)n * (size_t)n * sizeof *work);
        for (int i = 0; i < n; i++) {
            solve(inner, n, work + i * n, false);
        }
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < n; k++) {
                covariance[i * n + k] = mien_dot(work + i * n, work + k * n, n);
            }
        }
    }
    return MIEN_OK;
}

/* Σ (y − aᵀ w)² of what is known. */
static double error_of(const mien_known *known, int n, const double *w) {
    double sum = known->power;
    for (int i = 0; i < n; i++) {
        sum += w[i] * (mien_dot(known->square + i * n, w, n) - 2 * known->product[i]);
    }
    return fmax(sum, 0);
}

mien_status mien_prior_evidence(const mien_prior *prior, const mien_known *known,
    double noise, double *evidence, double *scratch) {
    const mien_prior *p = prior;
    int n = p->columns;
    double *inner = scratch, *work = scratch + n * n, *right = scratch + 2 * n * n;
    double logarithm = inner_of(p, known, noise, inner, right, work);
    solve(inner, n, right, false);
    double fit = error_of(known, n, p->mean) / noise - mien_dot(right, right, n);
    *evidence = -0.5 * (fit + logarithm + (double)known->count * log(noise));
    return isfinite(*evidence)
               ? MIEN_OK
               : mien_fail(MIEN_ENUMBER, "noise %g has no evidence", noise);
}

/* ---- fitting -------------------------------------------------------------------- */

typedef struct rounds {
    int n;
    double *sum, *weights, *covariance, *scratch; /* sum [n + n²]: of w, of C + w wᵀ */
    double error;
    int64_t count;
} rounds;

/* Weights of all people, and what they come to. */
static mien_status expect(
    rounds *r, const mien_prior *prior, const mien_known *people, int64_t count) {
    int n = r->n;
    memset(r->sum, 0, (size_t)(n + n * n) * sizeof *r->sum);
    r->error = 0;
    mien_status status = MIEN_OK;
    for (int64_t p = 0; status == MIEN_OK && p < count; p++) {
        double *w = r->weights, *c = r->covariance;
        status = mien_prior_weights(prior, &people[p], w, c, r->scratch);
        r->error += error_of(&people[p], n, w);
        for (int i = 0; i < n; i++) {
            r->sum[i] += w[i];
            for (int k = 0; k < n; k++) {
                r->sum[n + i * n + k] += c[i * n + k] + w[i] * w[k];
                r->error += c[i * n + k] * people[p].square[i * n + k];
            }
        }
    }
    return status;
}

static void maximise(const rounds *r, mien_prior *prior, int64_t people) {
    int n = r->n;
    for (int i = 0; i < n; i++) {
        prior->mean[i] = r->sum[i] / (double)people;
    }
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < n; k++) {
            prior->root[i * n + k] = r->sum[n + i * n + k] / (double)people -
                                     prior->mean[i] * prior->mean[k];
        }
    }
    factor(prior->root, n);
    prior->noise = fmax(r->error / (double)r->count, 1e-12);
}

/* All people as one: least squares with a little ridge, weights as wide as would make
 * each column matter alike. */
static mien_status start(
    rounds *r, mien_prior *prior, const mien_known *people, int64_t count) {
    int n = r->n;
    double *square = r->scratch, power = 0;
    memset(square, 0, (size_t)(n * n) * sizeof *square);
    for (int64_t p = 0; p < count; p++) {
        for (int i = 0; i < n * n; i++) {
            square[i] += people[p].square[i];
        }
        for (int i = 0; i < n; i++) {
            prior->mean[i] += people[p].product[i];
        }
        power += people[p].power;
        r->count += people[p].count;
    }
    if (count < 2 || r->count == 0) {
        return mien_fail(
            MIEN_EINVAL, "%lld people to learn from; 2 are needed", (long long)count);
    }
    prior->noise = fmax(power / (double)r->count, 1e-12);
    for (int i = 0; i < n; i++) {
        double mean = square[i * n + i] / (double)r->count;
        prior->root[i * n + i] = mean > 0 ? sqrt(0.1 * prior->noise / (mean * n)) : 0;
        square[i * n + i] += 1e-9 * square[i * n + i] + 1e-12;
    }
    return mien_solve_linear(n, square, 1, prior->mean);
}

mien_status mien_prior_fit(
    mien_prior *prior, int columns, const mien_known *people, int64_t count) {
    size_t n = (size_t)columns;
    *prior = (mien_prior){.columns = columns,
        .mean = mien_alloc(n, sizeof(double)),
        .root = mien_alloc(n * n, sizeof(double))};
    rounds r = {.n = columns,
        .sum = mien_alloc(n + n * n, sizeof(double)),
        .weights = mien_alloc(n, sizeof(double)),
        .covariance = mien_alloc(n * n, sizeof(double)),
        .scratch = mien_alloc(3 * n * n, sizeof(double))};
    mien_status status =
        prior->mean && prior->root && r.sum && r.weights && r.covariance && r.scratch
            ? start(&r, prior, people, count)
            : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < ROUNDS; i++) {
        status = expect(&r, prior, people, count);
        if (status == MIEN_OK) {
            maximise(&r, prior, count);
        }
    }
    mien_free(r.sum);
    mien_free(r.weights);
    mien_free(r.covariance);
    mien_free(r.scratch);
    if (status != MIEN_OK) {
        mien_prior_clear(prior);
    }
    return status;
}
