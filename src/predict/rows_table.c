/* SPDX-License-Identifier: MIT */
/* Rows to predict from a trial table: each input by its column, the part of a film or
 * recording by start_s and end_s, neighbours in time by the column of series. */
#include "predict/rows.h"
#include "inputs/regions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The state of reading one table. */
typedef struct reading {
    mien_rows *rows;
    const mien_architecture *architecture;
    mien_table *table;
    char *folder;
    int column[MIEN_INPUTS_MAX]; /* -1: none */
    int film[MIEN_INPUTS_MAX];   /* of pictures, where there is no image; -1: none */
    const mien_input_kind *kind[MIEN_INPUTS_MAX];
    const char *last[MIEN_INPUTS_MAX]; /* path that the row before had */
    int trial, start, end, series, by;
    int64_t first; /* row of the list that is the table's first */
} reading;

static void reading_clear(reading *r) {
    mien_free(r->folder);
    mien_table_free(&r->table);
}

/* ---- columns -------------------------------------------------------------------- */

/* The column that the caller names for an input; NULL: none. */
static const char *told_column(const mien_rows *rows, const char *input) {
    size_t length = strlen(input);
    for (int i = 0; i < rows->columns_count; i++) {
        const char *pair = rows->columns[i];
        if (strncmp(pair, input, length) == 0 && pair[length] == '=') {
            return pair + length + 1;
        }
    }
    return NULL;
}

/* The columns by which an input is usually called: that of the study it was trained
 * by, its own name, and its kind's. */
static int usual_column(const reading *r, int i) {
    const mien_input *input = &r->architecture->inputs[i];
    char kind[160];
    size_t length = strlen(r->kind[i]->column);
    bool named = length > 0 && r->kind[i]->column[length - 1] == '.';
    snprintf(kind, sizeof kind, "%s%s", r->kind[i]->column, named ? input->name : "");
    const char *const names[] = {input->column, input->name, kind};
    int column = -1;
    for (int k = 0; k < 3 && column < 0; k++) {
        column = mien_table_column(r->table, names[k]);
    }
    return column;
}

static mien_status find_column(reading *r, int i) {
    const mien_input *input = &r->architecture->inputs[i];
    const char *told = told_column(r->rows, input->name);
    mien_status status = mien_input_kind_find(input->kind, &r->kind[i]);
    r->film[i] = -1;
    if (status != MIEN_OK) {
        return status;
    }
    r->column[i] = told ? mien_table_column(r->table, told) : usual_column(r, i);
    if (told && r->column[i] < 0) {
        return mien_fail(MIEN_ENOTFOUND, "%s: there is no column \"%s\" for input %s",
            mien_table_file(r->table), told, input->name);
    }
    if (!told && r->kind[i]->load_image) {
        r->film[i] = mien_table_column(r->table, "film");
    }
    return MIEN_OK;
}

/* All inputs that the table does not have are named at once; without any there is
 * nothing to predict from. */
static mien_status check_columns(const reading *r) {
    const mien_architecture *a = r->architecture;
    mien_string text;
    mien_string_init(&text);
    int lacking = 0, found = 0;
    for (int i = 0; i < a->inputs_count; i++) {
        found += r->column[i] >= 0 || r->film[i] >= 0;
    }
    for (int i = 0; i < a->inputs_count; i++) {
        if (r->column[i] >= 0 || r->film[i] >= 0) {
            continue;
        }
        if (a->inputs[i].optional && found > 0) {
            mien_log(MIEN_LOG_WARN, "predict",
                "%s: no column \"%s\": %s is missing in every row",
                mien_table_file(r->table), a->inputs[i].column, a->inputs[i].name);
            continue;
        }
        mien_string_addf(&text, "%s%s (column \"%s\"%s)", lacking++ ? ", " : "",
            a->inputs[i].name, a->inputs[i].column,
            r->kind[i]->load_image ? " or \"film\"" : "");
    }
    mien_status status = mien_string_status(&text);
    if (status == MIEN_OK && lacking > 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: the model needs %s: add what is missing, or name another column with "
            "--input NAME=COLUMN",
            mien_table_file(r->table), text.text);
    }
    mien_string_clear(&text);
    return status;
}

static mien_status find_columns(reading *r) {
    const char *series = r->rows->network->after.series;
    mien_status status = MIEN_OK;
    r->trial = mien_table_column(r->table, "trial");
    r->start = mien_table_column(r->table, "start_s");
    r->end = mien_table_column(r->table, "end_s");
    r->series = mien_table_column(r->table, *series ? series : "group");
    if (r->rows->ordered && *series && r->series < 0) {
        return mien_fail(MIEN_ENOTFOUND,
            "%s: no column \"%s\" says which rows are one series: the model reads "
            "them in order of time",
            mien_table_file(r->table), series);
    }
    const char *by = r->rows->network->after.interval_by;
    r->by = *by ? mien_table_column(r->table, by) : -1;
    for (int i = 0; status == MIEN_OK && i < r->architecture->inputs_count; i++) {
        status = find_column(r, i);
    }
    return status == MIEN_OK ? check_columns(r) : status;
}

