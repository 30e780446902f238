/* SPDX-License-Identifier: MIT */
/* One model for each value of a column (key each: person): folds are assigned within
 * each, and no fit sees rows of another. Everything else, above all what is frozen and
 * computed once, is shared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/trials.h"
#include "train/dataset/dataset.h"

void mien_dataset_each_clear(mien_dataset *dataset) {
    mien_free(dataset->each);
    mien_free((void *)dataset->each_name);
    mien_free(dataset->each_first);
}

static int by_name(const void *a, const void *b) {
    return mien_natural_compare(*(const char *const *)a, *(const char *const *)b);
}

/* Names in natural order, each once; each[row] is the place of the row's. */
static mien_status name_all(mien_dataset *c, const mien_study *study, const char *by) {
    const char **names = mien_alloc((size_t)c->rows, sizeof *names);
    c->each = mien_alloc((size_t)c->rows, sizeof *c->each);
    c->each_name = mien_alloc((size_t)c->rows, sizeof *c->each_name);
    mien_status status = names && c->each && c->each_name ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        names[i] = c->each_name[i] = mien_trials_cell(c->trials, c->row[i], by);
        if (!names[i]) {
            status = mien_fail(MIEN_EFORMAT, "%s: each: trial %s has no %s",
                study->path, mien_trials_id(c->trials, c->row[i]), by);
        }
    }
    if (status == MIEN_OK) {
        qsort((void *)c->each_name, (size_t)c->rows, sizeof *c->each_name, by_name);
        for (int64_t i = 0; i < c->rows; i++) {
            if (i == 0 || strcmp(c->each_name[i], c->each_name[c->eachs - 1]) != 0) {
                c->each_name[c->eachs++] = c->each_name[i];
            }
        }
    }
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        const char *const *at = bsearch(&names[i], (const void *)c->each_name,
            (size_t)c->eachs, sizeof *c->each_name, by_name);
        c->each[i] = at - c->each_name;
    }
    mien_free((void *)names);
    return status;
}

/* Rows of one, side by side as the assignment wants them. */
typedef struct own {
    int64_t *row;
    const char **group, **split;
    int *label, *fold;
    double *value;
} own;

static void own_clear(own *o) {
    mien_free(o->row);
    mien_free((void *)o->group);
    mien_free((void *)o->split);
    mien_free(o->label);
    mien_free(o->fold);
    mien_free(o->value);
}

static mien_status own_init(own *o, int64_t rows) {
    size_t n = (size_t)rows;
    *o = (own){.row = mien_alloc(n, sizeof *o->row),
        .group = mien_alloc(n, sizeof *o->group),
        .split = mien_alloc(n, sizeof *o->split),
        .label = mien_alloc(n, sizeof *o->label),
        .fold = mien_alloc(n, sizeof *o->fold),
        .value = mien_alloc(n, sizeof *o->value)};
    return o->row && o->group && o->split && o->label && o->fold && o->value
               ? MIEN_OK
               : MIEN_ENOMEM;
}

static mien_status deal_one(mien_dataset *c, const mien_study *study,
    const mien_fold_options *all, own *o, int64_t which) {
    mien_fold_options f = *all;
    int64_t n = 0;
    int folds = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        if (c->each[i] == which) {
            o->row[n] = i;
            o->group[n] = all->group ? all->group[i] : NULL;
            o->split[n] = all->split ? all->split[i] : NULL;
            o->label[n] = all->label ? all->label[i] : 0;
            o->value[n] = all->value ? all->value[i] : 0;
            n++;
        }
    }
    f.group = all->group ? o->group : NULL;
    f.split = all->split ? o->split : NULL;
    f.label = all->label ? o->label : NULL;
    f.value = all->value ? o->value : NULL;
    mien_status status = mien_folds_deal(n, &f, o->fold, &folds);
    if (status != MIEN_OK) {
        return mien_fail_in(status == MIEN_EINVAL ? MIEN_EFORMAT : status,
            "%s: each: %s %s, %lld rows", study->path,
            mien_options_text(study->options, "each"), c->each_name[which],
            (long long)n);
    }
    c->each_first[which] = c->folds;
    for (int64_t i = 0; i < n; i++) {
        c->fold[o->row[i]] = o->fold[i] < 0 ? o->fold[i] : c->folds + o->fold[i];
    }
    c->folds += folds;
    return MIEN_OK;
}

mien_status mien_dataset_each(
    mien_dataset *dataset, const mien_study *study, const mien_fold_options *options) {
    mien_dataset *c = dataset;
    const char *by = mien_options_text(study->options, "each");
    own o = {0};
    if (mien_table_column(mien_trials_table(c->trials), by) < 0) {
        return mien_fail(MIEN_ENOTFOUND, "%s: each: %s has no column \"%s\"",
            study->path, study->trials, by);
    }
    mien_status status = name_all(c, study, by);
    if (status == MIEN_OK) {
        c->each_first = mien_alloc((size_t)c->eachs + 1, sizeof *c->each_first);
        status = c->each_first ? own_init(&o, c->rows) : MIEN_ENOMEM;
    }
    for (int64_t e = 0; status == MIEN_OK && e < c->eachs; e++) {
        status = deal_one(c, study, options, &o, e);
    }
    if (status == MIEN_OK) {
        c->each_first[c->eachs] = c->folds;
        c->each_models = mien_options_flag(study->options, "each-models");
    }
    own_clear(&o);
    return status;
}

int64_t mien_dataset_each_of(const mien_dataset *dataset, int fold) {
    int64_t low = 0, high = dataset->eachs - 1;
    if (fold >= dataset->folds) {
        return fold - dataset->folds;
    }
    while (low < high) {
        int64_t middle = (low + high + 1) / 2;
        if (dataset->each_first[middle] <= fold) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

int64_t mien_dataset_unit(const mien_dataset *dataset, int64_t row) {
    return dataset->each ? dataset->each[row] : dataset->group[row];
}

int64_t mien_dataset_units(const mien_dataset *dataset) {
    return dataset->each ? dataset->eachs : dataset->groups;
}

void mien_dataset_each_word(const mien_dataset *dataset, int64_t each, char word[32]) {
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const char *name = dataset->each_name[each];
    bool plain = strlen(name) < 20 && strspn(name, safe) == strlen(name);
    if (plain) {
        snprintf(word, 32, "%s", name);
    } else {
        snprintf(word, 32, "each.%lld", (long long)each);
    }
}
