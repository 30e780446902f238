/* SPDX-License-Identifier: MIT */
/* Anybody's features: a folder with a table of labels and files of numbers.
 *
 * Either each array file is a modality and its rows are those of the labels (or a
 * column says which), or a column of the labels names the file of each row. */
#include "data/importers/importer.h"
#include "data/label_targets.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { ARRAYS_MAX = 16, COPIED = 7 };

static const mien_option options[] = {
    {.name = "labels",
        .type = MIEN_OPTION_TEXT,
        .metavar = "FILE",
        .help = "Table of labels, below the folder (default: the only .csv or .tsv)"},
    {.name = "arrays",
        .type = MIEN_OPTION_TEXT,
        .metavar = "NAME=FILE,…",
        .help =
            "Modalities (default: each .npy, .npz and .h5 in the folder, by its name)"},
    {.name = "file",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help = "Column that names the file of each row, instead of arrays"},
    {.name = "name",
        .type = MIEN_OPTION_TEXT,
        .initial = "features",
        .help = "With file: what these features are called"},
    {.name = "row",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help =
            "Column with the row in the file, from 0 (default: the labels' own order)"},
    {.name = "trial",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help = "Column of ids (default: trial, else they are counted)"},
    {.name = "group",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help = "Column of groups, such as films (default: group)"},
    {.name = "split",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help = "Column of train, validation, test (default: split)"},
    {.name = "start",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help = "Column of where a segment starts, seconds (default: start_s)"},
    {.name = "end",
        .type = MIEN_OPTION_TEXT,
        .metavar = "COLUMN",
        .help = "Column of where it ends (default: end_s)"},
    MIEN_IMPORTER_TARGETS("-1,1"),
    MIEN_IMPORTER_DECIMAL,
    MIEN_IMPORTER_CONSTRUCT("evoked"),
    MIEN_IMPORTER_PERSPECTIVE("normative"),
    MIEN_IMPORTER_SOURCE,
    {0},
};

/* Columns that are taken over, and the option that names another. */
static const struct {
    const char *name, *option;
} copied[COPIED] = {{"trial", "trial"}, {"person", NULL}, {"stimulus", NULL},
    {"group", "group"}, {"split", "split"}, {"start_s", "start"}, {"end_s", "end"}};

typedef struct source {
    char name[64];
    char *file; /* FILE or FILE#SET below the folder; NULL: the labels name it */
    int64_t rows, width;
} source;

typedef struct importing {
    const char *directory, *prefix;
    const mien_options *options;
    mien_table *from;
    int column[COPIED]; /* −1: none */
    int file, row;      /* columns, −1: none */
    source sources[ARRAYS_MAX];
    int sources_count;
    mien_label_targets targets;
    mien_array *array; /* of the file of the row before */
    char *array_file;
} importing;

/* ---- files ------------------------------------------------------------------- */

static bool has_extension(const char *name, const char *const *extensions) {
    for (; name[0] != '.' && *extensions; extensions++) {
        if (strcasecmp(mien_path_extension(name), *extensions) == 0) {
            return true;
        }
    }
    return false;
}

static mien_status read_labels(importing *g, char *const *names, int64_t count) {
    static const char *const tables[] = {"csv", "tsv", NULL};
    const char *file = mien_options_text(g->options, "labels");
    for (int64_t i = 0; i < count && !mien_options_given(g->options, "labels"); i++) {
        if (!has_extension(names[i], tables)) {
            continue;
        }
        if (file) {
            return mien_fail(MIEN_EINVAL,
                "%s: %s and %s could be the labels: say which (labels=FILE)",
                g->directory, file, names[i]);
        }
        file = names[i];
    }
    if (!file) {
        return mien_fail(
            MIEN_ENOTFOUND, "%s: no table of labels (.csv or .tsv)", g->directory);
    }
    char *path = mien_path_join(g->directory, file);
    mien_status status =
        path ? mien_labels_read(path, g->options, NULL, &g->from) : MIEN_ENOMEM;
    mien_free(path);
    return status;
}

/* A modality in a file: as many rows as there are labels, unless a column says which.
 */