/* ---- rows ----------------------------------------------------------------------- */

static const char *cell_of(const reading *r, int64_t line, int column) {
    const char *cell = mien_table_cell(r->table, line, column);
    return cell && !mien_cell_missing(cell) ? cell : NULL;
}

/* Rows after each other often name one file: its path is kept once. */
static mien_status keep_path(reading *r, int i, const char *path) {
    if (!r->last[i] || strcmp(r->last[i], path) != 0) {
        r->last[i] = mien_arena_strdup(r->rows->arena, path);
    }
    return r->last[i] ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status read_place(reading *r, int64_t line, int i, mien_row *row) {
    const char *cell = cell_of(r, line, r->column[i]);
    cell = cell ? cell : cell_of(r, line, r->film[i]);
    if (!cell) {
        return MIEN_OK;
    }
    bool plain = r->kind[i]->traits & MIEN_INPUT_PLAIN;
    char *path = plain ? mien_strdup(cell) : mien_path_join(r->folder, cell);
    mien_place place = mien_place_of(path);
    mien_status status = path ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && r->kind[i]->traits & MIEN_INPUT_ROWS) {
        status = mien_place_cut(path, &place);
    }
    if (status == MIEN_OK && r->kind[i]->traits & MIEN_INPUT_REGIONS) {
        status = mien_place_read_regions(r->table, line, &place);
    }
    if (status == MIEN_OK) {
        status = keep_path(r, i, path);
    }
    if (status == MIEN_OK) {
        place.file = r->last[i];
        place.start_s = row->start_s;
        place.end_s = row->end_s;
        row->place[i] = place;
        r->rows->pictures = r->rows->pictures || r->kind[i]->load_image;
    }
    mien_free(path);
    return status;
}

static mien_status read_times(const reading *r, int64_t line, mien_row *row) {
    mien_status status = MIEN_OK;
    if (r->start >= 0) {
        status = mien_table_number(r->table, line, r->start, &row->start_s);
    }
    if (status == MIEN_OK && r->end >= 0) {
        status = mien_table_number(r->table, line, r->end, &row->end_s);
    }
    if (status == MIEN_OK && row->end_s < row->start_s) {
        status = mien_fail(MIEN_EFORMAT,
            "%s:%lld: start_s %g, end_s %g: the end is "
            "before the start",
            mien_table_file(r->table), (long long)mien_table_line(r->table, line),
            row->start_s, row->end_s);
    }
    return status;
}

/* The name of a row: its first picture, else its id, else the table. */
static const char *name_of(const reading *r, const mien_row *row) {
    for (int i = 0; i < r->architecture->inputs_count; i++) {
        if (r->kind[i]->load_image && row->place[i].file) {
            return row->place[i].file;
        }
    }
    return row->trial ? row->trial : mien_table_file(r->table);
}

/* The inputs that are needed and not there; all of them where none is there. */
static int list_lacking(const reading *r, const mien_row *row, mien_string *text) {
    const mien_architecture *a = r->architecture;
    int there = 0;
    for (int i = 0; i < a->inputs_count; i++) {
        there += row->place[i].file != NULL;
    }
    for (int i = 0; there == 0 && i < a->inputs_count; i++) {
        mien_string_addf(text, "%s%s", i ? ", " : "", a->inputs[i].name);
    }
    return there == 0 ? a->inputs_count : mien_rows_lacking(r->rows, row->place, text);
}

static mien_status check_lacking(reading *r, int64_t line, mien_row *row) {
    mien_string lacking;
    mien_string_init(&lacking);
    int count = list_lacking(r, row, &lacking);
    mien_status status = mien_string_status(&lacking);
    if (status == MIEN_OK && count > 0) {
        mien_fail(MIEN_EFORMAT,
            "%s:%lld: trial %s lacks %s, and the model was not made to do without",
            mien_table_file(r->table), (long long)mien_table_line(r->table, line),
            row->trial ? row->trial : "n/a", lacking.text);
        row->status = MIEN_EFORMAT;
        row->problem = mien_arena_strdup(r->rows->arena, mien_error());
        status = row->problem ? MIEN_OK : MIEN_ENOMEM;
    }
    mien_string_clear(&lacking);
    return status;
}

static mien_status read_row(reading *r, int64_t line) {
    const char *trial = cell_of(r, line, r->trial);
    const char *series = cell_of(r, line, r->series);
    mien_row *row = NULL;
    mien_status status = mien_rows_add(r->rows, NULL, &row);
    if (status != MIEN_OK) {
        return status;
    }
    row->number = line;
    row->by = mien_after_find(&r->rows->network->after, cell_of(r, line, r->by));
    row->trial = trial ? mien_arena_strdup(r->rows->arena, trial) : NULL;
    r->rows->trials = r->rows->trials || trial;
    series = r->series < 0 && r->rows->ordered ? mien_table_file(r->table) : series;
    row->series = series ? mien_arena_strdup(r->rows->arena, series) : NULL;
    if ((trial && !row->trial) || (series && !row->series)) {
        return MIEN_ENOMEM;
    }
    status = read_times(r, line, row);
    for (int i = 0; status == MIEN_OK && i < r->architecture->inputs_count; i++) {
        status = read_place(r, line, i, row);
        if (status != MIEN_OK && status != MIEN_ENOMEM) {
            status = mien_fail_in(status, "%s:%lld: %s", mien_table_file(r->table),
                (long long)mien_table_line(r->table, line),
                mien_table_name(r->table, r->column[i]));
        }
    }
    if (status == MIEN_OK) {
        row->name = mien_arena_strdup(r->rows->arena, name_of(r, row));
        status = row->name ? check_lacking(r, line, row) : MIEN_ENOMEM;
    }
    return status;
}

