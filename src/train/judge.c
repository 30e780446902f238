/* SPDX-License-Identifier: MIT */
/* Folds outside, groups left out inside: no held-out row has a say in any choice. */
#include "train/judge.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void mien_choice_clear(mien_choice *choice) {
    for (int i = 0; choice->ridge && i < choice->candidates * choice->targets; i++) {
        mien_ridge_clear(&choice->ridge[i]);
    }
    mien_free(choice->ridge);
    mien_free(choice->weight);
    mien_free(choice->error);
    *choice = (mien_choice){0};
}

static mien_status choice_init(mien_choice *choice, int candidates, int targets) {
    size_t n = (size_t)candidates * (size_t)targets;
    *choice = (mien_choice){.candidates = candidates,
        .targets = targets,
        .ridge = mien_alloc(n, sizeof *choice->ridge),
        .weight = mien_alloc(n, sizeof *choice->weight),
        .error = mien_alloc((size_t)targets, sizeof *choice->error)};
    return choice->ridge && choice->weight && choice->error ? MIEN_OK : MIEN_ENOMEM;
}

/* The ratings and group numbers of some rows. */
typedef struct subset {
    double *rated;  /* [targets, count] */
    int64_t *group; /* renumbered from 0 without gaps */
} subset;

static void subset_clear(subset *s) {
    mien_free(s->rated);
    mien_free(s->group);
}

static mien_status subset_init(
    subset *s, const mien_material *m, const int64_t *rows, int64_t count) {
    int64_t *number = mien_alloc((size_t)m->groups, sizeof *number), next = 0;
    s->rated = mien_alloc((size_t)(count * m->targets), sizeof *s->rated);
    s->group = mien_alloc((size_t)count, sizeof *s->group);
    if (!number || !s->rated || !s->group) {
        mien_free(number);
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t *n = &number[m->group[rows[i]]];
        *n = *n ? *n : ++next; /* 0: not met yet */
        s->group[i] = *n - 1;
        for (int t = 0; t < m->targets; t++) {
            s->rated[t * count + i] = m->rated[t * m->rows + rows[i]];
        }
    }
    mien_free(number);
    return MIEN_OK;
}

/* The candidate with the smallest error, alone. */
static void choose_best(mien_choice *c, int t) {
    int best = 0;
    for (int k = 1; k < c->candidates; k++) {
        if (c->ridge[k * c->targets + t].error <
            c->ridge[best * c->targets + t].error) {
            best = k;
        }
    }
    c->weight[best * c->targets + t] = 1;
    c->error[t] = c->ridge[best * c->targets + t].error;
}

/* Left-out prediction of candidate k for row i, minus the mean. */
static double left_out(const mien_choice *c, int k, int t, int64_t i) {
    const mien_ridge *r = &c->ridge[k * c->targets + t];
    return r->left_out[i] - r->mean;
}

/* Non-negative least squares by coordinate descent on the normal equations: few
 * unknowns, so every sweep costs nothing. */
static mien_status choose_stack(mien_choice *c, int t, const double *rated, int64_t n) {
    enum { SWEEPS_MAX = 10000 };
    int m = c->candidates;
    double *q = mien_alloc((size_t)m * (size_t)m + (size_t)m, sizeof *q);
    if (!q) {
        return MIEN_ENOMEM;
    }
    double *right = q + m * m, mean = c->ridge[t].mean;
    for (int a = 0; a < m; a++) {
        for (int64_t i = 0; i < n; i++) {
            right[a] += left_out(c, a, t, i) * (rated[i] - mean);
            for (int b = 0; b < m; b++) {
                q[a * m + b] += left_out(c, a, t, i) * left_out(c, b, t, i);
            }
        }
    }
    double change = 1;
    for (int sweep = 0; sweep < SWEEPS_MAX && change > 1e-12; sweep++) {
        change = 0;
        for (int a = 0; a < m; a++) {
            double *w = &c->weight[a * c->targets + t], slope = right[a];
            for (int b = 0; b < m; b++) {
                slope -= q[a * m + b] * c->weight[b * c->targets + t];
            }
            double next = q[a * m + a] > 0 ? fmax(0, *w + slope / q[a * m + a]) : 0;
            change = fmax(change, fabs(next - *w));
            *w = next;
        }
    }
    c->error[t] = 0;
    for (int64_t i = 0; i < n; i++) {
        double e = rated[i] - mean;
        for (int k = 0; k < m; k++) {
            e -= c->weight[k * c->targets + t] * left_out(c, k, t, i);
        }
        c->error[t] += e * e / (double)n;
    }
    mien_free(q);
    return MIEN_OK;
}

