/* SPDX-License-Identifier: MIT */
/* From the trial table to what a network learns. */
#include "train/dataset/dataset.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/trials.h"
#include "train/numbering.h"
#include "train/trainers/trainer.h"

void mien_dataset_clear(mien_dataset *c) {
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_free(c->target[t].value);
        mien_free(c->target[t].normal);
        mien_free(c->target[t].label);
        mien_free(c->target[t].shares);
    }
    mien_dataset_inputs_clear(c);
    mien_dataset_order_clear(c);
    mien_dataset_cross_clear(c);
    mien_dataset_each_clear(c);
    mien_free(c->row);
    mien_free((void *)c->group_name);
    mien_free(c->group);
    mien_free(c->fold);
    mien_trials_close(&c->trials);
    *c = (mien_dataset){0};
}

/* ---- targets ------------------------------------------------------------------- */

static bool can_learn(const mien_study *study, const mien_trials_target *t) {
    return study->trainer->can &
           (t->kind == MIEN_TARGET_NUMBER ? MIEN_TRAINS_NUMBERS : MIEN_TRAINS_CLASSES);
}

/* Without a list all targets are learnt that the trainer can. */
static int list_targets(mien_dataset *c, const mien_study *study) {
    int count = 0;
    for (int t = 0; t < mien_trials_targets(c->trials); t++) {
        const mien_trials_target *target = mien_trials_target_at(c->trials, t);
        if (can_learn(study, target)) {
            if (count < MIEN_TARGETS_MAX) {
                c->target[count].from = target;
            }
            count++;
        }
    }
    return count;
}

static mien_status check_target(const mien_study *study, const mien_trials_target *t) {
    if (can_learn(study, t)) {
        return MIEN_OK;
    }
    if (t->kind == MIEN_TARGET_NUMBER) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s: targets: %s is a number; method %s learns classes (ridge, trees and "
            "network learn numbers)",
            study->path, t->name, study->trainer->method);
    }
    return mien_fail(MIEN_EUNSUPPORTED,
        "%s: targets: %s has classes; %s learns numbers (method: network, logistic and "
        "trees learn classes)",
        study->path, t->name,
        mien_trainer_kernels(study->trainer) ? "a read-out" : study->trainer->method);
}

/* Makes classes of the targets that the study learns as such. */
static mien_status classify_targets(mien_dataset *c, const mien_study *study) {
    char *names[MIEN_TARGETS_MAX] = {0};
    int count = 0;
    mien_status status =
        mien_study_items(study, "classes", names, MIEN_TARGETS_MAX, &count);
    for (int t = 0; status == MIEN_OK && t < count; t++) {
        status = mien_trials_classify(c->trials, names[t]);
        status = status == MIEN_OK ? status
                                   : mien_fail_in(status, "%s: classes", study->path);
    }
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_free(names[t]);
    }
    return status;
}

static mien_status find_targets(mien_dataset *c, const mien_study *study) {
    int count = study->targets_count ? study->targets_count : list_targets(c, study);
    if (count < 1 || count > MIEN_TARGETS_MAX) {
        return mien_fail(MIEN_EFORMAT, "%s: %d targets; a study takes 1 to %d",
            study->trials, count, MIEN_TARGETS_MAX);
    }
    mien_status status = classify_targets(c, study);
    for (int t = 0; status == MIEN_OK && t < study->targets_count; t++) {
        c->target[t].from = mien_trials_target_find(c->trials, study->targets[t]);
        status = c->target[t].from
                     ? check_target(study, c->target[t].from)
                     : mien_trials_no_target(c->trials, study->path, study->targets[t]);
    }
    c->targets = count;
    return status;
}

/* All values of the table's rows, before those without are left out. */
static mien_status read_target(
    mien_dataset *c, const mien_study *study, mien_dataset_target *t, double **shares) {
    size_t all = (size_t)mien_trials_rows(c->trials);
    const char *name = t->from->name;
    if (t->from->kind == MIEN_TARGET_NUMBER) {
        mien_status good = mien_trials_check_range(c->trials, name, NULL, 0);
        t->value = good ? NULL : mien_alloc(all, sizeof *t->value);
        return good       ? good
               : t->value ? mien_trials_numbers(c->trials, name, t->value)
                          : MIEN_ENOMEM;
    }
    t->label = mien_alloc(all, sizeof *t->label);
    mien_status status =
        t->label ? mien_trials_classes(c->trials, name, t->label) : MIEN_ENOMEM;
    if (status != MIEN_OK || !mien_options_flag(study->options, "loss.soft")) {
        return status;
    }
    *shares = mien_alloc(all * (size_t)t->from->classes, sizeof **shares);
    status = *shares ? mien_trials_shares(c->trials, name, *shares) : MIEN_ENOMEM;
    return status == MIEN_OK ? status
                             : mien_fail_in(status, "%s: loss.soft", study->path);
}