static mien_status add_source(
    importing *g, const char *name, size_t name_length, const char *file) {
    mien_array *array = NULL;
    if (g->sources_count == ARRAYS_MAX || name_length == 0 ||
        name_length >= sizeof g->sources->name) {
        return mien_fail(MIEN_ELIMIT,
            "%s: up to %d arrays with names of 1 to %zu bytes", g->directory,
            ARRAYS_MAX, sizeof g->sources->name - 1);
    }
    source *s = &g->sources[g->sources_count++];
    memcpy(s->name, name, name_length);
    s->file = mien_strdup(file);
    char *path = mien_path_join(g->directory, file);
    mien_status status = s->file && path ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : mien_array_open(path, &array);
    if (status == MIEN_OK) {
        s->rows = mien_array_shape(array)[0];
        s->width = mien_array_width(array);
    }
    if (status == MIEN_OK && g->row < 0 && s->rows != mien_table_rows(g->from)) {
        status = mien_fail(MIEN_ESHAPE,
            "%s: %" PRId64 " rows where %s has %" PRId64 " (row=COLUMN says which)",
            path, s->rows, mien_table_file(g->from), mien_table_rows(g->from));
    }
    mien_array_close(&array);
    mien_free(path);
    return status;
}

static mien_status read_given_arrays(importing *g, const char *given) {
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && *given) {
        size_t length = strcspn(given, ",");
        char *one = mien_strndup(given, length);
        char *equals = one ? strchr(one, '=') : NULL;
        status = one ? MIEN_OK : MIEN_ENOMEM;
        if (status == MIEN_OK && !equals) {
            status = mien_fail(MIEN_EINVAL, "arrays: \"%s\" is not NAME=FILE", one);
        }
        status =
            status ? status : add_source(g, one, (size_t)(equals - one), equals + 1);
        mien_free(one);
        given += length + (given[length] == ',');
    }
    return status;
}

static mien_status read_arrays(importing *g, char *const *names, int64_t count) {
    static const char *const arrays[] = {"npy", "npz", "h5", "hdf5", NULL};
    const char *given = mien_options_text(g->options, "arrays");
    mien_status status = MIEN_OK;
    if (g->file >= 0) {
        snprintf(g->sources[0].name, sizeof g->sources[0].name, "%.63s",
            mien_options_text(g->options, "name"));
        g->sources_count = 1;
        return MIEN_OK;
    }
    if (given) {
        return read_given_arrays(g, given);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        if (has_extension(names[i], arrays)) {
            size_t stem = strlen(names[i]) - strlen(mien_path_extension(names[i])) - 1;
            status = add_source(g, names[i], stem, names[i]);
        }
    }
    if (status == MIEN_OK && g->sources_count == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: no arrays (.npy, .npz, .h5), and no file=COLUMN that names them",
            g->directory);
    }
    return status;
}

/* ---- columns ----------------------------------------------------------------- */

/* A column that an option names must be there; one with the default name may be. */
static mien_status find_column(
    const importing *g, const char *option, const char *otherwise, int *column) {
    const char *given = option ? mien_options_text(g->options, option) : NULL;
    const char *name = given ? given : otherwise;
    *column = name ? mien_table_column(g->from, name) : -1;
    return given && *column < 0
               ? mien_fail(MIEN_EFORMAT, "%s:1: there is no column \"%s\" (%s)",
                     mien_table_file(g->from), given, option)
               : MIEN_OK;
}

static mien_status find_columns(importing *g) {
    mien_status status = find_column(g, "file", NULL, &g->file);
    status = status ? status : find_column(g, "row", NULL, &g->row);
    for (int i = 0; status == MIEN_OK && i < COPIED; i++) {
        status = find_column(g, copied[i].option, copied[i].name, &g->column[i]);
    }
    return status;
}

/* ---- rows -------------------------------------------------------------------- */

static mien_status fail_cell(
    const importing *g, int64_t row, int column, const char *why) {
    return mien_fail(MIEN_EFORMAT, "%s:%" PRId64 ": %s is \"%s\": %s",
        mien_table_file(g->from), mien_table_line(g->from, row),
        mien_table_name(g->from, column), mien_table_cell(g->from, row, column), why);
}

