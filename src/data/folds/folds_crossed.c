/* SPDX-License-Identifier: MIT */
/* Crossed folds: persons and stimuli are assigned independently, so that one fit, which
 * learns from the rows of neither a fold of persons nor a fold of stimuli, is judged on
 * four cells: person seen or not, stimulus seen or not. mien_folds_deal() makes the
 * folds (each row in the one where both are left out), the dataset of a study asks for
 * the cells. */
#include "data/folds/folds.h"
#include "base/need.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

static const char *const cell_names[MIEN_CELLS] = {
    "both-unseen", "person-seen", "stimulus-seen", "both-seen"};

const char *mien_cell_name(mien_cell cell) {
    return (unsigned)cell < MIEN_CELLS ? cell_names[cell] : "";
}

/* ---- assigning --------------------------------------------------------------------
 */

/* A person or a stimulus, and its mean value. */
typedef struct member {
    int64_t number;
    double sum, count;
} member;

static double mean_of(const member *m) {
    return m->count > 0 ? m->sum / m->count : -INFINITY;
}

static int by_mean(const void *a, const void *b) {
    const member *x = a, *y = b;
    double p = mean_of(x), q = mean_of(y);
    return p != q ? (p > q) - (p < q)
                  : (x->number > y->number) - (x->number < y->number);
}

/* Members in the order of their means, each block of k in a drawn order over the folds;
 * of the last, shorter block the folds are drawn too. */
static void spread(
    const member *members, int64_t count, int k, mien_random *random, int *fold) {
    int64_t order[MIEN_FOLDS_CROSSED_MAX];
    for (int64_t first = 0; first < count; first += k) {
        mien_random_permutation(random, order, k);
        for (int64_t i = first; i < count && i < first + k; i++) {
            fold[members[i].number] = (int)order[i - first];
        }
    }
}

/* The value that balances a row; classes count by their number. */
static double value_of(const mien_fold_options *o, int64_t row) {
    return o->label   ? (o->label[row] >= 0 ? o->label[row] : (double)NAN)
           : o->value ? o->value[row]
                      : (double)NAN;
}

/* into [rows]: the fold of each row's name. */
static mien_status deal_names(int64_t rows, const mien_fold_options *o,
    const char *const *names, const char *what, int k, mien_random *random, int *into) {
    int64_t *number = mien_alloc((size_t)rows, sizeof *number), count = 0;
    member *members = NULL;
    int *fold = NULL;
    mien_status status =
        number ? mien_names_number(rows, names, number, &count) : MIEN_ENOMEM;
    if (status == MIEN_OK && (count < k || k > MIEN_FOLDS_CROSSED_MAX)) {
        status = mien_fail(MIEN_EINVAL,
            "%d folds of %" PRId64 " %s: each needs at least one, and %d is the most",
            k, count, what, MIEN_FOLDS_CROSSED_MAX);
    }
    if (status == MIEN_OK) {
        members = mien_alloc((size_t)count, sizeof *members);
        fold = mien_alloc((size_t)count, sizeof *fold);
        status = members && fold ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK) {
        for (int64_t i = 0; i < rows; i++) {
            double value = value_of(o, i);
            member *m = &members[number[i]];
            m->number = number[i];
            m->sum += isfinite(value) ? value : 0;
            m->count += isfinite(value);
        }
        qsort(members, (size_t)count, sizeof *members, by_mean);
        spread(members, count, k, random, fold);
        for (int64_t i = 0; i < rows; i++) {
            into[i] = fold[number[i]];
        }
    }
    mien_free(fold);
    mien_free(members);
    mien_free(number);
    return status;
}

static mien_status check_names(int64_t rows, const mien_fold_options *o) {
    for (int64_t i = 0; i < rows; i++) {
        if (!o->group[i] || !o->across[i]) {
            return mien_fail(MIEN_EINVAL,
                "row %" PRId64 " has no %s: crossed folds need both in every row", i,
                o->group[i] ? "stimulus" : "person");
        }
    }
    return MIEN_OK;
}

mien_status mien_folds_crossed(
    int64_t rows, const mien_fold_options *o, int *fold, int *folds) {
    int *stimulus = mien_alloc((size_t)rows, sizeof *stimulus);
    mien_random random;
    mien_random_init(&random, o->seed);
    mien_status status = stimulus ? check_names(rows, o) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = deal_names(rows, o, o->group, "persons", o->k, &random, fold);
    }
    if (status == MIEN_OK) {
        status =
            deal_names(rows, o, o->across, "stimuli", o->k_across, &random, stimulus);
    }
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        fold[i] = fold[i] * o->k_across + stimulus[i];
    }
    if (status == MIEN_OK) {
        *folds = o->k * o->k_across;
    }
    mien_free(stimulus);
    return status;
}

/* ---- cells ---------------------------------------------------------------------- */

/* All rows by person, and what a fit has seen. */
typedef struct seen {
    int64_t persons, stimuli;
    int64_t *person, *stimulus; /* [rows] numbers */
    int64_t *first, *row;       /* [persons + 1], [rows] by person */
    int64_t *order;             /* [rows] room for a draw */
    bool *met_person, *met_stimulus;
} seen;

static void seen_clear(seen *s) {
    mien_free(s->person);
    mien_free(s->stimulus);
    mien_free(s->first);
    mien_free(s->row);
    mien_free(s->order);
    mien_free(s->met_person);
    mien_free(s->met_stimulus);
}

