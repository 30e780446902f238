/* SPDX-License-Identifier: MIT */
/* One eigendecomposition, all lambdas, exact leave-one-group-out errors. */
#include "train/ridge.h"

#include <math.h>
#include <stdlib.h>

#include "train/solve.h"

/* Rows of each group, side by side. */
typedef struct grouped {
    int64_t *row;   /* [n] rows sorted by group */
    int64_t *first; /* [groups + 1] */
    int64_t groups, largest;
} grouped;

static void grouped_clear(grouped *g) {
    mien_free(g->row);
    mien_free(g->first);
}

static mien_status grouped_init(grouped *g, const int64_t *group, int64_t n) {
    int64_t highest = -1;
    for (int64_t i = 0; i < n; i++) {
        highest = group[i] > highest ? group[i] : highest;
    }
    *g = (grouped){.groups = highest + 1};
    g->row = mien_alloc((size_t)n, sizeof *g->row);
    g->first = mien_alloc((size_t)highest + 3, sizeof *g->first);
    if (!g->row || !g->first) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        g->first[group[i] + 2]++;
    }
    for (int64_t k = 0; k <= highest; k++) {
        int64_t size = g->first[k + 2];
        g->largest = size > g->largest ? size : g->largest;
        g->first[k + 2] += g->first[k + 1];
    }
    for (int64_t i = 0; i < n; i++) {
        g->row[g->first[group[i] + 1]++] = i;
    }
    return MIEN_OK;
}

typedef struct fit {
    int64_t n;
    int targets;
    const double *vectors; /* [n, n]: eigenvector k is row k */
    double *values;        /* [n] */
    double *residual;      /* [targets, n]: targets minus their means */
    double *coordinates;   /* [targets, n]: residual in the eigenvectors */
    double *fitted;        /* [targets, n] */
    double *left_out;      /* [targets, n]: errors with the row's group left out */
    double *block, *right; /* one group's system */
} fit;

/* (y − Hy) for every target at this lambda. */
static void fit_errors(fit *f, double lambda) {
    for (int t = 0; t < f->targets; t++) {
        double *e = f->fitted + t * f->n;
        for (int64_t i = 0; i < f->n; i++) {
            e[i] = f->residual[t * f->n + i];
        }
        for (int64_t k = 0; k < f->n; k++) {
            double w =
                f->values[k] / (f->values[k] + lambda) * f->coordinates[t * f->n + k];
            const double *u = f->vectors + k * f->n;
            for (int64_t i = 0; i < f->n; i++) {
                e[i] -= w * u[i];
            }
        }
    }
}

/* I − H of one group's rows. */
static void group_system(
    const fit *f, const int64_t *row, int64_t size, double lambda) {
    for (int64_t i = 0; i < size * size; i++) {
        f->block[i] = -1 / (double)f->n;
    }
    for (int64_t k = 0; k < f->n; k++) {
        double w = f->values[k] / (f->values[k] + lambda);
        const double *u = f->vectors + k * f->n;
        for (int64_t i = 0; i < size; i++) {
            for (int64_t j = 0; j < size; j++) {
                f->block[i * size + j] -= w * u[row[i]] * u[row[j]];
            }
        }
    }
    for (int64_t i = 0; i < size; i++) {
        f->block[i * size + i] += 1;
    }
}

/* Mean squared leave-one-group-out error of every target at this lambda. */
static mien_status group_errors(
    fit *f, const grouped *g, double lambda, double *mean_square) {
    mien_status status = MIEN_OK;
    fit_errors(f, lambda);
    for (int t = 0; t < f->targets; t++) {
        mean_square[t] = 0;
    }
    for (int64_t k = 0; status == MIEN_OK && k < g->groups; k++) {
        const int64_t *row = g->row + g->first[k];
        int64_t size = g->first[k + 1] - g->first[k];
        if (size == 0) {
            continue;
        }
        group_system(f, row, size, lambda);
        for (int t = 0; t < f->targets; t++) {
            for (int64_t i = 0; i < size; i++) {
                f->right[t * size + i] = f->fitted[t * f->n + row[i]];
            }
        }
        status = mien_solve_linear(size, f->block, f->targets, f->right);
        for (int t = 0; status == MIEN_OK && t < f->targets; t++) {
            for (int64_t i = 0; i < size; i++) {
                double e = f->right[t * size + i];
                mean_square[t] += e * e / (double)f->n;
                f->left_out[t * f->n + row[i]] = e;
            }
        }
    }
    return status;
}

static void fit_clear(fit *f) {
    mien_free(f->values);
    mien_free(f->residual);
    mien_free(f->coordinates);
    mien_free(f->fitted);
    mien_free(f->left_out);
    mien_free(f->block);
    mien_free(f->right);
}

