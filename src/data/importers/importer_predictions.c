/* SPDX-License-Identifier: MIT */
/* What a run predicted out of fold, as columns of numbers beside its own trial table:
 * the input of a second step.
 *
 * In comes a run folder (run.json says where its table is, predictions.csv what was
 * predicted); out goes that table with `predicted_NAME` for each target of numbers,
 * `predicted_NAME_CLASS` for each class, `run_fold`, the fold that held the row out,
 * and, of valence and arousal, the same point as `predicted_radius` and
 * `predicted_angle`. A row has the prediction of a model that did not see it. The
 * models that predicted the second step's training rows have seen its tested rows'
 * ratings, as in all stacking by the same folds: with few columns that is little, but
 * it is not nothing. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/importers/importer.h"

enum { ADDED_MAX = 256, NAME = 160 };

typedef struct added {
    char name[NAME];    /* of the new column */
    int from;           /* column of predictions.csv */
    double low, middle; /* of the target's range, to be laid on -1 to 1 */
} added;

typedef struct importing {
    mien_trials *trials;
    mien_table *predicted, *to;
    char *prefix;
    added column[ADDED_MAX];
    int columns, fold;
    int valence, arousal; /* of column; -1: not there */
    int64_t *row;         /* [rows] first row of predictions.csv; -1 */
    double *sum;          /* [rows, columns], then means */
} importing;

static mien_status add_column(importing *g, const char *name, const char *from,
    const mien_trials_target *target) {
    int column = mien_table_column(g->predicted, from);
    if (column < 0) {
        return MIEN_OK; /* the run did not learn it */
    }
    if (g->columns == ADDED_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s: more than %d predictions of a row",
            mien_table_file(g->predicted), ADDED_MAX);
    }
    added *a = &g->column[g->columns];
    *a = (added){.from = column};
    snprintf(a->name, sizeof a->name, "predicted_%.140s", name);
    if (target->kind == MIEN_TARGET_NUMBER) {
        a->low = target->minimum;
        a->middle = 0.5 * (target->minimum + target->maximum);
        g->valence = strcmp(target->name, "valence") == 0 ? g->columns : g->valence;
        g->arousal = strcmp(target->name, "arousal") == 0 ? g->columns : g->arousal;
    }
    g->columns++;
    return MIEN_OK;
}

static mien_status find_columns(importing *g) {
    mien_status status = MIEN_OK;
    g->valence = g->arousal = -1;
    g->fold = mien_table_column(g->predicted, "fold");
    for (int t = 0; status == MIEN_OK && t < mien_trials_targets(g->trials); t++) {
        const mien_trials_target *target = mien_trials_target_at(g->trials, t);
        char name[NAME], from[NAME];
        bool number = target->kind == MIEN_TARGET_NUMBER;
        snprintf(from, sizeof from, "%s_prediction", target->name);
        status = number ? add_column(g, target->name, from, target) : MIEN_OK;
        for (int k = 0; status == MIEN_OK && k < target->classes; k++) {
            snprintf(
                name, sizeof name, "%s_%.64s", target->name, target->class_name[k]);
            snprintf(
                from, sizeof from, "%s_p_%.64s", target->name, target->class_name[k]);
            status = add_column(g, name, from, target);
        }
    }
    return status || g->columns > 0
               ? status
               : mien_fail(MIEN_EFORMAT, "%s: it has no prediction of a target of %s",
                     mien_table_file(g->predicted),
                     mien_table_file(mien_trials_table(g->trials)));
}

static int64_t row_named(const importing *g, const char *trial, int64_t guess) {
    int64_t rows = mien_trials_rows(g->trials);
    for (int64_t i = 0; i < rows; i++) {
        int64_t at = (guess + i) % rows;
        if (strcmp(mien_trials_id(g->trials, at), trial) == 0) {
            return at;
        }
    }
    return -1;
}