static void sort_rows(seen *s, int64_t rows) {
    for (int64_t i = 0; i < rows; i++) {
        s->first[s->person[i] + 1]++;
    }
    for (int64_t p = 0; p < s->persons; p++) {
        s->first[p + 1] += s->first[p];
        s->order[p] = s->first[p];
    }
    for (int64_t i = 0; i < rows; i++) {
        s->row[s->order[s->person[i]]++] = i;
    }
}

static mien_status seen_init(seen *s, int64_t rows, const mien_fold_options *o) {
    size_t n = (size_t)rows;
    *s = (seen){.person = mien_alloc(n, sizeof *s->person),
        .stimulus = mien_alloc(n, sizeof *s->stimulus),
        .first = mien_alloc(n + 1, sizeof *s->first),
        .row = mien_alloc(n, sizeof *s->row),
        .order = mien_alloc(n, sizeof *s->order),
        .met_person = mien_alloc(n, sizeof *s->met_person),
        .met_stimulus = mien_alloc(n, sizeof *s->met_stimulus)};
    if (!s->person || !s->stimulus || !s->first || !s->row || !s->order ||
        !s->met_person || !s->met_stimulus) {
        return MIEN_ENOMEM;
    }
    mien_status status = mien_names_number(rows, o->group, s->person, &s->persons);
    if (status == MIEN_OK) {
        status = mien_names_number(rows, o->across, s->stimulus, &s->stimuli);
    }
    if (status == MIEN_OK) {
        sort_rows(s, rows);
    }
    return status;
}

/* Keeps a drawn share of a person's core rows out: as many as the share says on
 * average. */
static void keep_out(
    seen *s, int64_t person, int fit, double share, uint32_t seed, int8_t *cell) {
    int64_t n = 0;
    mien_stream stream;
    mien_stream_init(&stream, seed, (uint64_t)fit, (uint64_t)person);
    for (int64_t i = s->first[person]; i < s->first[person + 1]; i++) {
        if (cell[s->row[i]] == MIEN_CELL_CORE) {
            s->order[n++] = s->row[i];
        }
    }
    int64_t out = (int64_t)floor(share * (double)n + mien_stream_uniform(&stream));
    for (int64_t i = 0; i < out && i < n; i++) {
        int64_t k = i + (int64_t)(mien_stream_uniform(&stream) * (double)(n - i));
        int64_t row = s->order[k];
        s->order[k] = s->order[i];
        cell[row] = MIEN_CELL_BOTH_SEEN;
    }
}

/* A person or a stimulus is seen when the core has a row of it: what is neither left
 * out nor there belongs to no cell. */
static void check_seen(seen *s, int64_t rows, int8_t *cell) {
    for (int64_t i = 0; i < rows; i++) {
        s->met_person[s->person[i]] = s->met_stimulus[s->stimulus[i]] = false;
    }
    for (int64_t i = 0; i < rows; i++) {
        if (cell[i] == MIEN_CELL_CORE) {
            s->met_person[s->person[i]] = s->met_stimulus[s->stimulus[i]] = true;
        }
    }
    for (int64_t i = 0; i < rows; i++) {
        bool person = s->met_person[s->person[i]];
        bool stimulus = s->met_stimulus[s->stimulus[i]];
        if ((cell[i] == MIEN_CELL_PERSON_SEEN && !person) ||
            (cell[i] == MIEN_CELL_STIMULUS_SEEN && !stimulus) ||
            (cell[i] == MIEN_CELL_BOTH_SEEN && !(person && stimulus))) {
            cell[i] = MIEN_CELL_NONE;
        }
    }
}

static mien_status check_fit(
    int64_t rows, const mien_fold_options *o, int fit, const int8_t *cell) {
    int64_t core = 0, tested = 0;
    for (int64_t i = 0; i < rows; i++) {
        core += cell[i] == MIEN_CELL_CORE;
        tested += cell[i] == MIEN_CELL_BOTH_UNSEEN;
    }
    return core && tested
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "without the persons of fold %d and the stimuli of fold %d, "
                     "%" PRId64 " rows are left to learn from, and %" PRId64
                     " rows are of both: none of these may be empty: use fewer folds",
                     fit / o->k_across, fit % o->k_across, core, tested);
}

mien_status mien_folds_cells(int64_t rows, const mien_fold_options *options,
    double share, const int *fold, int8_t *cell) {
    MIEN_NEED(options, fold || rows < 1, cell);
    const mien_fold_options *o = options;
    if (!(share >= 0 && share < 1)) {
        return mien_fail(MIEN_EINVAL,
            "a share of %g kept out of what is learnt from: 0 or more, below 1", share);
    }
    seen s;
    mien_status status = seen_init(&s, rows, o);
    for (int fit = 0; status == MIEN_OK && fit < o->k * o->k_across; fit++) {
        int8_t *of = cell + fit * rows;
        for (int64_t i = 0; i < rows; i++) {
            bool person = fold[i] / o->k_across == fit / o->k_across;
            bool stimulus = fold[i] % o->k_across == fit % o->k_across;
            of[i] = (int8_t)(person && stimulus ? MIEN_CELL_BOTH_UNSEEN
                             : person           ? MIEN_CELL_STIMULUS_SEEN
                             : stimulus         ? MIEN_CELL_PERSON_SEEN
                                                : MIEN_CELL_CORE);
        }
        for (int64_t p = 0; p < s.persons; p++) {
            keep_out(&s, p, fit, share, o->seed, of);
        }
        check_seen(&s, rows, of);
        status = check_fit(rows, o, fit, of);
    }
    seen_clear(&s);
    return status;
}