static mien_status fit_init(fit *f, const grouped *g, const double *targets,
    double *kernel, mien_ridge *ridges) {
    size_t n = (size_t)f->n, m = (size_t)f->targets, s = (size_t)g->largest;
    f->values = mien_alloc(n, sizeof(double));
    f->residual = mien_alloc(m * n, sizeof(double));
    f->coordinates = mien_alloc(m * n, sizeof(double));
    f->fitted = mien_alloc(m * n, sizeof(double));
    f->left_out = mien_alloc(m * n, sizeof(double));
    f->block = mien_alloc(s * s, sizeof(double));
    f->right = mien_alloc(m * s, sizeof(double));
    if (!f->values || !f->residual || !f->coordinates || !f->fitted || !f->left_out ||
        !f->block || !f->right) {
        return MIEN_ENOMEM;
    }
    mien_status status = mien_solve_eigen(f->n, kernel, f->values);
    f->vectors = kernel;
    for (int64_t k = 0; k < f->n; k++) {
        f->values[k] = fmax(f->values[k], 0); /* rounding may leave −1e−16 */
    }
    for (int t = 0; t < f->targets; t++) {
        const double *y = targets + t * f->n;
        double *r = f->residual + t * f->n;
        for (int64_t i = 0; i < f->n; i++) {
            ridges[t].mean += y[i] / (double)f->n;
        }
        for (int64_t i = 0; i < f->n; i++) {
            r[i] = y[i] - ridges[t].mean;
        }
        for (int64_t k = 0; k < f->n; k++) {
            f->coordinates[t * f->n + k] = mien_dot(f->vectors + k * f->n, r, f->n);
        }
    }
    return status;
}

/* Keeps this lambda's fit of a target if it is the best so far. */
static void keep_better(const fit *f, const double *targets, int t, double lambda,
    double error, mien_ridge *r) {
    if (!(error < r->error)) {
        return;
    }
    r->error = error;
    r->lambda = lambda;
    for (int64_t i = 0; i < f->n; i++) {
        r->left_out[i] = targets[t * f->n + i] - f->left_out[t * f->n + i];
    }
}

static mien_status coefficients(const fit *f, int t, mien_ridge *ridge) {
    ridge->coefficient = mien_alloc((size_t)f->n, sizeof(double));
    if (!ridge->coefficient) {
        return MIEN_ENOMEM;
    }
    for (int64_t k = 0; k < f->n; k++) {
        double w = f->coordinates[t * f->n + k] / (f->values[k] + ridge->lambda);
        for (int64_t i = 0; i < f->n; i++) {
            ridge->coefficient[i] += w * f->vectors[k * f->n + i];
        }
    }
    return MIEN_OK;
}

mien_status mien_ridge_fit(int64_t n, double *kernel, int targets_count,
    const double *targets, const int64_t *group, const double *lambdas,
    int lambdas_count, mien_ridge *ridges) {
    grouped g = {0};
    fit f = {.n = n, .targets = targets_count};
    double *error = mien_alloc((size_t)targets_count, sizeof *error);
    for (int t = 0; t < targets_count; t++) {
        ridges[t] = (mien_ridge){.error = INFINITY};
    }
    mien_status status = error ? grouped_init(&g, group, n) : MIEN_ENOMEM;
    if (status == MIEN_OK && g.largest == n) {
        status = mien_fail(MIEN_EINVAL,
            "all %lld rows are of one group: nothing is left when it is left out",
            (long long)n);
    }
    if (status == MIEN_OK) {
        status = fit_init(&f, &g, targets, kernel, ridges);
    }
    for (int t = 0; status == MIEN_OK && t < targets_count; t++) {
        ridges[t].left_out = mien_alloc((size_t)n, sizeof(double));
        status = ridges[t].left_out ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int l = 0; status == MIEN_OK && l < lambdas_count; l++) {
        status = group_errors(&f, &g, lambdas[l], error);
        for (int t = 0; status == MIEN_OK && t < targets_count; t++) {
            keep_better(&f, targets, t, lambdas[l], error[t], &ridges[t]);
        }
    }
    for (int t = 0; status == MIEN_OK && t < targets_count; t++) {
        status = coefficients(&f, t, &ridges[t]);
    }
    for (int t = 0; status != MIEN_OK && t < targets_count; t++) {
        mien_ridge_clear(&ridges[t]);
    }
    fit_clear(&f);
    grouped_clear(&g);
    mien_free(error);
    return status;
}

void mien_ridge_clear(mien_ridge *ridge) {
    mien_free(ridge->coefficient);
    mien_free(ridge->left_out);
    *ridge = (mien_ridge){0};
}

void mien_ridge_predict(const mien_ridge *ridge, int64_t n, const double *cross,
    int64_t count, double *prediction) {
    for (int64_t i = 0; i < count; i++) {
        prediction[i] = ridge->mean + mien_dot(cross + i * n, ridge->coefficient, n);
    }
}
