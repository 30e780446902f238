/* SPDX-License-Identifier: MIT */
/* Pairs the rows of two runs by trial. */
#include "cli/compare_runs.h"

#include "data/trials.h"
#include "report/run.h"

#include <stdio.h>
#include <string.h>

static mien_status side_open(cli_side *side, const char *path) {
    side->path = path;
    char *file = mien_file_is_directory(path) ? mien_path_join(path, "predictions.csv")
                                              : mien_strdup(path);
    mien_status status = file ? mien_table_read(file, NULL, &side->table) : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_table_column(side->table, "trial") < 0) {
        status = mien_fail(
            MIEN_EFORMAT, "%s: there is no column \"trial\" to pair by", file);
    }
    if (status == MIEN_OK) {
        status = mien_run_seeds(side->table, &side->seeds);
    }
    if (status == MIEN_OK) {
        side->rows = mien_table_rows(side->table) / side->seeds;
    }
    mien_free(file);
    return status;
}

static const char *cell_of(const cli_side *side, int64_t row, const char *column) {
    const char *cell =
        mien_table_cell(side->table, row, mien_table_column(side->table, column));
    return cell && !mien_cell_missing(cell) ? cell : NULL;
}

static mien_status twice(const cli_side *side, int64_t row) {
    return mien_fail(MIEN_EFORMAT, "%s:%lld: trial %s is there twice",
        mien_table_file(side->table), (long long)mien_table_line(side->table, row),
        cell_of(side, row, "trial"));
}

/* partner [a's rows]: b's row of the same trial, or −1. first: scratch for both. */
static mien_status find_partners(const cli_side *a, const cli_side *b,
    const char **names, int64_t *first, int64_t *partner) {
    for (int64_t i = 0; i < a->rows + b->rows; i++) {
        names[i] =
            i < a->rows ? cell_of(a, i, "trial") : cell_of(b, i - a->rows, "trial");
        if (i < a->rows) {
            partner[i] = -1;
        }
    }
    mien_status status = mien_names_first(a->rows + b->rows, names, first);
    for (int64_t i = 0; status == MIEN_OK && i < a->rows; i++) {
        status = first[i] == i ? MIEN_OK : twice(a, i);
    }
    for (int64_t i = a->rows; status == MIEN_OK && i < a->rows + b->rows; i++) {
        if (first[i] < a->rows && partner[first[i]] < 0) {
            partner[first[i]] = i - a->rows;
        } else if (first[i] != i) {
            status = twice(b, i - a->rows);
        }
    }
    return status;
}

static void list_pairs(cli_comparison *c, const int64_t *partner) {
    for (int64_t i = 0; i < c->a.rows; i++) {
        if (partner[i] < 0) {
            continue;
        }
        const char *a = cell_of(&c->a, i, "fold");
        const char *b = cell_of(&c->b, partner[i], "fold");
        c->other_folds += (a || b) && (!a || !b || strcmp(a, b) != 0);
        c->row_a[c->count] = i;
        c->row_b[c->count++] = partner[i];
    }
}

static mien_status pair_rows(cli_comparison *c) {
    size_t all = (size_t)(c->a.rows + c->b.rows);
    const char **names = mien_alloc(all, sizeof *names);
    int64_t *first = mien_alloc(all, sizeof *first);
    int64_t *partner = mien_alloc((size_t)c->a.rows, sizeof *partner);
    mien_status status = names && first && partner
                             ? find_partners(&c->a, &c->b, names, first, partner)
                             : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        list_pairs(c, partner);
    }
    if (status == MIEN_OK && !c->count) {
        status = mien_fail(MIEN_EFORMAT,
            "%s and %s have no trial in common: only runs on the same trials can be "
            "compared",
            c->a.path, c->b.path);
    }
    mien_free(partner);
    mien_free(first);
    mien_free(names);
    return status;
}

static mien_status read_results(cli_comparison *c) {
    if (!mien_file_is_directory(c->a.path)) {
        return mien_fail(MIEN_EINVAL,
            "%s is no run folder: a table of predictions has no baseline", c->a.path);
    }
    char *path = mien_path_join(c->a.path, "results.json");
    mien_status status = path ? mien_value_read(path, &c->results) : MIEN_ENOMEM;
    for (c->count = 0; c->count < c->a.rows; c->count++) {
        c->row_a[c->count] = c->count;
    }
    mien_free(path);
    return status;
}

mien_status cli_comparison_open(
    cli_comparison *comparison, const char *a, const char *b) {
    cli_comparison *c = comparison;
    *c = (cli_comparison){0};
    mien_status status = side_open(&c->a, a);
    if (status == MIEN_OK && b) {
        status = side_open(&c->b, b);
    }
    if (status != MIEN_OK) {
        return status;
    }
    c->row_a = mien_alloc((size_t)c->a.rows, sizeof *c->row_a);
    c->row_b = mien_alloc((size_t)c->a.rows, sizeof *c->row_b);
    if (!c->row_a || !c->row_b) {
        return MIEN_ENOMEM;
    }
    return b ? pair_rows(c) : read_results(c);
}

void cli_comparison_close(cli_comparison *comparison) {
    mien_free(comparison->row_a);
    mien_free(comparison->row_b);
    mien_table_free(&comparison->a.table);
    mien_table_free(&comparison->b.table);
    mien_value_free(&comparison->results);
}

static bool same_cell(const char *a, const char *b) {
    double x, y;
    if (!a || !b) {
        return !a && !b;
    }
    return strcmp(a, b) == 0 ||
           (mien_parse_number(a, &x) && mien_parse_number(b, &y) && x == y);
}

mien_status cli_comparison_check_truth(
    const cli_comparison *comparison, const char *target) {
    const cli_comparison *c = comparison;
    char column[96];
    snprintf(column, sizeof column, "%s_truth", target);
    for (int64_t i = 0; c->b.table && i < c->count; i++) {
        const char *a = cell_of(&c->a, c->row_a[i], column);
        const char *b = cell_of(&c->b, c->row_b[i], column);
        if (!same_cell(a, b)) {
            return mien_fail(MIEN_EFORMAT,
                "trial %s: %s is %s in %s and %s in %s: only runs against the same "
                "truth "
                "can be compared",
                cell_of(&c->a, c->row_a[i], "trial"), target, a ? a : "n/a", c->a.path,
                b ? b : "n/a", c->b.path);
        }
    }
    return MIEN_OK;
}
