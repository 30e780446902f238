/* SPDX-License-Identifier: MIT */
/* From the trial table to numbers: ratings, groups, folds. */
#include "train/material.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void mien_material_clear(mien_material *m) {
    mien_trials_close(&m->trials);
    mien_free(m->row);
    mien_free(m->rated);
    mien_free(m->group);
    mien_free(m->fold);
    mien_free(m->candidates);
    mien_free(m->candidate_name);
    for (int b = 0; b < m->blocks.count; b++) {
        mien_free((void *)m->blocks.values[b]);
        mien_free((void *)m->blocks.name[b]);
    }
    *m = (mien_material){0};
}

/* All targets that are numbers: the read-out learns no classes. */
static int list_numbers(mien_material *m) {
    int count = 0;
    for (int t = 0; t < mien_trials_targets(m->trials); t++) {
        const mien_trials_target *target = mien_trials_target_at(m->trials, t);
        if (target->kind == MIEN_TARGET_NUMBER && count++ < MIEN_TARGETS_MAX) {
            m->target[count - 1] = target;
        }
    }
    return count;
}

static mien_status find_named(mien_material *m, const mien_study *study) {
    for (int t = 0; t < m->targets; t++) {
        m->target[t] = mien_trials_target_find(m->trials, study->targets[t]);
        if (!m->target[t]) {
            return mien_fail(MIEN_ENOTFOUND, "%s: targets: %s has no target \"%s\"",
                study->path, study->trials, study->targets[t]);
        }
        if (m->target[t]->kind != MIEN_TARGET_NUMBER) {
            return mien_fail(MIEN_EUNSUPPORTED,
                "%s: targets: %s has classes; the read-out learns numbers", study->path,
                study->targets[t]);
        }
    }
    return MIEN_OK;
}

static mien_status find_targets(mien_material *m, const mien_study *study) {
    m->targets = study->targets_count ? study->targets_count : list_numbers(m);
    if (m->targets < 1 || m->targets > MIEN_TARGETS_MAX) {
        return mien_fail(MIEN_EFORMAT, "%s: %d targets; a study takes 1 to %d",
            study->trials, m->targets, MIEN_TARGETS_MAX);
    }
    return study->targets_count ? find_named(m, study) : MIEN_OK;
}

/* Keeps the rows in which every target is rated. */
static mien_status read_ratings(mien_material *m, const mien_study *study) {
    int64_t all = mien_trials_rows(m->trials);
    double *column = mien_alloc((size_t)(all * m->targets), sizeof *column);
    m->row = mien_alloc((size_t)all, sizeof *m->row);
    mien_status status = column && m->row ? MIEN_OK : MIEN_ENOMEM;
    for (int t = 0; status == MIEN_OK && t < m->targets; t++) {
        status = mien_trials_numbers(m->trials, m->target[t]->name, column + t * all);
    }
    for (int64_t i = 0; status == MIEN_OK && i < all; i++) {
        bool rated = true;
        for (int t = 0; t < m->targets; t++) {
            rated = rated && isfinite(column[t * all + i]);
        }
        if (rated) {
            m->row[m->rows++] = i;
        }
    }
    m->left_out = all - m->rows;
    if (status == MIEN_OK && m->rows < 2) {
        status =
            mien_fail(MIEN_EFORMAT, "%s: %lld rows with ratings; at least 2 are needed",
                study->trials, (long long)m->rows);
    }
    if (status == MIEN_OK) {
        m->rated = mien_alloc((size_t)(m->rows * m->targets), sizeof *m->rated);
        status = m->rated ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int t = 0; status == MIEN_OK && t < m->targets; t++) {
        for (int64_t i = 0; i < m->rows; i++) {
            m->rated[t * m->rows + i] = column[t * all + m->row[i]];
        }
    }
    mien_free(column);
    return status;
}

typedef struct named {
    const char *name;
    int64_t row;
} named;

