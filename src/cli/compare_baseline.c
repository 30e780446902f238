/* SPDX-License-Identifier: MIT */
/* The baseline's answers of a run: results.json has them for each fold. */
#include "cli/compare_runs.h"

#include <math.h>
#include <string.h>

/* NULL: results.json does not tell. */
static const mien_value *answers_of(const cli_comparison *c, const char *target) {
    const mien_value *targets = mien_value_get(c->results, "targets");
    for (int64_t t = 0; t < mien_value_count(targets); t++) {
        const mien_value *map = mien_value_at(targets, t);
        const char *name = mien_value_text(mien_value_get(map, "name"));
        if (name && strcmp(name, target) == 0) {
            return mien_value_get(map, "baseline_by_fold");
        }
    }
    return NULL;
}

/* The answer in the fold that held a row out. */
static mien_status answer_of(const cli_comparison *c, const char *target, int64_t row,
    const mien_value **answer) {
    const mien_table *table = c->a.table;
    double fold = NAN;
    int column = mien_table_column(table, "fold");
    mien_status status =
        column < 0 ? MIEN_OK : mien_table_number(table, row, column, &fold);
    if (status != MIEN_OK) {
        return status;
    }
    const mien_value *list = answers_of(c, target);
    bool there = fold >= 0 && fold < (double)mien_value_count(list);
    *answer = there ? mien_value_at(list, (int64_t)fold) : NULL;
    return *answer ? MIEN_OK
                   : mien_fail(MIEN_EFORMAT,
                         "%s: no baseline_by_fold of %s for the fold of %s:%lld; a run "
                         "of an older mien has none: train it again",
                         mien_value_file(c->results), target, mien_table_file(table),
                         (long long)mien_table_line(table, row));
}

mien_status cli_baseline_number(
    const cli_comparison *comparison, const char *target, int64_t row, double *value) {
    const mien_value *answer = NULL;
    mien_status status = answer_of(comparison, target, row, &answer);
    if (status == MIEN_OK) {
        *value = mien_value_number(mien_value_get(answer, "value"), (double)NAN);
    }
    return status;
}

static mien_status read_answer(const cli_comparison *c, const char *target,
    const mien_value *answer, cli_labels *l, int64_t at) {
    const mien_value *shares = mien_value_get(answer, "shares");
    const char *class = mien_value_text(mien_value_get(answer, "class"));
    l->prediction[at] = -1;
    for (int k = 0; k < l->classes; k++) {
        const char *name = mien_table_name(c->a.table, l->first + k) + l->skip;
        if (class && strcmp(name, class) == 0) {
            l->prediction[at] = k;
        }
        l->probability[at * l->classes + k] =
            mien_value_number(mien_value_at(shares, k), (double)NAN);
    }
    return l->prediction[at] >= 0 && mien_value_count(shares) == l->classes
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT,
                     "%s: baseline_by_fold of %s does not fit the classes of %s",
                     mien_value_file(c->results), target, mien_table_file(c->a.table));
}

/* The shares that the table has beside each row; the largest class is the answer. */
static void take_null(const cli_labels *a, cli_labels *l, int64_t at) {
    const double *null = a->null + at * a->classes;
    l->prediction[at] = 0;
    for (int k = 0; k < l->classes; k++) {
        l->probability[at * l->classes + k] = null[k];
        l->prediction[at] = null[k] > null[l->prediction[at]] ? k : l->prediction[at];
    }
}

mien_status cli_baseline_labels(const cli_comparison *comparison, const char *target,
    const cli_labels *a, cli_labels *baseline) {
    size_t rows = (size_t)a->rows;
    *baseline = (cli_labels){.classes = a->classes,
        .first = a->first,
        .skip = a->skip,
        .rows = a->rows,
        .seeds = 1,
        .groups = a->groups,
        .truth = mien_alloc(rows, sizeof(int)),
        .prediction = mien_alloc(rows, sizeof(int)),
        .probability = mien_alloc(rows * (size_t)a->classes, sizeof(double))};
    mien_status status =
        baseline->truth && baseline->prediction && baseline->probability ? MIEN_OK
                                                                         : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < a->rows; i++) {
        const mien_value *answer = NULL;
        baseline->truth[i] = a->truth[i];
        if (a->null && !answers_of(comparison, target)) {
            take_null(a, baseline, i);
            continue;
        }
        status = answer_of(comparison, target, a->row[i], &answer);
        if (status == MIEN_OK) {
            status = read_answer(comparison, target, answer, baseline, i);
        }
    }
    return status;
}
