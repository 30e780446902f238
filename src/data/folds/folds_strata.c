/* SPDX-License-Identifier: MIT */
/* Folds that have the same share of each class: of single rows, and of whole groups. */
#include "data/folds/folds.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define STRATA_MAX 100000

/* Checks given labels, and finds how many classes there are. */
static mien_status check_labels(
    int64_t rows, const mien_fold_options *o, int *classes) {
    int limit = o->classes > 0 ? o->classes : STRATA_MAX;
    int highest = o->classes > 0 ? o->classes - 1 : -1;
    for (int64_t i = 0; i < rows; i++) {
        if (o->label[i] < 0 || o->label[i] >= limit) {
            return mien_fail(MIEN_EINVAL,
                "row %" PRId64 " has no class (%d): leave such rows out first", i,
                o->label[i]);
        }
        highest = o->label[i] > highest ? o->label[i] : highest;
    }
    int64_t *sizes = mien_alloc((size_t)highest + 1, sizeof *sizes);
    mien_status status = sizes ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        sizes[o->label[i]]++;
    }
    for (int c = 0; status == MIEN_OK && c <= highest; c++) {
        if (sizes[c] == 0) {
            status = mien_fail(MIEN_EINVAL,
                "class %d of %d has no rows: leave it out of the classes", c,
                highest + 1);
        }
    }
    mien_free(sizes);
    *classes = highest + 1;
    return status;
}

mien_status mien_strata_make(
    int64_t rows, const mien_fold_options *o, int **strata, int *count) {
    int classes = o->bins;
    mien_status status = o->label ? check_labels(rows, o, &classes) : MIEN_OK;
    int *made = status == MIEN_OK ? mien_alloc((size_t)rows, sizeof *made) : NULL;
    if (status == MIEN_OK && !made) {
        status = MIEN_ENOMEM;
    }
    if (status == MIEN_OK && o->label) {
        memcpy(made, o->label, (size_t)rows * sizeof *made);
    } else if (status == MIEN_OK) {
        status = mien_bins_make(rows, o->value, o->bins, made);
    }
    if (status != MIEN_OK) {
        mien_free(made);
        return status;
    }
    *strata = made;
    *count = classes;
    return MIEN_OK;
}

/* ---- rows --------------------------------------------------------------------- */

/* order[c] = the class that appears c-th in the rows; returns how many appear. */
static int order_of_appearance(
    int64_t rows, const int *strata, int count, int *order, int64_t *sizes) {
    int found = 0;
    memset(sizes, 0, (size_t)count * sizeof *sizes);
    for (int64_t i = 0; i < rows; i++) {
        if (sizes[strata[i]]++ == 0) {
            order[found++] = strata[i];
        }
    }
    return found;
}

static mien_status check_sizes(
    const int *order, int found, const int64_t *sizes, const mien_fold_options *o) {
    for (int c = 0; c < found; c++) {
        int64_t size = sizes[order[c]];
        if (size < o->k) {
            return mien_fail(MIEN_EINVAL,
                "%d folds, but %s %d has only %" PRId64
                " rows: use fewer folds, or leave it out",
                o->k, o->label ? "class" : "bin", order[c], size);
        }
    }
    return MIEN_OK;
}

/* scikit-learn's assignment: with the rows sorted by class (in order of appearance),
 * fold f gets as many of each class as stand at f, f + k, f + 2k, …; which rows those
 * are a shuffle inside each class decides. */
static void deal_class(int c, int64_t begin, int64_t size, int64_t rows,
    const int *strata, int k, mien_random *random, int64_t *scratch, int *fold) {
    int64_t n = 0;
    for (int f = 0; f < k; f++) {
        /* positions p in [begin, begin + size) with p % k = f */
        int64_t first = begin + ((f - begin) % k + k) % k;
        for (int64_t p = first; p < begin + size; p += k) {
            scratch[n++] = f;
        }
    }
    mien_random_shuffle(random, scratch, n);
    n = 0;
    for (int64_t i = 0; i < rows; i++) {
        if (strata[i] == c) {
            fold[i] = (int)scratch[n++];
        }
    }
}

mien_status mien_folds_stratified(int64_t rows, const mien_fold_options *o, int *fold) {
    int *strata = NULL, count = 0;
    mien_status status = mien_strata_make(rows, o, &strata, &count);
    int *order = mien_alloc((size_t)count, sizeof *order);
    int64_t *sizes = mien_alloc((size_t)count, sizeof *sizes);
    int64_t *scratch = mien_alloc((size_t)rows, sizeof *scratch);
    if (status == MIEN_OK && !(order && sizes && scratch)) {
        status = MIEN_ENOMEM;
    }
    int found = 0;
    if (status == MIEN_OK) {
        found = order_of_appearance(rows, strata, count, order, sizes);
        status = check_sizes(order, found, sizes, o);
    }
    mien_random random;
    mien_random_init(&random, o->seed);
    int64_t begin = 0;
    for (int c = 0; status == MIEN_OK && c < found; c++) {
        int64_t size = sizes[order[c]];
        deal_class(order[c], begin, size, rows, strata, o->k, &random, scratch, fold);
        begin += size;
    }
    mien_free(scratch);
    mien_free(sizes);
    mien_free(order);
    mien_free(strata);
    return status;
}

/* ---- groups ------------------------------------------------------------------- */

typedef struct bunch {
    int64_t group, size, rank;
} bunch;

