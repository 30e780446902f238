/* SPDX-License-Identifier: MIT */
/* Folds outside, groups left out inside: no held-out row has a say in any choice. */
#include "train/judge.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void mien_choice_clear(mien_choice *choice) {
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_ridge_clear(&choice->ridge[t]);
    }
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

mien_status mien_choose(mien_choice *choice, const mien_material *material,
    const mien_candidate *candidates, int candidates_count, const int64_t *rows,
    int64_t count, const mien_study *study, mien_pool *pool) {
    subset s = {0};
    mien_ridge tried[MIEN_TARGETS_MAX] = {0};
    double *matrix = mien_alloc((size_t)(count * count), sizeof *matrix);
    *choice = (mien_choice){0};
    mien_status status = matrix ? subset_init(&s, material, rows, count) : MIEN_ENOMEM;
    for (int c = 0; status == MIEN_OK && c < candidates_count; c++) {
        mien_kernel kernel = {0};
        status = mien_kernel_fit(
            &kernel, &material->blocks, &candidates[c], rows, count, pool, matrix);
        mien_kernel_clear(&kernel);
        if (status == MIEN_OK) {
            status = mien_ridge_fit(count, matrix, material->targets, s.rated, s.group,
                study->lambdas, study->lambdas_count, tried);
        }
        for (int t = 0; status == MIEN_OK && t < material->targets; t++) {
            mien_ridge *best = &choice->ridge[t];
            if (c == 0 || tried[t].error < best->error) {
                mien_ridge_clear(best);
                *best = tried[t];
                choice->candidate[t] = c;
            } else {
                mien_ridge_clear(&tried[t]);
            }
        }
        if (status == MIEN_OK && mien_interrupted()) {
            status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
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

/* Predicts the held-out rows by the chosen candidates; targets that chose the same one
 * share its kernel. */
static mien_status predict_fold(const mien_choice *choice, const mien_material *m,
    const mien_candidate *candidates, const fold *f, mien_pool *pool,
    double *prediction) {
    int64_t n = f->training_count, count = f->held_out_count;
    double *matrix = mien_alloc((size_t)(n * n), sizeof *matrix);
    double *cross = mien_alloc((size_t)(count * n), sizeof *cross);
    double *values = mien_alloc((size_t)count, sizeof *values);
    mien_status status = matrix && cross && values ? MIEN_OK : MIEN_ENOMEM;
    bool done[MIEN_TARGETS_MAX] = {false};
    for (int first = 0; status == MIEN_OK && first < m->targets; first++) {
        if (done[first]) {
            continue;
        }
        mien_kernel kernel = {0};
        status = mien_kernel_fit(&kernel, &m->blocks,
            &candidates[choice->candidate[first]], f->training, n, pool, matrix);
        if (status == MIEN_OK) {
            status =
                mien_kernel_cross(&kernel, &m->blocks, f->held_out, count, pool, cross);
        }
        for (int t = first; status == MIEN_OK && t < m->targets; t++) {
            if (choice->candidate[t] != choice->candidate[first]) {
                continue;
            }
            mien_ridge_predict(&choice->ridge[t], n, cross, count, values);
            for (int64_t i = 0; i < count; i++) {
                prediction[t * m->rows + f->held_out[i]] = values[i];
            }
            done[t] = true;
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
        mien_free(choice->ridge[t].coefficient);
        choice->ridge[t].coefficient = NULL;
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