static bool has_target(
    const mien_dataset_target *t, const double *shares, int64_t row) {
    if (t->value) {
        return isfinite(t->value[row]);
    }
    return t->label[row] >= 0 && (!shares || isfinite(shares[row * t->from->classes]));
}

bool mien_dataset_has(const mien_dataset_target *target, int64_t row) {
    const mien_dataset_target *t = target;
    if (t->value) {
        return isfinite(t->value[row]);
    }
    return t->label[row] >= 0 &&
           (!t->shares || isfinite(t->shares[row * t->from->classes]));
}

/* Refuses rows without a target that folds are assigned by or batches balanced by. */
static mien_status need_all(const mien_dataset *c, const mien_study *study,
    const char *key, const mien_dataset_target *t) {
    for (int64_t i = 0; i < c->rows; i++) {
        if (!mien_dataset_has(t, i)) {
            return mien_fail(MIEN_EFORMAT,
                "%s: %s: trial %s has no %s to go by: name a target that all rows "
                "have, "
                "or set missing-targets: drop",
                study->path, key, mien_trials_id(c->trials, c->row[i]), t->from->name);
        }
    }
    return MIEN_OK;
}

/* Moves the rows that stay to the front. */
static mien_status keep_rows(
    mien_dataset *c, mien_dataset_target *t, const double *shares) {
    int64_t classes = t->from->classes;
    if (t->value) {
        t->normal = mien_alloc((size_t)c->rows, sizeof *t->normal);
    }
    if (shares) {
        t->shares = mien_alloc((size_t)(c->rows * classes), sizeof *t->shares);
    }
    if ((t->value && !t->normal) || (shares && !t->shares)) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < c->rows; i++) {
        int64_t from = c->row[i];
        if (t->value) {
            t->value[i] = t->value[from];
            t->normal[i] = (float)mien_target_normal(&t->target, t->value[i]);
        } else {
            t->label[i] = t->label[from];
        }
        for (int64_t k = 0; shares && k < classes; k++) {
            t->shares[i * classes + k] = (float)shares[from * classes + k];
        }
    }
    return MIEN_OK;
}

static void describe(mien_dataset_target *t, const mien_study *study) {
    const mien_trials_target *from = t->from;
    mien_target *to = &t->target;
    snprintf(to->name, sizeof to->name, "%s", from->name);
    snprintf(to->unit, sizeof to->unit, "%s", from->unit);
    snprintf(to->construct, sizeof to->construct, "%s", from->construct);
    snprintf(to->perspective, sizeof to->perspective, "%s", from->perspective);
    to->minimum = from->minimum;
    to->maximum = from->maximum;
    if (from->kind == MIEN_TARGET_CLASS) {
        to->link = study->recipe.classes == &mien_loss_ordinal ? MIEN_LINK_CORN
                                                               : MIEN_LINK_SOFTMAX;
        to->classes_count = from->classes;
        to->classes = from->class_name;
    }
}

/* A class that no row shows cannot be learnt, and has no score. */
static mien_status check_classes(
    const mien_dataset *c, const mien_dataset_target *t, const mien_study *study) {
    for (int k = 0; t->label && k < t->from->classes; k++) {
        int64_t i = 0;
        while (i < c->rows && t->label[i] != k) {
            i++;
        }
        if (i == c->rows) {
            return mien_fail(MIEN_EFORMAT,
                "%s: no row is of the class \"%s\" of %s: take it out of the sidecar's "
                "classes, or add rows",
                study->trials, t->from->class_name[k], t->from->name);
        }
    }
    return MIEN_OK;
}

