/* SPDX-License-Identifier: MIT */
/* Reads the classes of a run's predictions. */
#include "cli/evaluate_labels.h"

#include "cli/evaluate_pairs.h"
#include "report/run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

void cli_labels_clear(cli_labels *labels) {
    cli_labels *l = labels;
    mien_free(l->truth);
    mien_free(l->prediction);
    mien_free(l->probability);
    mien_free(l->null);
    mien_free(l->group);
    mien_free(l->across);
    mien_free(l->row);
    *l = (cli_labels){0};
}

static void find_columns(cli_labels *l, const mien_table *table, const char *target) {
    char start[96];
    snprintf(start, sizeof start, "%s_p_", target);
    l->skip = strlen(start);
    for (int c = 0; c < mien_table_columns(table); c++) {
        if (strncmp(mien_table_name(table, c), start, l->skip) == 0) {
            l->first = l->classes++ ? l->first : c;
        }
    }
}

static mien_status class_of(const cli_labels *l, const mien_table *table, int64_t row,
    const char *target, const char *part, int *class) {
    char column[96];
    snprintf(column, sizeof column, "%s_%s", target, part);
    const char *cell = mien_table_cell(table, row, mien_table_column(table, column));
    for (int k = 0; cell && k < l->classes; k++) {
        if (strcmp(mien_table_name(table, l->first + k) + l->skip, cell) == 0) {
            *class = k;
            return MIEN_OK;
        }
    }
    return mien_fail(MIEN_EFORMAT, "%s:%lld: column \"%s\": \"%s\" is no class of it",
        mien_table_file(table), (long long)mien_table_line(table, row), column,
        cell ? cell : "");
}

/* Row of the table to place `at` of the arrays. */
static mien_status read_row(cli_labels *l, const mien_table *table, int64_t row,
    int64_t at, const char *target) {
    mien_status status = class_of(l, table, row, target, "truth", &l->truth[at]);
    if (status == MIEN_OK) {
        status = class_of(l, table, row, target, "prediction", &l->prediction[at]);
    }
    for (int k = 0; status == MIEN_OK && k < l->classes; k++) {
        status = mien_table_number(
            table, row, l->first + k, &l->probability[at * l->classes + k]);
    }
    return status == MIEN_OK ? cli_labels_settle(l, table, row, at, target) : status;
}

mien_status cli_labels_settle(cli_labels *labels, const mien_table *table, int64_t row,
    int64_t at, const char *target) {
    cli_labels *l = labels;
    double *p = l->probability + at * l->classes, sum = 0;
    bool good = true;
    for (int k = 0; k < l->classes; k++) {
        good = good && p[k] >= 0 && p[k] <= 1;
        sum += p[k];
    }
    /* each is off by half of the second digit at most */
    good = good && fabs(sum - 1) <= fmin(0.05, 0.005 * l->classes) + 1e-9;
    if (!good) {
        return mien_fail(MIEN_EFORMAT,
            "%s:%lld: the probabilities of %s sum to %g: each must be 0 to 1, and all "
            "of a row 1",
            mien_table_file(table), (long long)mien_table_line(table, row), target,
            sum);
    }
    if (fabs(sum - 1) > 1e-3) {
        l->first_rounded = l->rounded++ ? l->first_rounded : row;
        for (int k = 0; k < l->classes; k++) {
            p[k] /= sum;
        }
    }
    return MIEN_OK;
}

void cli_labels_tell(
    const cli_labels *labels, const mien_table *table, const char *target) {
    if (labels->rounded) {
        mien_log(MIEN_LOG_WARN, "cli",
            "%s:%lld: in %lld rows, this one first, the probabilities of %s are "
            "rounded: "
            "they are divided by their sum",
            mien_table_file(table),
            (long long)mien_table_line(table, labels->first_rounded),
            (long long)labels->rounded, target);
    }
}

