/* SPDX-License-Identifier: MIT */
/* Training on films: what a study reads of a film is computed before it begins.
 *
 * In: a trial table with columns film, start_s and end_s. Out: a copy of it whose
 * columns features.FAMILY name rows of files of features, one file a film, in
 * MIEN_CACHE/features. Called by cmd_train.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/extract_films.h"
#include "data/trials.h"

enum { COLUMNS_MAX = 4096, CELL_BYTES = 4352 };

typedef struct films {
    cli *c;
    mien_trials *trials;
    cli_film_request request;
    const char *names[CLI_FAMILIES_MAX]; /* of families */
    char text[1024];                     /* where they stand */
    const char *const *columns; /* [count] of the copy; NULL: features.FAMILY */
    int count;
    int64_t rows;
    char **paths;    /* [rows] of films */
    int64_t *first;  /* [rows] the first row of the same film */
    cli_span *spans; /* [rows] */
    char **cells;    /* [rows × count]; NULL: missing */
    mien_value *sidecar;
} films;

/* ---- the table
 * ------------------------------------------------------------------------ */

static mien_status need_column(const films *f, const char *name, int *column) {
    *column = mien_table_column(mien_trials_table(f->trials), name);
    return *column >= 0
               ? MIEN_OK
               : mien_fail(MIEN_ENOTFOUND,
                     "%s: to compute features of films it needs the columns film, "
                     "start_s and end_s; %s is missing",
                     f->trials->path, name);
}

static mien_status read_rows(films *f) {
    const mien_table *table = mien_trials_table(f->trials);
    int film, start, end;
    f->rows = mien_trials_rows(f->trials);
    mien_status status = need_column(f, "film", &film);
    status = status ? status : need_column(f, "start_s", &start);
    status = status ? status : need_column(f, "end_s", &end);
    if (status != MIEN_OK) {
        return status;
    }
    const size_t rows = (size_t)f->rows;
    f->paths = mien_alloc(rows, sizeof *f->paths);
    f->first = mien_alloc(rows, sizeof *f->first);
    f->spans = mien_alloc(rows, sizeof *f->spans);
    f->cells = mien_alloc(rows * (size_t)f->count, sizeof *f->cells);
    if (!f->paths || !f->first || !f->spans || !f->cells) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < f->rows; i++) {
        f->paths[i] = mien_trials_path(f->trials, i, "film");
        status = mien_table_number(table, i, start, &f->spans[i].start_s);
        status = status ? status : mien_table_number(table, i, end, &f->spans[i].end_s);
        if (status == MIEN_OK && (!f->paths[i] || !(f->spans[i].start_s >= 0) ||
                                     !(f->spans[i].end_s > f->spans[i].start_s))) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: trial %s: it needs a film and times from 0 on", f->trials->path,
                mien_trials_id(f->trials, i));
        }
    }
    return status ? status
                  : mien_names_first(f->rows, (const char *const *)f->paths, f->first);
}

/* ---- one film
 * ------------------------------------------------------------------------- */

/* A row of the table and its part of the film. */
typedef struct part {
    cli_span span;
    int64_t row;
} part;