static mien_status read_targets(mien_dataset *c, const mien_study *study) {
    int64_t all = mien_trials_rows(c->trials);
    double *shares[MIEN_TARGETS_MAX] = {0};
    c->row = mien_alloc((size_t)all, sizeof *c->row);
    mien_status status = c->row ? MIEN_OK : MIEN_ENOMEM;
    for (int t = 0; status == MIEN_OK && t < c->targets; t++) {
        describe(&c->target[t], study);
        status = read_target(c, study, &c->target[t], &shares[t]);
    }
    c->masked =
        strcmp(mien_options_text(study->options, "missing-targets"), "mask") == 0;
    for (int64_t i = 0; status == MIEN_OK && i < all; i++) {
        int has = 0;
        for (int t = 0; t < c->targets; t++) {
            has += has_target(&c->target[t], shares[t], i);
        }
        if (has == c->targets || (c->masked && has > 0)) {
            c->row[c->rows++] = i;
        }
    }
    c->left_out = all - c->rows;
    if (status == MIEN_OK && c->rows < 2) {
        status = mien_fail(MIEN_EFORMAT, "%s: %lld rows with %s; 2 are needed",
            study->trials, (long long)c->rows, c->masked ? "a target" : "all targets");
    }
    for (int t = 0; status == MIEN_OK && t < c->targets; t++) {
        mien_dataset_target *target = &c->target[t];
        status = keep_rows(c, target, shares[t]);
        status = status == MIEN_OK ? check_classes(c, target, study) : status;
        target->output = c->outputs;
        target->place = c->width;
        c->outputs += mien_target_outputs(&target->target);
        c->width += mien_target_width(&target->target);
    }
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_free(shares[t]);
    }
    return status;
}

/* ---- groups and folds ---------------------------------------------------------- */

static mien_status read_groups(mien_dataset *c, const mien_study *study) {
    const char *by = mien_options_text(study->options, "folds.by");
    bool grouped = strcmp(by, "none") != 0;
    if (grouped && mien_table_column(mien_trials_table(c->trials), by) < 0) {
        return mien_fail(MIEN_ENOTFOUND,
            "%s: folds.by: %s has no column \"%s\" (none assigns rows singly)",
            study->path, study->trials, by);
    }
    const char **names = mien_alloc((size_t)c->rows, sizeof *names);
    c->group = mien_alloc((size_t)c->rows, sizeof *c->group);
    if (grouped) {
        c->group_name = mien_alloc((size_t)c->rows, sizeof *c->group_name);
    }
    mien_status status =
        names && c->group && (c->group_name || !grouped) ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        const char *cell = grouped ? mien_trials_cell(c->trials, c->row[i], by) : NULL;
        names[i] = cell ? cell : mien_trials_id(c->trials, c->row[i]);
        if (grouped) {
            c->group_name[i] = cell;
        }
    }
    if (status == MIEN_OK) {
        status = mien_number_names(names, c->rows, c->group, &c->groups);
    }
    mien_free(names);
    return status;
}

static const mien_dataset_target *target_named(
    const mien_dataset *c, const char *name) {
    for (int t = 0; t < c->targets; t++) {
        if (strcmp(c->target[t].from->name, name) == 0) {
            return &c->target[t];
        }
    }
    return NULL;
}

/* crosses: not NULL where crossed folds are assigned with their cells, or folds within
 * each value of a column. */