/* Means over rows of the same trial: there is one for each seed. */
static mien_status join(importing *g) {
    int64_t rows = mien_trials_rows(g->trials), next = 0;
    int64_t *count = mien_alloc((size_t)rows, sizeof *count);
    g->row = mien_alloc((size_t)rows, sizeof *g->row);
    g->sum = mien_alloc((size_t)(rows * g->columns), sizeof *g->sum);
    mien_status status = count && g->row && g->sum ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        g->row[i] = -1;
    }
    for (int64_t p = 0; status == MIEN_OK && p < mien_table_rows(g->predicted); p++) {
        const char *trial = mien_table_cell(g->predicted, p, 0);
        int64_t at = row_named(g, trial, next);
        if (at < 0) {
            status = mien_fail(MIEN_EFORMAT, "%s:%lld: trial %s is not in %s",
                mien_table_file(g->predicted),
                (long long)mien_table_line(g->predicted, p), trial,
                mien_table_file(mien_trials_table(g->trials)));
            break;
        }
        next = at + 1;
        g->row[at] = g->row[at] < 0 ? p : g->row[at];
        count[at]++;
        for (int k = 0; status == MIEN_OK && k < g->columns; k++) {
            double value = (double)NAN;
            status = mien_table_number(g->predicted, p, g->column[k].from, &value);
            g->sum[at * g->columns + k] += value;
        }
    }
    for (int64_t i = 0; status == MIEN_OK && i < rows * g->columns; i++) {
        g->sum[i] /=
            count[i / g->columns] ? (double)count[i / g->columns] : (double)NAN;
    }
    mien_free(count);
    return status;
}

/* ---- the table ------------------------------------------------------------------ */

/* Columns whose first cell is a file, as seen from the run's table. */
static bool is_path(const importing *g, int column) {
    const mien_table *from = mien_trials_table(g->trials);
    int64_t i = 0;
    while (i < mien_table_rows(from) &&
           mien_cell_missing(mien_table_cell(from, i, column))) {
        i++;
    }
    char *path = i < mien_table_rows(from)
                     ? mien_trials_path(g->trials, i, mien_table_name(from, column))
                     : NULL;
    if (path) {
        path[strcspn(path, "#")] = 0;
    }
    bool is = path && mien_file_exists(path) && !mien_file_is_directory(path);
    mien_free(path);
    return is;
}

static mien_status make_column(importing *g, int column) {
    const mien_table *from = mien_trials_table(g->trials);
    const char *name = mien_table_name(from, column);
    int64_t rows = mien_table_rows(from);
    const char **cells = mien_alloc((size_t)rows, sizeof *cells);
    char **made = mien_alloc((size_t)rows, sizeof *made);
    mien_status status = cells && made ? MIEN_OK : MIEN_ENOMEM;
    bool leads = *g->prefix && status == MIEN_OK && is_path(g, column);
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        const char *cell = mien_table_cell(from, i, column);
        cells[i] = mien_cell_missing(cell) ? NULL : cell;
        if (leads && cells[i] && cell[0] != '/') {
            cells[i] = made[i] = mien_path_join(g->prefix, cell);
            status = made[i] ? MIEN_OK : MIEN_ENOMEM;
        }
    }
    if (status == MIEN_OK) {
        status = column == 0 ? mien_table_new(1, &name, &g->to) : MIEN_OK;
        for (int64_t i = 0; status == MIEN_OK && column == 0 && i < rows; i++) {
            status = mien_table_add_row(g->to, &cells[i]);
        }
        if (status == MIEN_OK && column > 0) {
            status = mien_table_add_column(g->to, name, cells);
        }
    }
    for (int64_t i = 0; made && i < rows; i++) {
        mien_free(made[i]);
    }
    mien_free((void *)made);
    mien_free((void *)cells);
    return status;
}

/* The point of a row on the plane of valence and arousal, each laid on -1 to 1. */
static void polar(const importing *g, int64_t row, double out[2]) {
    double at[2];
    const int of[2] = {g->valence, g->arousal};
    for (int k = 0; k < 2; k++) {
        const added *a = &g->column[of[k]];
        at[k] = (g->sum[row * g->columns + of[k]] - a->middle) / (a->middle - a->low);
    }
    out[0] = hypot(at[0], at[1]);
    out[1] = atan2(at[1], at[0]); /* not atan(a / v), which loses the half plane */
}