/* The row in the files; −1: all of a file. */
static mien_status row_of(const importing *g, int64_t row, int64_t *at) {
    *at = g->file >= 0 ? -1 : row;
    if (g->row >= 0 &&
        (!mien_parse_int(mien_table_cell(g->from, row, g->row), at) || *at < 0)) {
        return fail_cell(g, row, g->row, "a row from 0 is needed");
    }
    return MIEN_OK;
}

/* The file that the labels name must be there and have the row. */
static mien_status open_named(importing *g, int64_t row, const char *file) {
    if (g->array_file && strcmp(g->array_file, file) == 0) {
        return MIEN_OK;
    }
    mien_array_close(&g->array);
    mien_free(g->array_file);
    g->array_file = mien_strdup(file);
    char *path = mien_path_join(g->directory, file);
    mien_status status =
        path && g->array_file ? mien_array_open(path, &g->array) : MIEN_ENOMEM;
    mien_free(path);
    return status ? mien_fail_in(status, "%s:%" PRId64, mien_table_file(g->from),
                        mien_table_line(g->from, row))
                  : MIEN_OK;
}

/* The cell of a modality; left NULL where the labels name no file. */
static mien_status place_of(
    importing *g, const source *s, int64_t row, int64_t at, mien_string *cell) {
    const char *file = s->file;
    int64_t rows = s->rows;
    if (!file) {
        file = mien_table_cell(g->from, row, g->file);
        if (mien_cell_missing(file)) {
            return MIEN_OK;
        }
        mien_status status = open_named(g, row, file);
        if (status != MIEN_OK) {
            return status;
        }
        rows = mien_array_shape(g->array)[0];
    }
    if (at >= rows) {
        return mien_fail(MIEN_ENOTFOUND,
            "%s:%" PRId64 ": there is no row %" PRId64 " in %s; it has %" PRId64,
            mien_table_file(g->from), mien_table_line(g->from, row), at, file, rows);
    }
    mien_string_addf(cell, "%s%s%s", g->prefix, *g->prefix ? "/" : "", file);
    if (at >= 0) {
        mien_string_addf(cell, "%c%" PRId64, strchr(file, '#') ? ':' : '#', at);
    }
    return mien_string_status(cell);
}

static mien_status split_of(const importing *g, int64_t row, const char **split) {
    const char *cell = mien_table_cell(g->from, row, g->column[4]);
    return mien_split_of(cell, split)
               ? MIEN_OK
               : fail_cell(g, row, g->column[4], "none of train, validation, test");
}

static mien_status take_copied(
    const importing *g, int64_t row, const char **cells, int *count, char id[32]) {
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < COPIED; i++) {
        int column = g->column[i];
        if (i == 0 && column < 0) {
            snprintf(id, 32, "%06" PRId64, row);
            cells[(*count)++] = id;
        } else if (column >= 0) {
            const char *cell = mien_table_cell(g->from, row, column);
            cells[*count] = mien_cell_missing(cell) ? NULL : cell;
            status = i == 4 ? split_of(g, row, &cells[*count]) : MIEN_OK;
            ++*count;
        }
    }
    return status;
}

static mien_status take_targets(
    const importing *g, int64_t row, const char **cells, int *count) {
    for (int i = 0; i < g->targets.count; i++) {
        const mien_trials_target *t = &g->targets.items[i];
        const char *cell = mien_table_cell(g->from, row, g->targets.column[i]);
        mien_status status = t->kind == MIEN_TARGET_CLASS
                                 ? MIEN_OK
                                 : mien_rating_check(g->from, row, g->targets.column[i],
                                       t->minimum, t->maximum, true);
        if (status != MIEN_OK) {
            return status;
        }
        cells[(*count)++] = mien_cell_missing(cell) ? NULL : cell;
    }
    return MIEN_OK;
}