static mien_status deal(const mien_dataset *c, const mien_study *study, uint32_t seed,
    mien_dataset *crosses, int *fold, int *folds) {
    const mien_options *o = study->options;
    const char *strata = mien_options_text(o, "folds.strata");
    const mien_dataset_target *by = strata ? target_named(c, strata) : &c->target[0];
    if (!by) {
        return mien_fail(MIEN_ENOTFOUND, "%s: folds.strata: \"%s\" is no target of it",
            study->path, strata);
    }
    const mien_fold_rule rule = study->recipe.folds;
    if (rule == MIEN_FOLDS_STRATIFIED || rule == MIEN_FOLDS_STRATIFIED_GROUPS ||
        rule == MIEN_FOLDS_CLASS_SHARE) {
        mien_status has = need_all(c, study, "folds.strata", by);
        if (has != MIEN_OK) {
            return has;
        }
    }
    mien_fold_options f = mien_fold_options_default();
    f.rule = study->recipe.folds;
    f.k = (int)mien_options_int(o, "folds.k");
    f.seed = seed;
    f.hold_out = mien_options_int(o, "folds.hold-out");
    f.share = mien_options_number(o, "folds.share");
    f.bins = (int)mien_options_int(o, "folds.bins");
    f.group = c->group_name;
    f.label = by->label;
    f.classes = by->label ? by->from->classes : 0;
    f.value = by->value;
    const char **split = mien_alloc((size_t)c->rows, sizeof *split);
    mien_status status = split ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        split[i] = mien_trials_cell(c->trials, c->row[i], "split");
    }
    if (status == MIEN_OK) {
        f.split = split;
        bool each = *mien_options_text(o, "each") != 0;
        bool crossed = f.rule == MIEN_FOLDS_CROSSED;
        status =
            each && (crossed || !crosses)
                ? mien_fail(MIEN_EFORMAT,
                      "%s: each: folds within each of them are neither crossed nor "
                      "assigned again",
                      study->path)
            : crossed && crosses ? mien_dataset_cross(crosses, study, &f)
            : each               ? mien_dataset_each(crosses, study, &f)
                                 : mien_folds_deal(c->rows, &f, fold, folds);
        if (status == MIEN_EINVAL) {
            status = mien_fail_in(MIEN_EFORMAT, "%s: folds", study->path);
        }
    }
    mien_free(split);
    return status;
}

mien_status mien_dataset_assign(const mien_dataset *dataset, const mien_study *study,
    uint32_t seed, int *fold, int *folds) {
    return deal(dataset, study, seed, NULL, fold, folds);
}

static mien_status deal_folds(mien_dataset *c, const mien_study *study) {
    uint32_t seed = (uint32_t)mien_options_int(study->options, "folds.seed");
    c->fold = mien_alloc((size_t)c->rows, sizeof *c->fold);
    return c->fold ? deal(c, study, seed, c, c->fold, &c->folds) : MIEN_ENOMEM;
}

bool mien_dataset_single(const mien_dataset *dataset) {
    return dataset->folds == 1 && !dataset->each;
}

/* The part of a row in a fit of crossed folds, which tests all rows that it does not
 * learn from. */
static int fold_of(mien_cell cell, int fold) {
    return cell == MIEN_CELL_CORE   ? MIEN_FOLD_TRAIN
           : cell == MIEN_CELL_NONE ? MIEN_FOLD_NONE
                                    : fold;
}

mien_status mien_dataset_parts(
    const mien_dataset *dataset, const mien_study *study, int fold, mien_part *part) {
    const mien_dataset *c = dataset;
    mien_validation_options v = mien_validation_options_default();
    v.rule = study->recipe.validation;
    v.share = mien_options_number(study->options, "validation.share");
    v.seed = (uint32_t)mien_options_int(study->options, "validation.seed");
    /* mien_folds_parts() needs at least one tested row. The final model tests none: a
     * dummy row is added here and dropped again. */
    size_t n = (size_t)c->rows + 1;
    int *folds = mien_alloc(n, sizeof *folds);
    mien_part *parts = mien_alloc(n, sizeof *parts);
    const char **groups = c->group_name ? mien_alloc(n, sizeof *groups) : NULL;
    mien_status status =
        folds && parts && (groups || !c->group_name) ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        bool all = fold >= c->folds;
        int64_t own = c->each ? mien_dataset_each_of(c, fold) : 0;
        for (int64_t i = 0; i < c->rows; i++) {
            bool other = c->each && c->each[i] != own;
            folds[i] = other             ? MIEN_FOLD_NONE
                       : c->cell && !all ? fold_of(mien_dataset_cell(c, fold, i), fold)
                                         : c->fold[i];
        }
        folds[c->rows] = fold;
        if (groups) {
            memcpy(groups, c->group_name, (size_t)c->rows * sizeof *groups);
            v.group = groups;
        }
        status = mien_folds_parts(c->rows + all, folds, fold, &v, parts);
        if (status == MIEN_EINVAL) {
            status = mien_fail_in(MIEN_EFORMAT, "%s: validation", study->path);
        }
    }
    if (status == MIEN_OK) {
        memcpy(part, parts, (size_t)c->rows * sizeof *part);
    }
    mien_free(groups);
    mien_free(parts);
    mien_free(folds);
    return status;
}

/* ---- factors ------------------------------------------------------------------- */

