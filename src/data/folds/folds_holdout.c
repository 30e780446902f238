/* SPDX-License-Identifier: MIT */
/* Folds that are not assigned evenly: one group at a time, a prescribed split, and
 * parts held out by name or by class. */
#include "data/folds/folds.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <string.h>

mien_status mien_folds_leave_group(
    int64_t rows, const mien_fold_options *o, int *fold, int *folds) {
    int64_t *number = mien_alloc((size_t)rows, sizeof *number);
    int64_t groups = 0;
    mien_status status =
        number ? mien_names_number(rows, o->group, number, &groups) : MIEN_ENOMEM;
    if (status == MIEN_OK && (groups < 2 || groups > INT_MAX)) {
        status = mien_fail(MIEN_EINVAL,
            "%" PRId64 " groups: to leave one out, 2 or more are needed", groups);
    }
    if (status == MIEN_OK) {
        for (int64_t i = 0; i < rows; i++) {
            fold[i] = (int)number[i];
        }
        *folds = (int)groups;
    }
    mien_free(number);
    return status;
}

/* ---- prescribed --------------------------------------------------------------- */

static int64_t count_of(int64_t rows, const char *const *split, const char *name) {
    int64_t count = 0;
    for (int64_t i = 0; i < rows; i++) {
        count += split[i] && strcmp(split[i], name) == 0;
    }
    return count;
}

mien_status mien_folds_prescribed(int64_t rows, const mien_fold_options *o, int *fold) {
    int64_t train = count_of(rows, o->split, "train");
    int64_t validation = count_of(rows, o->split, "validation");
    int64_t test = count_of(rows, o->split, "test");
    if (train == 0 || test + validation == 0) {
        return mien_fail(MIEN_EINVAL,
            "a prescribed split needs rows of \"train\" (%" PRId64
            " there) and of \"test\" or \"validation\" (%" PRId64 ")",
            train, test + validation);
    }
    const char *held_out = test ? "test" : "validation";
    for (int64_t i = 0; i < rows; i++) {
        const char *split = o->split[i] ? o->split[i] : "";
        if (strcmp(split, held_out) == 0) {
            fold[i] = 0;
        } else if (strcmp(split, "train") == 0) {
            fold[i] = MIEN_FOLD_TRAIN;
        } else {
            fold[i] = strcmp(split, "validation") == 0 ? MIEN_FOLD_VALIDATION
                                                       : MIEN_FOLD_NONE;
        }
    }
    return MIEN_OK;
}

/* ---- names -------------------------------------------------------------------- */

mien_status mien_folds_names(int64_t rows, const mien_fold_options *o, int *fold) {
    int64_t *number = mien_alloc((size_t)rows, sizeof *number);
    int64_t *chosen = mien_alloc((size_t)rows, sizeof *chosen);
    bool *held = mien_alloc((size_t)rows, sizeof *held);
    int64_t names = 0;
    mien_status status = number && chosen && held
                             ? mien_names_number(rows, o->group, number, &names)
                             : MIEN_ENOMEM;
    if (status == MIEN_OK && (o->hold_out < 1 || o->hold_out >= names)) {
        status = mien_fail(MIEN_EINVAL,
            "%" PRId64 " of %" PRId64
            " names held out: at least 1, and 1 is needed to train on",
            o->hold_out, names);
    }
    if (status == MIEN_OK) {
        mien_random random;
        mien_random_init(&random, o->seed);
        status = mien_random_choice(&random, names, o->hold_out, false, chosen);
    }
    if (status == MIEN_OK) {
        for (int64_t i = 0; i < o->hold_out; i++) {
            held[chosen[i]] = true;
        }
        for (int64_t i = 0; i < rows; i++) {
            fold[i] = held[number[i]] ? 0 : MIEN_FOLD_TRAIN;
        }
    }
    mien_free(held);
    mien_free(chosen);
    mien_free(number);
    return status;
}

/* ---- a share of each class ---------------------------------------------------- */

mien_status mien_folds_class_share(
    int64_t rows, const mien_fold_options *o, int *fold) {
    int *strata = NULL, count = 0;
    if (!(o->share > 0 && o->share < 1)) {
        return mien_fail(
            MIEN_EINVAL, "share %g: a number between 0 and 1 is needed", o->share);
    }
    int64_t *members = mien_alloc((size_t)rows, sizeof *members);
    mien_status status =
        members ? mien_strata_make(rows, o, &strata, &count) : MIEN_ENOMEM;
    int64_t held = 0;
    mien_random random;
    mien_random_init(&random, o->seed);
    for (int c = 0; status == MIEN_OK && c < count; c++) {
        int64_t n = 0;
        for (int64_t i = 0; i < rows; i++) {
            if (strata[i] == c) {
                fold[i] = MIEN_FOLD_TRAIN;
                members[n++] = i;
            }
        }
        mien_random_shuffle(&random, members, n);
        int64_t out = (int64_t)floor(o->share * (double)n);
        for (int64_t i = 0; i < out; i++) {
            fold[members[i]] = 0;
        }
        held += out;
    }
    if (status == MIEN_OK && held == 0) {
        status = mien_fail(MIEN_EINVAL,
            "a share of %g of each class is not one row of any: raise it", o->share);
    }
    mien_free(strata);
    mien_free(members);
    return status;
}