static mien_status add_row(importing *g, int64_t row, mien_table *to) {
    const char *cells[COPIED + MIEN_LABEL_TARGETS_MAX + ARRAYS_MAX];
    mien_string places[ARRAYS_MAX];
    char id[32];
    int count = 0;
    int64_t at = -1;
    mien_status status = take_copied(g, row, cells, &count, id);
    status = status ? status : take_targets(g, row, cells, &count);
    status = status ? status : row_of(g, row, &at);
    for (int i = 0; i < g->sources_count; i++) {
        mien_string_init(&places[i]);
        status = status ? status : place_of(g, &g->sources[i], row, at, &places[i]);
        cells[count++] = places[i].length ? places[i].text : NULL;
    }
    status = status ? status : mien_table_add_row(to, cells);
    for (int i = 0; i < g->sources_count; i++) {
        mien_string_clear(&places[i]);
    }
    return status;
}

static mien_status make_table(importing *g, mien_table **table) {
    const char *names[COPIED + MIEN_LABEL_TARGETS_MAX + ARRAYS_MAX];
    char text[ARRAYS_MAX][80];
    mien_table *made = NULL;
    int columns = 0;
    for (int i = 0; i < COPIED; i++) {
        if (i == 0 || g->column[i] >= 0) {
            names[columns++] = copied[i].name;
        }
    }
    for (int i = 0; i < g->targets.count; i++) {
        names[columns++] = g->targets.items[i].name;
    }
    for (int i = 0; i < g->sources_count; i++) {
        snprintf(text[i], sizeof text[i], "features.%s", g->sources[i].name);
        names[columns++] = text[i];
    }
    mien_status status = mien_table_new(columns, names, &made);
    for (int64_t i = 0; status == MIEN_OK && i < mien_table_rows(g->from); i++) {
        status = add_row(g, i, made);
    }
    if (status != MIEN_OK) {
        mien_table_free(&made);
        return status;
    }
    *table = made;
    return MIEN_OK;
}

/* ---- the whole --------------------------------------------------------------- */

static mien_status make_sidecar(const importing *g, mien_value **sidecar) {
    mien_value *made = mien_sidecar_new(mien_path_base(g->directory),
        "a folder of features and a table of labels",
        mien_options_text(g->options, "citation"),
        mien_options_text(g->options, "licence"));
    mien_status status = made ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < g->targets.count; i++) {
        status = mien_sidecar_add_target(made, &g->targets.items[i]);
    }
    for (int i = 0; status == MIEN_OK && i < g->sources_count; i++) {
        status = mien_sidecar_add_feature(made, g->sources[i].name, g->sources[i].width,
            g->sources[i].file ? g->sources[i].file : "a file each");
    }
    if (status != MIEN_OK) {
        mien_value_free(&made);
        return status;
    }
    *sidecar = made;
    return MIEN_OK;
}

static void importing_clear(importing *g) {
    mien_array_close(&g->array);
    mien_free(g->array_file);
    mien_label_targets_clear(&g->targets);
    for (int i = 0; i < g->sources_count; i++) {
        mien_free(g->sources[i].file);
    }
    mien_table_free(&g->from);
}

static mien_status import(const char *directory, const char *output,
    const mien_options *given, mien_table **table, mien_value **sidecar) {
    importing g = {.directory = directory, .options = given, .row = -1, .file = -1};
    char *prefix = NULL, **names = NULL;
    int64_t count = 0;
    mien_table *made = NULL;
    mien_status status = mien_relative_directory(output, directory, &prefix);
    g.prefix = prefix;
    status = status ? status : mien_directory_list(directory, &names, &count);
    status = status ? status : read_labels(&g, names, count);
    status = status ? status : find_columns(&g);
    status = status ? status : mien_label_targets_find(g.from, given, &g.targets);
    status = status ? status : read_arrays(&g, names, count);
    status = status ? status : make_table(&g, &made);
    status = status ? status : make_sidecar(&g, sidecar);
    if (status == MIEN_OK) {
        *table = made;
        made = NULL;
    }
    mien_table_free(&made);
    importing_clear(&g);
    mien_names_free(&names, count);
    mien_free(prefix);
    return status;
}

const mien_importer mien_importer_features = {
    .name = "features",
    .summary = "any folder of arrays (.npy, .npz, .h5) with a table of labels",
    .options = options,
    .import = import,
};
