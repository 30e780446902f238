/* SPDX-License-Identifier: MIT */
/* Assigns rows, or whole groups of rows, to folds. */
#include "data/folds/folds.h"
#include "base/need.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* scikit-learn's KFold(k, shuffle=True, random_state=seed): the shuffled rows cut into
 * k runs, the first rows % k of them one longer. */
static void deal_rows(
    int64_t rows, int k, mien_random *random, int64_t *order, int *fold) {
    mien_random_permutation(random, order, rows);
    int64_t at = 0;
    for (int f = 0; f < k; f++) {
        int64_t size = rows / k + (f < rows % k);
        for (int64_t i = 0; i < size; i++) {
            fold[order[at++]] = f;
        }
    }
}

typedef struct bunch {
    int64_t first; /* its earliest row, which stands for it */
    int64_t size, rank;
    int fold;
} bunch;

static int by_size(const void *a, const void *b) {
    const bunch *x = a, *y = b;
    if (x->size != y->size) {
        return x->size > y->size ? -1 : 1;
    }
    return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Counts the groups into sizes[first row]; returns how many there are. */
static int64_t count_groups(int64_t rows, const int64_t *first, int64_t *sizes) {
    int64_t groups = 0;
    for (int64_t i = 0; i < rows; i++) {
        groups += first[i] == i;
        sizes[first[i]]++;
    }
    return groups;
}

/* Shuffled, then sorted by size (the shuffle decides among equals), each goes to the
 * fold that has fewest rows so far. */
static void deal_groups(
    bunch *groups, int64_t count, int k, mien_random *random, int64_t *scratch) {
    mien_random_permutation(random, scratch, count);
    for (int64_t i = 0; i < count; i++) {
        groups[scratch[i]].rank = i;
    }
    qsort(groups, (size_t)count, sizeof *groups, by_size);
    for (int f = 0; f < k; f++) {
        scratch[f] = 0; /* rows of each fold: k <= count */
    }
    for (int64_t i = 0; i < count; i++) {
        int smallest = 0;
        for (int f = 1; f < k; f++) {
            smallest = scratch[f] < scratch[smallest] ? f : smallest;
        }
        groups[i].fold = smallest;
        scratch[smallest] += groups[i].size;
    }
}

static mien_status fold_groups(int64_t rows, const char *const *names, int k,
    mien_random *random, int64_t *scratch, int *fold) {
    int64_t *first = mien_alloc((size_t)rows, sizeof *first);
    int64_t *sizes = mien_alloc((size_t)rows, sizeof *sizes);
    bunch *groups = NULL;
    mien_status status =
        first && sizes ? mien_names_first(rows, names, first) : MIEN_ENOMEM;
    int64_t count = status == MIEN_OK ? count_groups(rows, first, sizes) : 0;
    if (status == MIEN_OK && count < k) {
        status = mien_fail(MIEN_EINVAL,
            "%d folds of %" PRId64 " groups: each fold needs at least one", k, count);
    }
    if (status == MIEN_OK) {
        groups = mien_alloc((size_t)count, sizeof *groups);
        status = groups ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        for (int64_t i = 0, g = 0; i < rows; i++) {
            if (first[i] == i) {
                groups[g++] = (bunch){.first = i, .size = sizes[i]};
            }
        }
        deal_groups(groups, count, k, random, scratch);
        for (int64_t g = 0; g < count; g++) {
            fold[groups[g].first] = groups[g].fold;
        }
        for (int64_t i = 0; i < rows; i++) {
            fold[i] = fold[first[i]];
        }
    }
    mien_free(groups);
    mien_free(sizes);
    mien_free(first);
    return status;
}

mien_status mien_folds_make(
    int64_t rows, const char *const *group, int k, uint32_t seed, int *fold) {
    MIEN_NEED(fold);
    if (k < 2 || k > rows) {
        return mien_fail(MIEN_EINVAL,
            "%d folds of %" PRId64 " rows: at least 2, and a row for each", k, rows);
    }
    int64_t *order = mien_alloc((size_t)rows, sizeof *order);
    if (!order) {
        return MIEN_ENOMEM;
    }
    mien_random random;
    mien_random_init(&random, seed);
    mien_status status = MIEN_OK;
    if (group) {
        status = fold_groups(rows, group, k, &random, order, fold);
    } else {
        deal_rows(rows, k, &random, order, fold);
    }
    mien_free(order);
    return status;
}

/* ---- all rules ---------------------------------------------------------------- */

/* Flags: what a rule needs of the rows. */
enum { GROUP = 1, STRATA = 2, SPLIT = 4, FOLDS = 8, ACROSS = 16 };

static const struct {
    const char *name;
    int needs;
} rules[] = {
    [MIEN_FOLDS_ROWS] = {"rows", FOLDS},
    [MIEN_FOLDS_GROUPS] = {"groups", FOLDS | GROUP},
    [MIEN_FOLDS_STRATIFIED] = {"stratified", FOLDS | STRATA},
    [MIEN_FOLDS_STRATIFIED_GROUPS] = {"stratified-groups", FOLDS | GROUP | STRATA},
    [MIEN_FOLDS_LEAVE_GROUP] = {"leave-one-group-out", GROUP},
    [MIEN_FOLDS_PRESCRIBED] = {"prescribed", SPLIT},
    [MIEN_FOLDS_NAMES] = {"names", GROUP},
    [MIEN_FOLDS_CLASS_SHARE] = {"class-share", STRATA},
    [MIEN_FOLDS_CROSSED] = {"crossed", FOLDS | GROUP | ACROSS},
};
enum { RULES = sizeof rules / sizeof *rules };

const char *mien_fold_rule_name(mien_fold_rule rule) {
    return (unsigned)rule < RULES ? rules[rule].name : "";
}

mien_status mien_fold_rule_parse(const char *name, mien_fold_rule *rule) {
    MIEN_NEED(name, rule);
    mien_string known;
    mien_string_init(&known);
    for (int i = 0; i < RULES; i++) {
        if (strcmp(rules[i].name, name) == 0) {
            *rule = (mien_fold_rule)i;
            mien_string_clear(&known);
            return MIEN_OK;
        }
        mien_string_addf(&known, "%s%s", i ? ", " : "", rules[i].name);
    }
    mien_status status = mien_string_status(&known);
    if (status == MIEN_OK) {
        status = mien_fail(MIEN_EINVAL, "there is no rule \"%s\" for folds; known: %s",
            name, known.text);
    }
    mien_string_clear(&known);
    return status;
}

mien_fold_options mien_fold_options_default(void) {
    return (mien_fold_options){
        .k = 5, .hold_out = 100, .share = 0.2, .bins = 10, .k_across = 5};
}

static mien_status check_needs(int64_t rows, const mien_fold_options *o) {
    if ((unsigned)o->rule >= RULES) {
        return mien_fail(MIEN_EINVAL, "there is no rule %d for folds", (int)o->rule);
    }
    const char *name = rules[o->rule].name;
    int needs = rules[o->rule].needs;
    if (needs & FOLDS && (o->k < 2 || o->k > rows)) {
        return mien_fail(MIEN_EINVAL,
            "%d folds of %" PRId64 " rows: at least 2, and a row for each", o->k, rows);
    }
    if (needs & GROUP && !o->group) {
        return mien_fail(MIEN_EINVAL, "folds by rule %s need groups", name);
    }
    if (needs & STRATA && !o->label && !o->value) {
        return mien_fail(
            MIEN_EINVAL, "folds by rule %s need classes, or values to bin", name);
    }
    if (needs & SPLIT && !o->split) {
        return mien_fail(MIEN_EINVAL, "folds by rule %s need the column split", name);
    }
    if (needs & ACROSS && (!o->across || o->k_across < 2)) {
        return mien_fail(MIEN_EINVAL,
            "folds by rule %s need the stimuli, and at least 2 folds of them", name);
    }
    return MIEN_OK;
}

static mien_status deal_by_rule(
    int64_t rows, const mien_fold_options *o, int *fold, int *folds) {
    switch (o->rule) {
    case MIEN_FOLDS_ROWS:
        return mien_folds_make(rows, NULL, o->k, o->seed, fold);
    case MIEN_FOLDS_GROUPS:
        return mien_folds_make(rows, o->group, o->k, o->seed, fold);
    case MIEN_FOLDS_STRATIFIED:
        return mien_folds_stratified(rows, o, fold);
    case MIEN_FOLDS_STRATIFIED_GROUPS:
        return mien_folds_stratified_groups(rows, o, fold);
    case MIEN_FOLDS_LEAVE_GROUP:
        return mien_folds_leave_group(rows, o, fold, folds);
    case MIEN_FOLDS_PRESCRIBED:
        return mien_folds_prescribed(rows, o, fold);
    case MIEN_FOLDS_NAMES:
        return mien_folds_names(rows, o, fold);
    case MIEN_FOLDS_CLASS_SHARE:
        return mien_folds_class_share(rows, o, fold);
    case MIEN_FOLDS_CROSSED:
        return mien_folds_crossed(rows, o, fold, folds);
    }
    return MIEN_EINVAL; /* check_needs() lets no other rule pass */
}

mien_status mien_folds_deal(
    int64_t rows, const mien_fold_options *options, int *fold, int *folds) {
    MIEN_NEED(options, fold, folds);
    mien_status status = check_needs(rows, options);
    int count =
        status == MIEN_OK && rules[options->rule].needs & FOLDS ? options->k : 1;
    status = status ? status : deal_by_rule(rows, options, fold, &count);
    if (status == MIEN_OK) {
        *folds = count;
    }
    return status;
}