/* The shares of the classes, where the table has them for every row. */
static mien_status read_null(
    cli_labels *l, const mien_table *table, const char *target) {
    bool all = true;
    l->null = mien_alloc((size_t)(l->rows * l->classes), sizeof *l->null);
    mien_status status = l->null ? MIEN_OK : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < l->classes; k++) {
        char part[128];
        snprintf(part, sizeof part, "null_p_%.100s",
            mien_table_name(table, l->first + k) + l->skip);
        int column = cli_column_of(table, target, part);
        for (int64_t i = 0; status == MIEN_OK && i < l->rows; i++) {
            double *share = &l->null[i * l->classes + k];
            status = cli_number_at(table, l->row[i], column, share);
            all = all && isfinite(*share);
        }
    }
    if (!all) {
        mien_free(l->null);
        l->null = NULL;
    }
    return status;
}

/* Rows of a seed that have the target, of those given (NULL: of all). */
static void list_rows(cli_labels *l, const mien_table *table, const char *target,
    const int64_t *given, int64_t count) {
    char column[96];
    snprintf(column, sizeof column, "%s_truth", target);
    int at = mien_table_column(table, column);
    for (int64_t i = 0; i < count; i++) {
        int64_t from = given ? given[i] : i;
        const char *cell = mien_table_cell(table, from, at);
        if (cell && !mien_cell_missing(cell)) {
            l->row[l->rows++] = from;
        }
    }
}

mien_status cli_labels_group(cli_labels *labels, const int64_t *group, int64_t rows) {
    cli_labels *l = labels;
    bool *known = mien_alloc((size_t)rows, sizeof *known);
    for (int64_t i = 0; known && i < l->rows; i++) {
        l->group[i] = group[l->row[i]];
        l->groups += !known[l->group[i]];
        known[l->group[i]] = true;
    }
    mien_free(known);
    return known ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status list_groups(cli_labels *l, const mien_table *table) {
    int64_t rows = mien_table_rows(table);
    int64_t *group = mien_alloc((size_t)rows, sizeof *group);
    mien_status status = group ? cli_groups_of(table, "group", group) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = cli_labels_group(l, group, rows);
    }
    mien_free(group);
    return status;
}

static mien_status labels_init(cli_labels *l, int64_t rows) {
    size_t n = (size_t)(rows * l->seeds);
    l->truth = mien_alloc(n, sizeof *l->truth);
    l->prediction = mien_alloc(n, sizeof *l->prediction);
    l->probability = mien_alloc(n * (size_t)l->classes, sizeof *l->probability);
    l->group = mien_alloc((size_t)rows, sizeof *l->group);
    l->row = mien_alloc((size_t)rows, sizeof *l->row);
    return l->truth && l->prediction && l->probability && l->group && l->row
               ? MIEN_OK
               : MIEN_ENOMEM;
}

mien_status cli_labels_read(cli_labels *labels, const mien_table *table,
    const char *target, const int64_t *given, int64_t count) {
    cli_labels *l = labels;
    *l = (cli_labels){0};
    find_columns(l, table, target);
    mien_status status = mien_run_seeds(table, &l->seeds);
    if (status != MIEN_OK) {
        return status;
    }
    int64_t rows = mien_table_rows(table) / l->seeds;
    count = given ? count : rows;
    status = labels_init(l, count);
    if (status == MIEN_OK) {
        list_rows(l, table, target, given, count);
        status = list_groups(l, table);
    }
    for (int64_t k = 0; k < l->seeds; k++) {
        for (int64_t i = 0; status == MIEN_OK && i < l->rows; i++) {
            status = read_row(l, table, k * rows + l->row[i], k * l->rows + i, target);
        }
    }
    return status == MIEN_OK ? read_null(l, table, target) : status;
}

mien_class_answers cli_labels_answers(const cli_labels *labels, int64_t seed) {
    const cli_labels *l = labels;
    int64_t first = seed * l->rows;
    return (mien_class_answers){.n = l->rows,
        .classes = l->classes,
        .truth = l->truth + first,
        .prediction = l->prediction + first,
        .probability = l->probability ? l->probability + first * l->classes : NULL};
}
