/* SPDX-License-Identifier: MIT */
/* What intervals are over. In: --over, or the results.json of the run whose table is
 * read; out: of each row its group and what lies across. */
#include "cli/figures_over.h"

#include <stdio.h>
#include <string.h>

#include "data/trials.h"

enum { SIDES = 2, NAME = 128 };

void cli_over_clear(cli_over *over) {
    mien_free(over->group);
    mien_free(over->across);
    *over = (cli_over){0};
}

/* ---- which columns --------------------------------------------------------------- */

/* "a" or "a,b". */
static mien_status split(const char *text, char sides[SIDES][NAME]) {
    const char *comma = strchr(text, ',');
    size_t first = comma ? (size_t)(comma - text) : strlen(text);
    bool good = first > 0 && first < NAME;
    if (good && comma) {
        good = comma[1] && !strchr(comma + 1, ',') && strlen(comma + 1) < NAME;
    }
    if (!good) {
        return mien_fail(MIEN_EINVAL,
            "--over %s: a column, or two with a comma between them, as person,stimulus",
            text);
    }
    snprintf(sides[0], NAME, "%.*s", (int)first, text);
    snprintf(sides[1], NAME, "%s", comma ? comma + 1 : "");
    return MIEN_OK;
}

/* The results.json beside a table of predictions, or in a run folder; NULL: none. */
static mien_value *results_at(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = mien_file_is_directory(path) ? mien_strdup(path)
                   : slash ? mien_strndup(path, (size_t)(slash - path) + 1)
                           : mien_strdup(".");
    char *file = folder ? mien_path_join(folder, "results.json") : NULL;
    mien_value *results = NULL;
    if (file && mien_file_exists(file) && mien_value_read(file, &results) != MIEN_OK) {
        results = NULL; /* a file of another program */
    }
    mien_free(file);
    mien_free(folder);
    return results;
}

/* sides stay empty where the run is none, or crossed nothing. */
static void crossed_by(const char *path, char sides[SIDES][NAME]) {
    static const char *const keys[SIDES] = {"persons", "stimuli"};
    mien_value *results = results_at(path);
    const mien_value *targets = mien_value_get(results, "targets");
    const mien_value *crossed = mien_value_get(mien_value_at(targets, 0), "crossed");
    for (int k = 0; k < SIDES; k++) {
        const char *by =
            mien_value_text(mien_value_get(mien_value_get(crossed, keys[k]), "by"));
        snprintf(sides[k], NAME, "%s", by ? by : "");
    }
    mien_value_free(&results);
}

/* ---- their rows ------------------------------------------------------------------ */

static mien_status read_side(const mien_table *table, const char *name, int64_t **of) {
    int64_t rows = mien_table_rows(table);
    int column = mien_table_column(table, name);
    if (column < 0) {
        return mien_fail(MIEN_ENOTFOUND, "%s: --over: there is no column \"%s\"",
            mien_table_file(table), name);
    }
    for (int64_t i = 0; i < rows; i++) {
        const char *cell = mien_table_cell(table, i, column);
        if (!cell || mien_cell_missing(cell)) {
            return mien_fail(MIEN_EFORMAT,
                "%s:%lld: column \"%s\" is empty: intervals are over it",
                mien_table_file(table), (long long)mien_table_line(table, i), name);
        }
    }
    *of = mien_alloc((size_t)rows, sizeof **of);
    return *of ? cli_groups_of(table, name, *of) : MIEN_ENOMEM;
}

mien_status cli_over_read(cli_over *over, const mien_options *options, const char *path,
    const mien_table *table) {
    const char *told = mien_options_text(options, "over");
    char sides[SIDES][NAME] = {"", ""};
    mien_status status = told ? split(told, sides) : MIEN_OK;
    if (!told) {
        crossed_by(path, sides);
        if (*sides[0] && (mien_table_column(table, sides[0]) < 0 ||
                             mien_table_column(table, sides[1]) < 0)) {
            mien_log(MIEN_LOG_WARN, "cli",
                "%s lacks %s or %s, which the run crossed: intervals are over groups "
                "alone, and too narrow; train it again, or name columns with --over",
                mien_table_file(table), sides[0], sides[1]);
            *sides[0] = *sides[1] = 0;
        }
    }
    if (status == MIEN_OK && *sides[0]) {
        status = read_side(table, sides[0], &over->group);
    }
    if (status == MIEN_OK && *sides[1]) {
        status = read_side(table, sides[1], &over->across);
    }
    return status;
}

/* ---- what is judged -------------------------------------------------------------- */

/* Fills one side for the rows listed, and counts what differs. */
static mien_status fill(
    const int64_t *of, const int64_t *row, int64_t n, int64_t *to, int64_t *count) {
    int64_t most = 0;
    *count = 0;
    for (int64_t i = 0; i < n; i++) {
        to[i] = of[row[i]];
        most = to[i] > most ? to[i] : most;
    }
    bool *known = mien_alloc((size_t)most + 1, sizeof *known);
    for (int64_t i = 0; known && i < n; i++) {
        *count += !known[to[i]];
        known[to[i]] = true;
    }
    mien_free(known);
    return known ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status take(const cli_over *over, const int64_t *row, int64_t n,
    int64_t *group, int64_t **across, int64_t *groups) {
    int64_t others = 0;
    mien_status status = MIEN_OK;
    if (over->group) {
        status = fill(over->group, row, n, group, groups);
    }
    if (status == MIEN_OK && over->across) {
        *across = mien_alloc((size_t)n, sizeof **across);
        status = *across ? fill(over->across, row, n, *across, &others) : MIEN_ENOMEM;
        *groups = others < *groups ? others : *groups;
    }
    return status;
}

mien_status cli_over_pairs(const cli_over *over, cli_pairs *pairs) {
    cli_pairs *p = pairs;
    return take(over, p->row, p->count, p->group, &p->across, &p->groups);
}

mien_status cli_over_labels(const cli_over *over, cli_labels *labels) {
    cli_labels *l = labels;
    return take(over, l->row, l->rows, l->group, &l->across, &l->groups);
}