static int by_name(const void *a, const void *b) {
    const named *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

mien_status mien_number_names(
    const char *const *names, int64_t n, int64_t *number, int64_t *count) {
    named *sorted = mien_alloc((size_t)n, sizeof *sorted);
    int64_t *first = mien_alloc((size_t)n, sizeof *first);
    if (!sorted || !first) {
        mien_free(sorted);
        mien_free(first);
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        sorted[i] = (named){names[i], i};
    }
    qsort(sorted, (size_t)n, sizeof *sorted, by_name);
    for (int64_t i = 0; i < n; i++) {
        bool same = i > 0 && strcmp(sorted[i].name, sorted[i - 1].name) == 0;
        first[sorted[i].row] = same ? first[sorted[i - 1].row] : sorted[i].row;
    }
    *count = 0;
    for (int64_t i = 0; i < n; i++) {
        number[i] = first[i] == i ? (*count)++ : number[first[i]];
    }
    mien_free(sorted);
    mien_free(first);
    return MIEN_OK;
}

/* The choices inside a fold leave groups out of its training rows: with fewer than two
 * there is nothing left to learn from. */
static mien_status check_groups(const mien_material *m, const mien_study *study) {
    bool *held = mien_alloc((size_t)m->groups, sizeof *held);
    if (!held) {
        return MIEN_ENOMEM;
    }
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < m->folds; k++) {
        int64_t left = m->groups;
        memset(held, 0, (size_t)m->groups * sizeof *held);
        for (int64_t i = 0; i < m->rows; i++) {
            if (m->fold[i] == k && !held[m->group[i]]) {
                held[m->group[i]] = true;
                left--;
            }
        }
        if (left < 2) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: folds.k: %d folds of %lld groups leave %lld to train on; at least "
                "2 are needed",
                study->path, m->folds, (long long)m->groups, (long long)left);
        }
    }
    mien_free(held);
    return status;
}

static mien_status deal_folds(mien_material *m, const mien_study *study) {
    const char *by = mien_options_text(study->options, "folds.by");
    bool grouped = strcmp(by, "none") != 0;
    if (grouped && mien_table_column(mien_trials_table(m->trials), by) < 0) {
        return mien_fail(MIEN_ENOTFOUND,
            "%s: folds.by: %s has no column \"%s\" (none deals rows singly)",
            study->path, study->trials, by);
    }
    m->folds = (int)mien_options_int(study->options, "folds.k");
    m->group = mien_alloc((size_t)m->rows, sizeof *m->group);
    m->fold = mien_alloc((size_t)m->rows, sizeof *m->fold);
    const char **names = mien_alloc((size_t)m->rows, sizeof *names);
    mien_status status = m->group && m->fold && names ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < m->rows; i++) {
        const char *cell = grouped ? mien_trials_cell(m->trials, m->row[i], by) : NULL;
        names[i] = cell ? cell : mien_trials_id(m->trials, m->row[i]);
    }
    if (status == MIEN_OK) {
        status = mien_number_names(names, m->rows, m->group, &m->groups);
    }
    if (status == MIEN_OK && m->groups < m->folds) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: folds.k: %d folds of %lld groups (column %s): each fold needs one",
            study->path, m->folds, (long long)m->groups, by);
    }
    if (status == MIEN_OK) {
        status = mien_folds_make(m->rows, grouped ? names : NULL, m->folds,
            (uint32_t)mien_options_int(study->options, "folds.seed"), m->fold);
    }
    mien_free(names);
    return status == MIEN_OK ? check_groups(m, study) : status;
}

mien_status mien_material_open(mien_material *material, const mien_study *study) {
    *material = (mien_material){0};
    mien_status status = mien_trials_open(study->trials, &material->trials);
    if (status == MIEN_OK) {
        status = find_targets(material, study);
    }
    if (status == MIEN_OK) {
        status = read_ratings(material, study);
    }
    return status == MIEN_OK ? deal_folds(material, study) : status;
}