static mien_status weigh(
    mien_choice *choice, const mien_study *study, const double *rated, int64_t n) {
    bool stack =
        strcmp(mien_options_text(study->options, "readout.combine"), "stack") == 0;
    mien_status status = MIEN_OK;
    for (int t = 0; status == MIEN_OK && t < choice->targets; t++) {
        if (stack && choice->candidates > 1) {
            status = choose_stack(choice, t, rated + t * n, n);
        } else {
            choose_best(choice, t);
        }
    }
    return status;
}

mien_status mien_choose(mien_choice *choice, const mien_material *material,
    const mien_candidate *candidates, int candidates_count, const int64_t *rows,
    int64_t count, const mien_study *study, mien_pool *pool) {
    subset s = {0};
    double *matrix = mien_alloc((size_t)(count * count), sizeof *matrix);
    mien_status status = choice_init(choice, candidates_count, material->targets);
    if (status == MIEN_OK) {
        status = matrix ? subset_init(&s, material, rows, count) : MIEN_ENOMEM;
    }
    for (int c = 0; status == MIEN_OK && c < candidates_count; c++) {
        mien_kernel kernel = {0};
        status = mien_kernel_fit(
            &kernel, &material->blocks, &candidates[c], rows, count, pool, matrix);
        mien_kernel_clear(&kernel);
        if (status == MIEN_OK) {
            status = mien_ridge_fit(count, matrix, material->targets, s.rated, s.group,
                study->lambdas, study->lambdas_count,
                choice->ridge + c * material->targets);
        }
        if (status == MIEN_OK && mien_interrupted()) {
            status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
    }
    if (status == MIEN_OK) {
        status = weigh(choice, study, s.rated, count);
    }
    mien_free(matrix);
    subset_clear(&s);
    if (status != MIEN_OK) {
        mien_choice_clear(choice);
    }
    return status;
}

/* One fold's rows. */
typedef struct fold {
    int64_t *training, *held_out;
    int64_t training_count, held_out_count;
} fold;

static mien_status fold_init(fold *f, const mien_material *m, int number) {
    f->training = mien_alloc((size_t)m->rows, sizeof *f->training);
    f->held_out = mien_alloc((size_t)m->rows, sizeof *f->held_out);
    if (!f->training || !f->held_out) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < m->rows; i++) {
        if (m->fold[i] == number) {
            f->held_out[f->held_out_count++] = i;
        } else {
            f->training[f->training_count++] = i;
        }
    }
    return MIEN_OK;
}

static void fold_clear(fold *f) {
    mien_free(f->training);
    mien_free(f->held_out);
}

static bool is_used(const mien_choice *choice, int candidate) {
    bool used = false;
    for (int t = 0; t < choice->targets; t++) {
        used = used || choice->weight[candidate * choice->targets + t] > 0;
    }
    return used;
}