static int by_start(const void *a, const void *b) {
    const part *x = a, *y = b;
    if (x->span.start_s != y->span.start_s) {
        return x->span.start_s < y->span.start_s ? -1 : 1;
    }
    if (x->span.end_s != y->span.end_s) {
        return x->span.end_s < y->span.end_s ? -1 : 1;
    }
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Says in the sidecar what a family is and what made it. */
static mien_status describe(films *f, mien_hdf5 *file, int k, int64_t width) {
    char **texts = NULL;
    int64_t count = 0;
    mien_value *made = NULL;
    if (mien_sidecar_feature_width(f->sidecar, f->names[k]) > 0) {
        return MIEN_OK; /* by an earlier film */
    }
    mien_status status = mien_sidecar_add_feature(
        f->sidecar, f->names[k], width, "computed of the column film by mien");
    status = status ? status
                    : mien_hdf5_texts(file, f->names[k], "contract", &texts, &count);
    if (status == MIEN_OK && count > 0) {
        status = mien_value_parse_json("contract", texts[0], strlen(texts[0]), &made);
    }
    if (status == MIEN_OK && made) {
        status = mien_sidecar_add_maker(f->sidecar, f->names[k], made);
    }
    mien_names_free(&texts, count);
    return status;
}

/* Cells of the film's rows; what is masked stays missing. */
static mien_status name_rows(
    films *f, const char *path, const part *parts, int64_t count) {
    mien_hdf5 *file = NULL;
    mien_tensor *mask = NULL;
    int64_t at;
    mien_status status = mien_hdf5_open(path, &file);
    status = status ? status : mien_hdf5_find(file, "mask", &at);
    status = status ? status : mien_hdf5_load(file, at, &mask);
    if (status == MIEN_OK &&
        (mask->dtype != MIEN_U8 || mien_tensor_count(mask) != count * f->count)) {
        status = mien_fail(MIEN_EFORMAT, "%s: it has other rows than its film", path);
    }
    for (int k = 0; status == MIEN_OK && k < f->count; k++) {
        status = mien_hdf5_find(file, f->names[k], &at);
        const mien_tensor *info = status ? NULL : mien_hdf5_info(file, at);
        if (info) {
            status = describe(f, file, k, mien_tensor_count(info) / count);
        }
    }
    for (int64_t i = 0; status == MIEN_OK && i < count * f->count; i++) {
        const int k = (int)(i % f->count);
        char cell[CELL_BYTES];
        if (!((const uint8_t *)mask->data)[i]) {
            continue;
        }
        snprintf(cell, sizeof cell, "%s#%s:%lld", path, f->names[k],
            (long long)(i / f->count));
        char **to = &f->cells[parts[i / f->count].row * f->count + k];
        *to = mien_strdup(cell);
        status = *to ? MIEN_OK : MIEN_ENOMEM;
    }
    mien_tensor_free(&mask);
    mien_hdf5_close(&file);
    return status;
}

/* Features of all rows of the film that row `row` is the first of. */
static mien_status one_film(films *f, int64_t row) {
    part *parts = mien_alloc((size_t)f->rows, sizeof *parts);
    cli_span *spans = mien_alloc((size_t)f->rows, sizeof *spans);
    mien_status status = parts && spans ? MIEN_OK : MIEN_ENOMEM;
    cli_film_request *r = &f->request;
    char *path = NULL;
    int64_t count = 0;
    for (int64_t i = row; status == MIEN_OK && i < f->rows; i++) {
        if (f->first[i] == row) {
            parts[count++] = (part){f->spans[i], i};
        }
    }
    if (status == MIEN_OK) {
        qsort(parts, (size_t)count, sizeof *parts, by_start);
        for (int64_t i = 0; i < count; i++) {
            const double length = parts[i].span.end_s - parts[i].span.start_s;
            spans[i] = parts[i].span;
            r->settings.segment_s = length > r->settings.segment_s || i == 0
                                        ? length
                                        : r->settings.segment_s;
        }
        r->hop_s = r->settings.segment_s;
        r->spans = spans;
        r->span_count = count;
        status = cli_films_cached(f->c, r, f->paths[row], &path);
    }
    status = status ? status : name_rows(f, path, parts, count);
    mien_free(path);
    mien_free(spans);
    mien_free(parts);
    return status;
}

/* ---- the copy
 * -------------------------------------------------------------------------- */

static bool is_path(const char *column) {
    return strcmp(column, "image") == 0 || strcmp(column, "film") == 0 ||
           strncmp(column, "features.", 9) == 0;
}

/* A row with its paths made whole, and what was computed behind them. */
static mien_status copy_row(
    const films *f, int64_t row, const char **cells, char **made, mien_table *to) {
    const mien_table *table = mien_trials_table(f->trials);
    const int columns = mien_table_columns(table);
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < columns; k++) {
        const char *name = mien_table_name(table, k);
        cells[k] = mien_table_cell(table, row, k);
        made[k] = NULL;
        if (is_path(name) && mien_trials_cell(f->trials, row, name)) {
            made[k] = mien_trials_path(f->trials, row, name);
            status = made[k] ? MIEN_OK : MIEN_ENOMEM;
            cells[k] = made[k];
        }
    }
    for (int k = 0; k < f->count; k++) {
        const char *cell = f->cells[row * f->count + k];
        cells[columns + k] = cell ? cell : "n/a";
    }
    status = status ? status : mien_table_add_row(to, cells);
    for (int k = 0; k < columns; k++) {
        mien_free(made[k]);
        made[k] = NULL;
    }
    return status;
}

