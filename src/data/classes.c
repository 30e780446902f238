/* SPDX-License-Identifier: MIT */
/* Answers about class targets: the class of each row, and the shares of its votes. */
#include "data/trials.h"
#include "base/need.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

int mien_target_class(const mien_trials_target *target, const char *label) {
    for (int c = 0; c < target->classes; c++) {
        if (strcmp(target->class_name[c], label) == 0) {
            return c;
        }
    }
    return -1;
}

static mien_status find(
    const mien_trials *t, const char *name, const mien_trials_target **target) {
    const mien_trials_target *found = mien_trials_target_find(t, name);
    if (!found) {
        return mien_fail(
            MIEN_ENOTFOUND, "%s: there is no target \"%s\"", t->path, name);
    }
    if (found->kind != MIEN_TARGET_CLASS) {
        return mien_fail(MIEN_EINVAL,
            "%s: target %s is a number; its sidecar lists no classes", t->path, name);
    }
    *target = found;
    return MIEN_OK;
}

mien_status mien_trials_classes(const mien_trials *t, const char *name, int *out) {
    MIEN_NEED(t, name, out);
    const mien_trials_target *target = NULL;
    mien_status status = find(t, name, &target);
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(t->table); i++) {
        const char *cell = mien_trials_cell(t, i, name);
        out[i] = cell ? mien_target_class(target, cell) : -1;
    }
    return status;
}

static mien_status fail_votes(const mien_trials *t, const mien_trials_target *target,
    int64_t row, const char *words) {
    return mien_fail(MIEN_EFORMAT, "%s:%" PRId64 ": the votes for %s %s", t->path,
        mien_table_line(t->table, row), target->name, words);
}

mien_status mien_target_shares(const mien_trials *t, const mien_trials_target *target,
    int64_t row, double *shares) {
    double sum = 0;
    int missing = 0;
    for (int c = 0; c < target->classes; c++) {
        int column = mien_table_column(t->table, target->votes_column[c]);
        mien_status status = mien_table_number(t->table, row, column, &shares[c]);
        if (status != MIEN_OK) {
            return status;
        }
        if (shares[c] < 0) {
            return fail_votes(t, target, row, "are below 0");
        }
        missing += isnan(shares[c]);
        sum += isnan(shares[c]) ? 0 : shares[c];
    }
    if (missing == target->classes) {
        return MIEN_OK;
    }
    if (missing > 0) {
        return fail_votes(t, target, row, "are missing for some of the classes only");
    }
    if (!(sum > 0)) {
        return fail_votes(t, target, row, "are all 0");
    }
    for (int c = 0; c < target->classes; c++) {
        shares[c] /= sum;
    }
    return MIEN_OK;
}

mien_status mien_trials_shares(const mien_trials *t, const char *name, double *out) {
    MIEN_NEED(t, name, out);
    const mien_trials_target *target = NULL;
    mien_status status = find(t, name, &target);
    if (status == MIEN_OK && !target->votes_column) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: the sidecar names no vote columns of target %s", t->path, name);
    }
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(t->table); i++) {
        status = mien_target_shares(t, target, i, out + i * target->classes);
    }
    return status;
}

/* ---- whole numbers as classes ---------------------------------------------------- */

/* Names "low", "low + 1", …: pointers and texts in one block, as the sidecar's are
 * freed. */
static const char *const *name_numbers(int low, int count) {
    enum { LETTERS = 16 };
    size_t pointers = (size_t)count * sizeof(char *);
    char *block = mien_alloc(1, pointers + (size_t)count * LETTERS);
    const char **names = (const char **)(void *)block;
    for (int i = 0; block && i < count; i++) {
        char *text = block + pointers + (size_t)i * LETTERS;
        snprintf(text, LETTERS, "%d", low + i);
        names[i] = text;
    }
    return names;
}

static mien_status check_whole(const mien_trials *t, const mien_trials_target *target) {
    int column = mien_table_column(t->table, target->name);
    for (int64_t i = 0; i < mien_table_rows(t->table); i++) {
        const char *cell = mien_table_cell(t->table, i, column);
        if (!mien_cell_missing(cell) && mien_target_class(target, cell) < 0) {
            return mien_fail(MIEN_EFORMAT,
                "%s:%" PRId64
                ": %s is \"%s\", no whole number of %s to %s: it cannot be "
                "learnt as classes",
                t->path, mien_table_line(t->table, i), target->name, cell,
                target->class_name[0], target->class_name[target->classes - 1]);
        }
    }
    return MIEN_OK;
}

mien_status mien_trials_classify(mien_trials *trials, const char *name) {
    MIEN_NEED(trials, name);
    mien_trials_target *t = NULL;
    for (int k = 0; k < trials->targets_count; k++) {
        t = strcmp(trials->targets[k].name, name) == 0 ? &trials->targets[k] : t;
    }
    if (!t) {
        return mien_fail(
            MIEN_ENOTFOUND, "%s: there is no target \"%s\"", trials->path, name);
    }
    if (t->kind == MIEN_TARGET_CLASS) {
        return MIEN_OK;
    }
    double span = t->maximum - t->minimum;
    if (t->minimum != floor(t->minimum) || span != floor(span) || span < 1 ||
        span >= MIEN_TRIALS_CLASSES_MAX || fabs(t->minimum) > 1e6) {
        return mien_fail(MIEN_EINVAL,
            "%s: %s: a range of %g to %g is none of 2 to %d whole numbers",
            trials->path, name, t->minimum, t->maximum, MIEN_TRIALS_CLASSES_MAX);
    }
    const char *const *names = name_numbers((int)t->minimum, (int)span + 1);
    if (!names) {
        return MIEN_ENOMEM;
    }
    t->class_name = names;
    t->classes = (int)span + 1;
    t->kind = MIEN_TARGET_CLASS;
    return check_whole(trials, t);
}