static mien_status add_numbers(importing *g, const char *name, int which) {
    int64_t rows = mien_table_rows(g->to);
    char(*text)[32] = mien_alloc((size_t)rows, sizeof *text);
    const char **cells = mien_alloc((size_t)rows, sizeof *cells);
    mien_status status = text && cells ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        double point[2] = {(double)NAN, (double)NAN};
        if (which < 0) {
            polar(g, i, point);
        }
        double value = which < 0 ? point[-1 - which] : g->sum[i * g->columns + which];
        cells[i] = isfinite(value) ? mien_format_double(value, text[i]) : NULL;
    }
    status = status ? status : mien_table_add_column(g->to, name, cells);
    mien_free((void *)cells);
    mien_free(text);
    return status;
}

static mien_status add_folds(importing *g) {
    int64_t rows = mien_table_rows(g->to);
    const char **cells = mien_alloc((size_t)rows, sizeof *cells);
    mien_status status = cells ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        cells[i] = g->row[i] < 0 || g->fold < 0
                       ? NULL
                       : mien_table_cell(g->predicted, g->row[i], g->fold);
    }
    status = status ? status : mien_table_add_column(g->to, "run_fold", cells);
    mien_free((void *)cells);
    return status;
}

static mien_status make_table(importing *g) {
    const mien_table *from = mien_trials_table(g->trials);
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < mien_table_columns(from); k++) {
        const char *name = mien_table_name(from, k);
        status = strncmp(name, "predicted_", 10) == 0 || strcmp(name, "run_fold") == 0
                     ? mien_fail(MIEN_EFORMAT,
                           "%s: has a column \"%s\" already: the run is a second step",
                           mien_table_file(from), name)
                     : make_column(g, k);
    }
    for (int k = 0; status == MIEN_OK && k < g->columns; k++) {
        status = add_numbers(g, g->column[k].name, k);
    }
    if (status == MIEN_OK && g->valence >= 0 && g->arousal >= 0) {
        status = add_numbers(g, "predicted_radius", -1);
        status = status ? status : add_numbers(g, "predicted_angle", -2);
    }
    return status ? status : add_folds(g);
}

/* ---- the whole ------------------------------------------------------------------ */

static mien_status open_run(importing *g, const char *run, const char *output) {
    char *json = mien_path_join(run, "run.json");
    char *csv = mien_path_join(run, "predictions.csv"), *folder = NULL;
    mien_value *map = NULL;
    mien_status status = json && csv ? mien_value_read(json, &map) : MIEN_ENOMEM;
    const char *path = status ? NULL : mien_value_text(mien_value_get(map, "trials"));
    if (status == MIEN_OK && !path) {
        status = mien_fail(MIEN_EFORMAT, "%s: does not say where the table is", json);
    }
    status = status ? status : mien_trials_open(path, &g->trials);
    status = status ? status : mien_table_read(csv, NULL, &g->predicted);
    if (status == MIEN_OK) {
        folder = mien_path_directory(path);
        status =
            folder ? mien_relative_directory(output, folder, &g->prefix) : MIEN_ENOMEM;
    }
    mien_free(folder);
    mien_value_free(&map);
    mien_free(csv);
    mien_free(json);
    return status;
}

static mien_status import(const char *directory, const char *output,
    const mien_options *options, mien_table **table, mien_value **sidecar) {
    importing g = {0};
    mien_value *copy = NULL;
    (void)options;
    mien_status status = open_run(&g, directory, output);
    status = status ? status : find_columns(&g);
    status = status ? status : join(&g);
    status = status ? status : make_table(&g);
    status = status ? status : mien_value_copy(mien_trials_sidecar(g.trials), &copy);
    status = status
                 ? status
                 : mien_sidecar_add_column(copy, "run_fold",
                       "fold of the run that predicted the row, which had not seen it");
    status = status
                 ? status
                 : mien_sidecar_add_note(copy,
                       "columns predicted_… were predicted out of fold by another run");
    if (status == MIEN_OK) {
        *table = g.to;
        *sidecar = copy;
        g.to = NULL;
        copy = NULL;
    }
    mien_value_free(&copy);
    mien_table_free(&g.to);
    mien_table_free(&g.predicted);
    mien_trials_close(&g.trials);
    mien_free(g.prefix);
    mien_free(g.row);
    mien_free(g.sum);
    return status;
}

const mien_importer mien_importer_predictions = {
    .name = "predictions",
    .summary = "the out-of-fold predictions of a run folder, as columns beside its own "
               "trial table: for a second step",
    .import = import,
};