static mien_status write_copy(films *f, const char *path) {
    const mien_table *table = mien_trials_table(f->trials);
    const int columns = mien_table_columns(table), all = columns + f->count;
    char added[CLI_FAMILIES_MAX][80];
    const char **cells = mien_alloc((size_t)all, sizeof *cells);
    char **made = mien_alloc((size_t)all, sizeof *made);
    mien_table *to = NULL;
    mien_status status = cells && made ? MIEN_OK : MIEN_ENOMEM;
    for (int k = 0; status == MIEN_OK && k < all; k++) {
        if (k < columns) {
            cells[k] = mien_table_name(table, k);
        } else {
            const char *own = f->columns ? f->columns[k - columns] : NULL;
            snprintf(added[k - columns], sizeof *added, "%s%s", own ? "" : "features.",
                own ? own : f->names[k - columns]);
            cells[k] = added[k - columns];
        }
    }
    status = status ? status : mien_table_new(all, cells, &to);
    for (int64_t i = 0; status == MIEN_OK && i < f->rows; i++) {
        status = copy_row(f, i, cells, made, to);
    }
    status = status ? status : mien_trials_write(to, f->sidecar, path);
    mien_table_free(&to);
    mien_free(made);
    mien_free(cells);
    return status;
}

/* MIEN_CACHE/features/HASH.tsv, of the table and of all that its features depend on. */
static mien_status place_of(const films *f, char **path) {
    char hex[65], name[80], *cache = NULL, *folder = NULL;
    mien_string text;
    mien_string_init(&text);
    mien_string_addf(&text, "%s\n%s\n", f->trials->path, f->trials->hash);
    for (int64_t i = 0; i < f->rows * f->count; i++) {
        mien_string_addf(&text, "%s\n", f->cells[i] ? f->cells[i] : "n/a");
    }
    mien_status status = mien_string_status(&text);
    status = status ? status : mien_sha256_bytes(text.text, text.length, hex);
    status = status ? status : mien_cache_directory(&cache);
    if (status == MIEN_OK) {
        snprintf(name, sizeof name, "%s.tsv", hex);
        folder = mien_path_join(cache, "features");
        *path = folder ? mien_path_join(folder, name) : NULL;
        status = *path ? mien_directory_make(folder) : MIEN_ENOMEM;
    }
    mien_free(folder);
    mien_free(cache);
    mien_string_clear(&text);
    return status;
}

static mien_status take_names(films *f, const char *families) {
    snprintf(f->text, sizeof f->text, "%s", families);
    for (char *at = f->text; *at; f->count++) {
        if (f->count == CLI_FAMILIES_MAX) {
            return mien_fail(MIEN_ELIMIT, "more than %d families of features",
                (int)CLI_FAMILIES_MAX);
        }
        f->names[f->count] = at;
        at += strcspn(at, ",");
        if (*at) {
            *at++ = 0;
        }
    }
    return MIEN_OK;
}

/* Whether one film is at fault, and not what all need. */
static bool is_of_film(mien_status status, const char *path) {
    return status == MIEN_EFORMAT || !mien_file_exists(path);
}

mien_status cli_film_trials(cli *c, const char *trials, const char *families,
    const char *const *columns, bool goes_on, const cli_film_settings *settings,
    char **path) {
    films f = {.c = c,
        .request = {.names = families, .settings = *settings},
        .columns = columns};
    char *made = NULL;
    char *whole = realpath(trials, NULL); /* paths of the copy are whole */
    mien_status status = take_names(&f, families);
    status = status ? status : mien_trials_open(whole ? whole : trials, &f.trials);
    free(whole);
    status = status ? status : read_rows(&f);
    status =
        status ? status : mien_value_copy(mien_trials_sidecar(f.trials), &f.sidecar);
    for (int64_t i = 0; status == MIEN_OK && i < f.rows; i++) {
        status = f.first[i] == i ? one_film(&f, i) : MIEN_OK;
        if (status != MIEN_OK && goes_on && is_of_film(status, f.paths[i])) {
            if (status != MIEN_EFORMAT) { /* else it was told */
                cli_problem(c, f.paths[i], mien_error());
            }
            status = MIEN_OK; /* its rows have nothing to read */
        }
    }
    status = status ? status : place_of(&f, &made);
    status = status ? status : write_copy(&f, made);
    if (status == MIEN_OK) {
        *path = made;
        made = NULL;
    }
    for (int64_t i = 0; f.paths && i < f.rows; i++) {
        mien_free(f.paths[i]);
    }
    for (int64_t i = 0; f.cells && i < f.rows * f.count; i++) {
        mien_free(f.cells[i]);
    }
    mien_free(made);
    mien_value_free(&f.sidecar);
    mien_free(f.cells);
    mien_free(f.spans);
    mien_free(f.first);
    mien_free(f.paths);
    mien_trials_close(&f.trials);
    return status;
}
