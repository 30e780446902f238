/* SPDX-License-Identifier: MIT */
/* Judges the classes of a run's predictions. */
#include "cli/evaluate_classes.h"

#include "cli/evaluate_pairs.h"
#include "report/run.h"

#include <stdio.h>
#include <string.h>

typedef struct labels {
    int classes, first;          /* their columns stand together */
    size_t skip;                 /* of a column's name before the class */
    int64_t rows, seeds, groups; /* rows, groups: of one seed */
    int *truth, *prediction;
    double *probability;
    int64_t *group;
} labels;

static void labels_clear(labels *l) {
    mien_free(l->truth);
    mien_free(l->prediction);
    mien_free(l->probability);
    mien_free(l->group);
}

static void find_columns(labels *l, const mien_table *table, const char *target) {
    char start[96];
    snprintf(start, sizeof start, "%s_p_", target);
    l->skip = strlen(start);
    for (int c = 0; c < mien_table_columns(table); c++) {
        if (strncmp(mien_table_name(table, c), start, l->skip) == 0) {
            l->first = l->classes++ ? l->first : c;
        }
    }
}

static mien_status class_of(const labels *l, const mien_table *table, int64_t row,
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
static mien_status read_row(
    labels *l, const mien_table *table, int64_t row, int64_t at, const char *target) {
    mien_status status = class_of(l, table, row, target, "truth", &l->truth[at]);
    if (status == MIEN_OK) {
        status = class_of(l, table, row, target, "prediction", &l->prediction[at]);
    }
    for (int k = 0; status == MIEN_OK && k < l->classes; k++) {
        status = mien_table_number(
            table, row, l->first + k, &l->probability[at * l->classes + k]);
    }
    return status;
}

/* Rows of a seed that have the target, moved to the front with their groups. */
static void list_rows(labels *l, const mien_table *table, const char *target,
    int64_t rows, int64_t *row) {
    char column[96];
    snprintf(column, sizeof column, "%s_truth", target);
    for (int64_t i = 0; i < rows; i++) {
        const char *cell = mien_table_cell(table, i, mien_table_column(table, column));
        if (cell && !mien_cell_missing(cell)) {
            l->group[l->rows] = l->group[i];
            row[l->rows++] = i;
        }
    }
}

/* Different groups among those listed. */
static int64_t count_groups(const labels *l, int64_t rows) {
    bool *known = mien_alloc((size_t)rows, sizeof *known);
    int64_t count = known ? 0 : -1;
    for (int64_t i = 0; known && i < l->rows; i++) {
        count += !known[l->group[i]];
        known[l->group[i]] = true;
    }
    mien_free(known);
    return count;
}

static mien_status labels_init(labels *l, const mien_table *table) {
    size_t n = (size_t)mien_table_rows(table);
    l->truth = mien_alloc(n, sizeof *l->truth);
    l->prediction = mien_alloc(n, sizeof *l->prediction);
    l->probability = mien_alloc(n * (size_t)l->classes, sizeof *l->probability);
    l->group = mien_alloc(n, sizeof *l->group);
    return l->truth && l->prediction && l->probability && l->group
               ? cli_groups_of(table, l->group)
               : MIEN_ENOMEM;
}

static mien_status read_labels(labels *l, const mien_table *table, const char *target) {
    find_columns(l, table, target);
    mien_status status = mien_run_seeds(table, &l->seeds);
    if (status == MIEN_OK) {
        status = labels_init(l, table);
    }
    if (status != MIEN_OK) {
        return status;
    }
    int64_t rows = mien_table_rows(table) / l->seeds;
    int64_t *row = mien_alloc((size_t)rows, sizeof *row);
    status = row ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        list_rows(l, table, target, rows, row);
        l->groups = count_groups(l, rows);
        status = l->groups < 0 ? MIEN_ENOMEM : MIEN_OK;
    }
    for (int64_t k = 0; k < l->seeds; k++) {
        for (int64_t i = 0; status == MIEN_OK && i < l->rows; i++) {
            status = read_row(l, table, k * rows + row[i], k * l->rows + i, target);
        }
    }
    mien_free(row);
    return status;
}

static mien_status write_row(mien_table_writer *writer, const char *target,
    const char *metric, const labels *l, const mien_interval *interval) {
    char text[5][32];
    const double values[3] = {interval->value, interval->low, interval->high};
    for (int k = 0; k < 3; k++) {
        snprintf(text[k], sizeof text[k], "%.4f", values[k]);
    }
    snprintf(text[3], sizeof text[3], "%lld", (long long)l->rows);
    snprintf(text[4], sizeof text[4], "%lld", (long long)l->groups);
    const char *cells[] = {target, metric, text[3], text[4], text[0], text[1], text[2]};
    return mien_table_writer_row(writer, cells);
}

static mien_class_answers answers_of(const labels *l, int64_t seed) {
    int64_t first = seed * l->rows;
    return (mien_class_answers){.n = l->rows,
        .classes = l->classes,
        .truth = l->truth + first,
        .prediction = l->prediction + first,
        .probability = l->probability + first * l->classes};
}

mien_status cli_evaluate_classes(const mien_options *options, mien_pool *pool,
    const mien_table *table, const char *target, mien_table_writer **writer) {
    const mien_bootstrap_options b = {
        .repeats = (int)mien_options_int(options, "repeats"),
        .level = mien_options_number(options, "level"),
        .seed = (uint64_t)mien_options_int(options, "seed")};
    labels l = {0};
    mien_status status = read_labels(&l, table, target);
    if (status == MIEN_OK) {
        status = cli_figures_writer(options, writer);
    }
    mien_class_answers *each = mien_alloc((size_t)l.seeds, sizeof *each);
    if (status == MIEN_OK) {
        status = each ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int64_t k = 0; status == MIEN_OK && k < l.seeds; k++) {
        each[k] = answers_of(&l, k);
    }
    for (int i = 0; status == MIEN_OK && i < mien_class_metric_count(); i++) {
        const mien_class_metric *metric = mien_class_metric_at(i);
        mien_interval interval;
        status = mien_class_bootstrap_mean(
            metric, each, (int)l.seeds, l.group, &b, pool, &interval);
        if (status == MIEN_OK) {
            status = write_row(*writer, target, metric->name, &l, &interval);
        }
    }
    mien_free(each);
    labels_clear(&l);
    return status;
}