/* Predicts the held-out rows by the weighted candidates. */
static mien_status predict_fold(const mien_choice *choice, const mien_material *m,
    const mien_candidate *candidates, const fold *f, mien_pool *pool,
    double *prediction) {
    int64_t n = f->training_count, count = f->held_out_count;
    double *matrix = mien_alloc((size_t)(n * n), sizeof *matrix);
    double *cross = mien_alloc((size_t)(count * n), sizeof *cross);
    double *values = mien_alloc((size_t)count, sizeof *values);
    mien_status status = matrix && cross && values ? MIEN_OK : MIEN_ENOMEM;
    for (int t = 0; status == MIEN_OK && t < m->targets; t++) {
        for (int64_t i = 0; i < count; i++) {
            prediction[t * m->rows + f->held_out[i]] = choice->ridge[t].mean;
        }
    }
    for (int c = 0; status == MIEN_OK && c < choice->candidates; c++) {
        if (!is_used(choice, c)) {
            continue;
        }
        mien_kernel kernel = {0};
        status = mien_kernel_fit(
            &kernel, &m->blocks, &candidates[c], f->training, n, pool, matrix);
        if (status == MIEN_OK) {
            status =
                mien_kernel_cross(&kernel, &m->blocks, f->held_out, count, pool, cross);
        }
        for (int t = 0; status == MIEN_OK && t < m->targets; t++) {
            const mien_ridge *ridge = &choice->ridge[c * m->targets + t];
            mien_ridge_predict(ridge, n, cross, count, values);
            for (int64_t i = 0; i < count; i++) {
                prediction[t * m->rows + f->held_out[i]] +=
                    choice->weight[c * m->targets + t] * (values[i] - ridge->mean);
            }
        }
        mien_kernel_clear(&kernel);
    }
    mien_free(matrix);
    mien_free(cross);
    mien_free(values);
    return status;
}

/* The candidate that is plain ridge on "pool", if the study extracts that layer. */
static bool plain_candidate(const mien_material *m, mien_candidate *plain) {
    for (int b = 0; b < m->blocks.count; b++) {
        if (strcmp(m->blocks.name[b], "pool") == 0) {
            *plain = (mien_candidate){.blocks = {b}, .count = 1, .gamma = 0};
            return true;
        }
    }
    return false;
}

static mien_status judge_fold(mien_judgement *j, const mien_material *m,
    const mien_study *study, int number, mien_pool *pool) {
    fold f = {0};
    mien_choice plain_choice = {0};
    mien_candidate plain;
    mien_choice *choice = &j->choice[number];
    mien_status status = fold_init(&f, m, number);
    if (status == MIEN_OK) {
        status = mien_choose(choice, m, m->candidates, m->candidates_count, f.training,
            f.training_count, study, pool);
    }
    if (status == MIEN_OK) {
        status = predict_fold(choice, m, m->candidates, &f, pool, j->prediction);
    }
    if (status == MIEN_OK && plain_candidate(m, &plain)) {
        status = mien_choose(
            &plain_choice, m, &plain, 1, f.training, f.training_count, study, pool);
        if (status == MIEN_OK) {
            status = predict_fold(&plain_choice, m, &plain, &f, pool, j->plain);
        }
    }
    for (int t = 0; status == MIEN_OK && t < m->targets; t++) {
        for (int64_t i = 0; i < f.held_out_count; i++) {
            j->mean[t * m->rows + f.held_out[i]] = choice->ridge[t].mean;
        }
    }
    mien_choice_clear(&plain_choice);
    fold_clear(&f);
    return status;
}

mien_status mien_judge(mien_judgement *judgement, const mien_material *material,
    const mien_study *study, const mien_train_options *options, mien_pool *pool) {
    mien_judgement *j = judgement;
    size_t n = (size_t)(material->rows * material->targets);
    *j = (mien_judgement){.prediction = mien_alloc(n, sizeof(double)),
        .plain = mien_alloc(n, sizeof(double)),
        .mean = mien_alloc(n, sizeof(double)),
        .choice = mien_alloc((size_t)material->folds, sizeof *j->choice),
        .folds = material->folds};
    if (!j->prediction || !j->plain || !j->mean || !j->choice) {
        return MIEN_ENOMEM;
    }
    for (size_t i = 0; i < n; i++) {
        j->prediction[i] = j->plain[i] = j->mean[i] = NAN;
    }
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < material->folds; k++) {
        if (options->progress) {
            options->progress(options->context, "folds", k, material->folds);
        }
        status = judge_fold(j, material, study, k, pool);
    }
    return status;
}

void mien_judgement_clear(mien_judgement *judgement) {
    for (int k = 0; judgement->choice && k < judgement->folds; k++) {
        mien_choice_clear(&judgement->choice[k]);
    }
    mien_free(judgement->prediction);
    mien_free(judgement->plain);
    mien_free(judgement->mean);
    mien_free(judgement->choice);
    *judgement = (mien_judgement){0};
}