static mien_status factor_of_cells(const mien_dataset *c, const mien_study *study,
    const char *column, int *label, int *classes) {
    if (mien_table_column(mien_trials_table(c->trials), column) < 0) {
        return mien_fail(MIEN_ENOTFOUND,
            "%s: sampler.by: %s has neither a target nor a column \"%s\"", study->path,
            study->trials, column);
    }
    const char **names = mien_alloc((size_t)c->rows, sizeof *names);
    int64_t *number = mien_alloc((size_t)c->rows, sizeof *number), count = 0;
    mien_status status = names && number ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        names[i] = mien_trials_cell(c->trials, c->row[i], column);
        if (!names[i]) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: sampler.by: trial %s has no %s to balance by", study->path,
                mien_trials_id(c->trials, c->row[i]), column);
        }
    }
    if (status == MIEN_OK) {
        status = mien_number_names(names, c->rows, number, &count);
    }
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        label[i] = (int)number[i];
    }
    *classes = (int)count;
    mien_free(number);
    mien_free(names);
    return status;
}

mien_status mien_dataset_factor(const mien_dataset *dataset, const mien_study *study,
    const char *column, int *label, int *classes) {
    const mien_dataset_target *t = target_named(dataset, column);
    if (!t) {
        return factor_of_cells(dataset, study, column, label, classes);
    }
    mien_status status = need_all(dataset, study, "sampler.by", t);
    if (status != MIEN_OK) {
        return status;
    }
    if (t->label) {
        memcpy(label, t->label, (size_t)dataset->rows * sizeof *label);
        *classes = t->from->classes;
        return MIEN_OK;
    }
    *classes = (int)mien_options_int(study->options, "sampler.bins");
    return mien_bins_make(dataset->rows, t->value, *classes, label);
}

/* ---- opening ------------------------------------------------------------------- */

static mien_status check_weights(const mien_dataset *c, const mien_study *study) {
    const mien_recipe *r = &study->recipe;
    char where[MIEN_STUDY_WHERE_MAX];
    if (r->loss_weights && r->loss_weights != c->targets) {
        return mien_fail(MIEN_EFORMAT, "%s: loss.weights: %d weights for %d targets",
            mien_study_where(study, "loss.weights", where), r->loss_weights,
            c->targets);
    }
    for (int t = 0; r->class_weights && t < c->targets; t++) {
        int classes = c->target[t].from->classes;
        if (classes && classes != r->class_weights) {
            return mien_fail(MIEN_EFORMAT,
                "%s: class-weights.values: %d weights for the %d classes of %s",
                mien_study_where(study, "class-weights.values", where),
                r->class_weights, classes, c->target[t].from->name);
        }
    }
    return MIEN_OK;
}

mien_status mien_dataset_open(mien_dataset *dataset, const mien_study *study) {
    static mien_status (*const steps[])(mien_dataset *, const mien_study *) = {
        find_targets, read_targets, read_groups, deal_folds};
    *dataset = (mien_dataset){0};
    mien_status status = mien_trials_open(study->trials, &dataset->trials);
    for (size_t i = 0; status == MIEN_OK && i < sizeof steps / sizeof *steps; i++) {
        status = steps[i](dataset, study);
    }
    if (status == MIEN_OK) {
        status = check_weights(dataset, study);
    }
    if (status == MIEN_OK) {
        status = mien_trials_hash(dataset->trials, dataset->hash);
    }
    if (status == MIEN_OK) {
        status = mien_dataset_order(dataset, study);
    }
    return status == MIEN_OK ? mien_dataset_inputs(dataset, study) : status;
}

/* ---- one for the audit and the run
 * --------------------------------------------------- */

void mien_dataset_unkeep(mien_study *study) {
    if (study->opened) {
        mien_dataset_clear(study->opened);
    }
    mien_free(study->opened);
    study->opened = NULL;
}

mien_status mien_dataset_keep(mien_study *study) {
    mien_dataset_unkeep(study);
    study->opened = mien_alloc(1, sizeof *study->opened);
    return study->opened ? mien_dataset_open(study->opened, study) : MIEN_ENOMEM;
}

mien_status mien_dataset_take(mien_dataset *dataset, const mien_study *study) {
    if (!study->opened || !study->opened->trials) {
        return mien_dataset_open(dataset, study);
    }
    *dataset = *study->opened;
    *study->opened = (mien_dataset){0};
    return MIEN_OK;
}