static int by_size(const void *a, const void *b) {
    const bunch *x = a, *y = b;
    if (x->size != y->size) {
        return x->size > y->size ? -1 : 1;
    }
    return (x->rank > y->rank) - (x->rank < y->rank);
}

/* All of one assignment: rows of each class in each group and fold. */
typedef struct assignment {
    int64_t groups;
    int classes, k;
    double *in_group, *in_fold,
        *in_class;     /* [groups, classes], [k, classes], [classes] */
    double *fold_size; /* [k] */
    int64_t *number;   /* [rows]: group of each row */
    int64_t *shuffled;
    bunch *order;
    int *fold_of; /* [groups] */
} assignment;

static void assignment_clear(assignment *d) {
    mien_free(d->in_group);
    mien_free(d->in_fold);
    mien_free(d->in_class);
    mien_free(d->fold_size);
    mien_free(d->number);
    mien_free(d->shuffled);
    mien_free(d->order);
    mien_free(d->fold_of);
}

static mien_status assignment_init(
    assignment *d, int64_t rows, const mien_fold_options *o) {
    *d = (assignment){.k = o->k};
    d->number = mien_alloc((size_t)rows, sizeof *d->number);
    mien_status status = d->number
                             ? mien_names_number(rows, o->group, d->number, &d->groups)
                             : MIEN_ENOMEM;
    if (status == MIEN_OK && d->groups < o->k) {
        status = mien_fail(MIEN_EINVAL,
            "%d folds of %" PRId64 " groups: each fold needs at least one", o->k,
            d->groups);
    }
    return status;
}

static mien_status count_classes(
    assignment *d, int64_t rows, const int *strata, const mien_fold_options *o) {
    size_t groups = (size_t)d->groups, classes = (size_t)d->classes, k = (size_t)d->k;
    d->in_group = mien_alloc(groups * classes, sizeof *d->in_group);
    d->in_fold = mien_alloc(k * classes, sizeof *d->in_fold);
    d->in_class = mien_alloc(classes, sizeof *d->in_class);
    d->fold_size = mien_alloc(k, sizeof *d->fold_size);
    d->shuffled = mien_alloc(groups, sizeof *d->shuffled);
    d->order = mien_alloc(groups, sizeof *d->order);
    d->fold_of = mien_alloc(groups, sizeof *d->fold_of);
    if (!d->in_group || !d->in_fold || !d->in_class || !d->fold_size || !d->shuffled ||
        !d->order || !d->fold_of) {
        return MIEN_ENOMEM;
    }
    mien_random random;
    mien_random_init(&random, o->seed);
    mien_random_permutation(&random, d->shuffled, d->groups);
    for (int64_t g = 0; g < d->groups; g++) {
        d->order[d->shuffled[g]] = (bunch){.group = d->shuffled[g], .rank = g};
    }
    for (int64_t i = 0; i < rows; i++) {
        d->in_group[d->number[i] * d->classes + strata[i]]++;
        d->in_class[strata[i]]++;
        d->order[d->number[i]].size++;
    }
    qsort(d->order, groups, sizeof *d->order, by_size);
    return MIEN_OK;
}

/* Adding a group with g_c rows of class c to a fold with n_c raises the sum of squared
 * shares by Σ (2 n_c g_c + g_c²) / N_c²; the second part is the same in every fold. */
static int best_fold(const assignment *d, int64_t group) {
    const double *g = d->in_group + group * d->classes;
    int best = 0;
    double best_cost = 0;
    for (int f = 0; f < d->k; f++) {
        const double *n = d->in_fold + f * d->classes;
        double cost = 0;
        for (int c = 0; c < d->classes; c++) {
            if (g[c] > 0) {
                cost += n[c] * g[c] / (d->in_class[c] * d->in_class[c]);
            }
        }
        if (f == 0 || cost < best_cost ||
            (cost == best_cost && d->fold_size[f] < d->fold_size[best])) {
            best = f;
            best_cost = cost;
        }
    }
    return best;
}

/* The fold of the next group: if only as many groups are left as folds are empty,
 * these fill the empty ones. */
static int next_fold(const assignment *d, int64_t dealt, int64_t group) {
    int empty = 0, first = -1;
    for (int f = d->k - 1; f >= 0; f--) {
        if (d->fold_size[f] == 0) {
            empty++;
            first = f;
        }
    }
    return empty > 0 && d->groups - dealt <= empty ? first : best_fold(d, group);
}

static void deal(assignment *d) {
    for (int64_t i = 0; i < d->groups; i++) {
        int64_t group = d->order[i].group;
        int f = next_fold(d, i, group);
        for (int c = 0; c < d->classes; c++) {
            d->in_fold[f * d->classes + c] += d->in_group[group * d->classes + c];
        }
        d->fold_size[f] += (double)d->order[i].size;
        d->fold_of[group] = f;
    }
}

mien_status mien_folds_stratified_groups(
    int64_t rows, const mien_fold_options *o, int *fold) {
    int *strata = NULL;
    assignment d;
    mien_status status = assignment_init(&d, rows, o);
    status = status ? status : mien_strata_make(rows, o, &strata, &d.classes);
    status = status ? status : count_classes(&d, rows, strata, o);
    if (status == MIEN_OK) {
        deal(&d);
        for (int64_t i = 0; i < rows; i++) {
            fold[i] = d.fold_of[d.number[i]];
        }
    }
    mien_free(strata);
    assignment_clear(&d);
    return status;
}
