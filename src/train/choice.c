/* SPDX-License-Identifier: MIT */
/* Folds outside, groups left out inside: no held-out row has a say in any choice. */
#include "train/choice.h"

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
    subset *s, const mien_feature_set *m, const int64_t *rows, int64_t count) {
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

/* The numbers of rows in the feature set's blocks. */
static mien_status items_of(
    const mien_feature_set *m, const int64_t *rows, int64_t count, int64_t **items) {
    *items = mien_alloc((size_t)count, sizeof **items);
    for (int64_t i = 0; *items && i < count; i++) {
        (*items)[i] = m->item ? m->item[rows[i]] : rows[i];
    }
    return *items ? MIEN_OK : MIEN_ENOMEM;
}

mien_status mien_choose(mien_choice *choice, const mien_feature_set *feature_set,
    const mien_candidate *candidates, int candidates_count, const int64_t *rows,
    int64_t count, const mien_study *study, mien_thread_pool *pool) {
    subset s = {0};
    int64_t *items = NULL;
    double *matrix = mien_alloc((size_t)(count * count), sizeof *matrix);
    mien_status status = choice_init(choice, candidates_count, feature_set->targets);
    if (status == MIEN_OK) {
        status = matrix ? subset_init(&s, feature_set, rows, count) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        status = items_of(feature_set, rows, count, &items);
    }
    for (int c = 0; status == MIEN_OK && c < candidates_count; c++) {
        mien_kernel kernel = {0};
        status = mien_kernel_ridge_fit(
            &kernel, &feature_set->blocks, &candidates[c], items, count, pool, matrix);
        mien_kernel_clear(&kernel);
        if (status == MIEN_OK) {
            status = mien_ridge_fit(count, matrix, feature_set->targets, s.rated,
                s.group, study->lambdas, study->lambdas_count,
                choice->ridge + c * feature_set->targets);
        }
        if (status == MIEN_OK && mien_interrupted()) {
            status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
    }
    if (status == MIEN_OK) {
        status = weigh(choice, study, s.rated, count);
    }
    mien_free(items);
    mien_free(matrix);
    subset_clear(&s);
    if (status != MIEN_OK) {
        mien_choice_clear(choice);
    }
    return status;
}

static bool is_used(const mien_choice *choice, int candidate) {
    bool used = false;
    for (int t = 0; t < choice->targets; t++) {
        used = used || choice->weight[candidate * choice->targets + t] > 0;
    }
    return used;
}

/* The state of one prediction. */
typedef struct prediction {
    const mien_choice *choice;
    const mien_feature_set *m;
    const mien_blocks *tested_blocks;
    int64_t *training, *tested; /* items */
    int64_t n, count;
    mien_thread_pool *pool;
    double *matrix, *cross, *values;
    double *out; /* [count, targets] */
} prediction;

/* Adds a candidate's weighted share to every target. */
static mien_status add_candidate(
    prediction *p, const mien_candidate *candidate, int index) {
    int targets = p->m->targets;
    mien_kernel kernel = {0};
    mien_status status = mien_kernel_ridge_fit(
        &kernel, &p->m->blocks, candidate, p->training, p->n, p->pool, p->matrix);
    if (status == MIEN_OK) {
        status = mien_kernel_ridge_cross(
            &kernel, p->tested_blocks, p->tested, p->count, p->pool, p->cross);
    }
    for (int t = 0; status == MIEN_OK && t < targets; t++) {
        const mien_ridge *ridge = &p->choice->ridge[index * targets + t];
        mien_ridge_predict(ridge, p->n, p->cross, p->count, p->values);
        for (int64_t i = 0; i < p->count; i++) {
            p->out[i * targets + t] +=
                p->choice->weight[index * targets + t] * (p->values[i] - ridge->mean);
        }
    }
    mien_kernel_clear(&kernel);
    return status;
}

mien_status mien_choice_predict(const mien_choice *choice,
    const mien_feature_set *feature_set, const mien_candidate *candidates,
    const mien_fold_rows *rows, const mien_blocks *blocks, const int64_t *tested_items,
    mien_thread_pool *pool, double *out) {
    int64_t n = rows->training_count, count = rows->tested_count;
    prediction p = {.choice = choice,
        .m = feature_set,
        .tested_blocks = blocks ? blocks : &feature_set->blocks,
        .n = n,
        .count = count,
        .pool = pool,
        .matrix = mien_alloc((size_t)(n * n), sizeof *p.matrix),
        .cross = mien_alloc((size_t)(count * n), sizeof *p.cross),
        .values = mien_alloc((size_t)count, sizeof *p.values),
        .out = out};
    mien_status status = p.matrix && p.cross && p.values
                             ? items_of(feature_set, rows->training, n, &p.training)
                             : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = items_of(feature_set, rows->tested, count, &p.tested);
    }
    if (status == MIEN_OK && tested_items) {
        memcpy(p.tested, tested_items, (size_t)count * sizeof *p.tested);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        for (int t = 0; t < feature_set->targets; t++) {
            out[i * feature_set->targets + t] = choice->ridge[t].mean;
        }
    }
    for (int c = 0; status == MIEN_OK && c < choice->candidates; c++) {
        status = is_used(choice, c) ? add_candidate(&p, &candidates[c], c) : MIEN_OK;
    }
    mien_free(p.training);
    mien_free(p.tested);
    mien_free(p.matrix);
    mien_free(p.cross);
    mien_free(p.values);
    return status;
}

/* The candidate that is plain ridge on "pool", if the study extracts that layer. */
static bool plain_candidate(const mien_feature_set *m, mien_candidate *plain) {
    for (int b = 0; b < m->blocks.count; b++) {
        if (strcmp(m->blocks.name[b], "pool") == 0) {
            *plain = (mien_candidate){.blocks = {b}, .count = 1, .gamma = 0};
            return true;
        }
    }
    return false;
}

bool mien_choice_is_plain(const mien_feature_set *feature_set,
    const mien_candidate *candidates, int candidates_count) {
    mien_candidate plain;
    return candidates_count == 1 && plain_candidate(feature_set, &plain) &&
           candidates[0].count == 1 && candidates[0].gamma == 0 &&
           candidates[0].blocks[0] == plain.blocks[0];
}

mien_status mien_choice_plain(const mien_feature_set *feature_set,
    const mien_study *study, const mien_fold_rows *rows, mien_thread_pool *pool,
    double *out) {
    mien_choice choice = {0};
    mien_candidate plain;
    if (!plain_candidate(feature_set, &plain)) {
        for (int64_t i = 0; i < rows->tested_count * feature_set->targets; i++) {
            out[i] = NAN;
        }
        return MIEN_OK;
    }
    mien_status status = mien_choose(&choice, feature_set, &plain, 1, rows->training,
        rows->training_count, study, pool);
    if (status == MIEN_OK) {
        status = mien_choice_predict(
            &choice, feature_set, &plain, rows, NULL, NULL, pool, out);
    }
    mien_choice_clear(&choice);
    return status;
}