/* ---- order ---------------------------------------------------------------------- */

/* A film is a series of its own, whatever stands beside it. */
static void free_films(const reading *r) {
    for (int64_t k = r->first; k < r->rows->count; k++) {
        mien_row *row = &r->rows->items[k];
        for (int i = 0; i < r->architecture->inputs_count; i++) {
            mien_media_kind kind = MIEN_MEDIA_UNKNOWN;
            const char *file = row->place[i].file;
            if (file && r->kind[i]->load_image &&
                mien_media_kind_of(file, &kind) == MIEN_OK && kind == MIEN_MEDIA_FILM) {
                row->series = NULL;
            }
        }
    }
}

/* A row with the place of its series' first row, by which series stand. */
typedef struct placed {
    mien_row row;
    int64_t index, rank;
} placed;

static int by_series(const void *a, const void *b) {
    const placed *x = a, *y = b;
    int order = !x->row.series || !y->row.series
                    ? (x->row.series != NULL) - (y->row.series != NULL)
                    : strcmp(x->row.series, y->row.series);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

static int by_time(const void *a, const void *b) {
    const placed *x = a, *y = b;
    if (x->rank != y->rank) {
        return x->rank < y->rank ? -1 : 1;
    }
    if (x->row.start_s < y->row.start_s || x->row.start_s > y->row.start_s) {
        return x->row.start_s < y->row.start_s ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

static mien_status check_order(const reading *r, const placed *p, int64_t count) {
    for (int64_t k = 0; k < count; k++) {
        const mien_row *row = &p[k].row;
        const char *trial = row->trial ? row->trial : row->name;
        if (row->series && isnan(row->start_s)) {
            return mien_fail(MIEN_EFORMAT,
                "%s: trial %s has no start_s: the model reads rows in order of time",
                mien_table_file(r->table), trial);
        }
        if (row->series && k > 0 && p[k - 1].rank == p[k].rank &&
            p[k - 1].row.start_s == row->start_s) {
            return mien_fail(MIEN_EFORMAT,
                "%s: trial %s of %s starts at %g s, as the one before does: the model "
                "reads rows in order of time",
                mien_table_file(r->table), trial, row->series, row->start_s);
        }
    }
    return MIEN_OK;
}

/* Rows of one series come to stand together, in order of time. */
static mien_status order(const reading *r) {
    int64_t count = r->rows->count - r->first;
    mien_row *rows = r->rows->items + r->first;
    placed *p = mien_alloc((size_t)count + 1, sizeof *p);
    if (!p) {
        return MIEN_ENOMEM;
    }
    free_films(r);
    for (int64_t k = 0; k < count; k++) {
        p[k] = (placed){rows[k], k, k};
    }
    qsort(p, (size_t)count, sizeof *p, by_series);
    for (int64_t k = 1; k < count; k++) {
        const char *before = p[k - 1].row.series, *series = p[k].row.series;
        bool same = before && series && strcmp(before, series) == 0;
        p[k].rank = same ? p[k - 1].rank : p[k].index;
    }
    qsort(p, (size_t)count, sizeof *p, by_time);
    mien_status status = check_order(r, p, count);
    for (int64_t k = 0; status == MIEN_OK && k < count; k++) {
        rows[k] = p[k].row;
    }
    mien_free(p);
    return status;
}

/* ---- all ------------------------------------------------------------------------ */

mien_status mien_rows_add_table(mien_rows *rows, const char *path) {
    reading r = {.rows = rows,
        .architecture = &rows->network->architecture,
        .first = rows->count};
    mien_status status = mien_table_read(path, NULL, &r.table);
    if (status == MIEN_OK) {
        r.folder = mien_path_directory(path);
        status = r.folder ? find_columns(&r) : MIEN_ENOMEM;
    }
    if (status == MIEN_OK && mien_table_rows(r.table) == 0) {
        status = mien_fail(MIEN_ENOTFOUND, "%s: there are no rows", path);
    }
    for (int64_t k = 0; status == MIEN_OK && k < mien_table_rows(r.table); k++) {
        status = read_row(&r, k);
    }
    if (status == MIEN_OK && rows->ordered) {
        status = order(&r);
    }
    if (status != MIEN_OK) {
        rows->count = r.first; /* none of it: its text stays in the arena */
    }
    reading_clear(&r);
    return status;
}
