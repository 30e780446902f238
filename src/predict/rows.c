/* SPDX-License-Identifier: MIT */
/* Rows to predict, from names of pictures and films and from files of features. Trial
 * tables are rows_table.c's. */
#include "predict/rows.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "predict/after.h"
#include "predict/input_files.h"

/* ---- rows ----------------------------------------------------------------------- */

static mien_status check_columns(const mien_rows *rows) {
    bool taken[MIEN_INPUTS_MAX] = {false};
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < rows->columns_count; i++) {
        const char *pair = rows->columns[i], *equals = strchr(pair, '=');
        char name[64];
        int input = 0;
        if (!equals || equals == pair || !equals[1] ||
            equals - pair >= (ptrdiff_t)sizeof name) {
            return mien_fail(
                MIEN_EINVAL, "\"%s\" is not NAME=COLUMN of an input", pair);
        }
        snprintf(name, sizeof name, "%.*s", (int)(equals - pair), pair);
        status = mien_rows_input(rows, name, &input);
        if (status == MIEN_OK && taken[input]) {
            return mien_fail(MIEN_EINVAL, "input %s is given two columns", name);
        }
        taken[input] = status == MIEN_OK;
    }
    return status;
}

mien_status mien_rows_init(
    mien_rows *rows, const mien_network *network, const mien_predict_options *options) {
    *rows = (mien_rows){.network = network,
        .ordered = mien_architecture_steps(&network->architecture) > 1 ||
                   mien_after_smooths(network, options->smooth_s),
        .columns = options->columns,
        .columns_count = options->columns_count};
    mien_status status = check_columns(rows);
    return status == MIEN_OK ? mien_arena_new(1 << 16, &rows->arena) : status;
}

void mien_rows_clear(mien_rows *rows) {
    mien_free(rows->items);
    mien_arena_free(&rows->arena);
    *rows = (mien_rows){0};
}

mien_status mien_rows_add(mien_rows *rows, const char *name, mien_row **row) {
    size_t inputs = (size_t)rows->network->architecture.inputs_count;
    if (rows->count == rows->capacity) {
        int64_t capacity = rows->capacity ? 2 * rows->capacity : 64;
        mien_row *items = mien_realloc(
            rows->items, (size_t)rows->capacity, (size_t)capacity, sizeof *items);
        if (!items) {
            return MIEN_ENOMEM;
        }
        rows->items = items;
        rows->capacity = capacity;
    }
    mien_row made = {.name = name ? mien_arena_strdup(rows->arena, name) : "",
        .start_s = (double)NAN,
        .end_s = (double)NAN,
        .place = mien_arena_alloc(rows->arena, inputs, sizeof *made.place)};
    if (!made.name || !made.place) {
        return MIEN_ENOMEM;
    }
    for (size_t i = 0; i < inputs; i++) {
        made.place[i] = mien_place_of(NULL);
    }
    *row = &rows->items[rows->count++];
    **row = made;
    return MIEN_OK;
}

mien_status mien_rows_add_problem(
    mien_rows *rows, const char *name, mien_status status) {
    mien_row *row = NULL;
    if (status == MIEN_OK || status == MIEN_ENOMEM || status == MIEN_EINTERRUPTED) {
        return status;
    }
    mien_status added = mien_rows_add(rows, name, &row);
    if (added == MIEN_OK) {
        row->status = status;
        row->problem = mien_arena_strdup(rows->arena, mien_error());
        added = row->problem ? MIEN_OK : MIEN_ENOMEM;
    }
    return added;
}

mien_status mien_rows_input(const mien_rows *rows, const char *name, int *input) {
    const mien_architecture *a = &rows->network->architecture;
    const char *nearest = a->inputs[0].name;
    for (int i = 0; i < a->inputs_count; i++) {
        if (strcmp(name, a->inputs[i].name) == 0) {
            *input = i;
            return MIEN_OK;
        }
        if (mien_edit_distance(name, a->inputs[i].name) <
            mien_edit_distance(name, nearest)) {
            nearest = a->inputs[i].name;
        }
    }
    return mien_fail(MIEN_EINVAL,
        "the model has no input called \"%s\"; the nearest is %s", name, nearest);
}

int mien_rows_lacking(
    const mien_rows *rows, const mien_place *place, mien_string *text) {
    const mien_architecture *a = &rows->network->architecture;
    int count = 0;
    for (int i = 0; i < a->inputs_count; i++) {
        if (!place[i].file && !a->inputs[i].optional) {
            mien_string_addf(text, "%s%s", count++ ? ", " : "", a->inputs[i].name);
        }
    }
    return count;
}

/* ---- pictures and films --------------------------------------------------------- */

/* Refuses a model that needs more than a picture. */
static mien_status check_alone(const mien_rows *rows, int picture) {
    mien_place place[MIEN_INPUTS_MAX];
    mien_string lacking;
    for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
        place[i] = mien_place_of(i == picture ? "" : NULL);
    }
    mien_string_init(&lacking);
    int count = mien_rows_lacking(rows, place, &lacking);
    mien_status status = mien_string_status(&lacking);
    if (status == MIEN_OK && count > 0) {
        status = mien_fail(MIEN_EINVAL,
            picture < 0
                ? "the model reads no pictures and films, but %s: give them as "
                  "NAME=FILE, or a trial table (.tsv) with a column for each"
                : "the model needs %s beside pictures and films: give a trial table "
                  "(.tsv) with a column for each",
            lacking.text);
    }
    mien_string_clear(&lacking);
    return status;
}

static mien_status add_media(mien_rows *rows, const char *name) {
    int picture = mien_architecture_input(&rows->network->architecture, "picture");
    mien_input_files files = {0};
    mien_status status = check_alone(rows, picture);
    if (status == MIEN_OK) {
        status = mien_input_files_expand(&files, &name, 1);
    }
    for (int64_t i = 0; status == MIEN_OK && i < files.count; i++) {
        mien_row *row = NULL;
        status = mien_rows_add(rows, files.items[i].path, &row);
        if (status == MIEN_OK && files.items[i].problem) {
            row->status = files.items[i].status;
            row->problem = mien_arena_strdup(rows->arena, files.items[i].problem);
            status = row->problem ? MIEN_OK : MIEN_ENOMEM;
        } else if (status == MIEN_OK && picture >= 0) {
            row->place[picture] = mien_place_of(row->name);
            rows->pictures = true;
        }
    }
    mien_input_files_clear(&files);
    return status;
}

mien_status mien_rows_add_names(
    mien_rows *rows, const char *const *names, int64_t count) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const char *extension = mien_path_extension(names[i]);
        bool table =
            strcasecmp(extension, "tsv") == 0 || strcasecmp(extension, "csv") == 0;
        status = table && !mien_file_is_directory(names[i])
                     ? mien_rows_add_problem(
                           rows, names[i], mien_rows_add_table(rows, names[i]))
                     : add_media(rows, names[i]);
    }
    return status;
}

/* ---- files of features ---------------------------------------------------------- */

/* One file of each input. */
typedef struct pairs {
    const char *path[MIEN_INPUTS_MAX];
    const char *first; /* path */
    int64_t rows;
} pairs;

static mien_status place_file(
    const mien_rows *rows, const mien_feature_file *file, pairs *p) {
    int input = 0;
    mien_status status = mien_rows_input(rows, file->name, &input);
    if (status == MIEN_OK && p->path[input]) {
        return mien_fail(MIEN_EINVAL, "input %s is given twice: %s and %s", file->name,
            p->path[input], file->path);
    }
    if (status == MIEN_OK) {
        p->path[input] = file->path;
    }
    return status;
}

static mien_status check_missing(const mien_rows *rows, const pairs *p) {
    mien_place place[MIEN_INPUTS_MAX];
    mien_string lacking;
    bool there = false;
    for (int i = 0; i < MIEN_INPUTS_MAX; i++) {
        place[i] = mien_place_of(p->path[i]);
        there = there || p->path[i];
    }
    mien_string_init(&lacking);
    int count = mien_rows_lacking(rows, place, &lacking);
    mien_status status = mien_string_status(&lacking);
    if (status == MIEN_OK && !there) {
        status = mien_fail(MIEN_EINVAL, "no features are given");
    } else if (status == MIEN_OK && count > 0) {
        status = mien_fail(MIEN_EINVAL,
            "features of %s are missing, and the model was not made to do without: "
            "give "
            "NAME=FILE of each",
            lacking.text);
    }
    mien_string_clear(&lacking);
    return status;
}

/* Every file must have rows of its input, and as many as the others. */
static mien_status check_file(const mien_input *input, const char *path, pairs *p) {
    mien_array *array = NULL;
    const mien_input_kind *kind = NULL;
    mien_status status = mien_input_kind_find(input->kind, &kind);
    if (status == MIEN_OK && !(kind->traits & MIEN_INPUT_ROWS)) {
        return mien_fail(MIEN_EINVAL,
            "%s: %s reads a %s, and no rows of features: give a trial table (.tsv) "
            "with "
            "a column for each input",
            path, input->name, input->kind);
    }
    status = status == MIEN_OK ? mien_array_open(path, &array) : status;
    if (status != MIEN_OK) {
        return status;
    }
    int64_t rows = mien_array_shape(array)[0], width = mien_array_width(array);
    int64_t want = mien_item_values(&input->shape);
    if (width != want) {
        status =
            mien_fail(MIEN_ESHAPE, "%s: %lld values a row; the model's %s has %lld",
                path, (long long)width, input->name, (long long)want);
    } else if (p->first && rows != p->rows) {
        status = mien_fail(MIEN_ESHAPE,
            "%s: %lld rows, but %s has %lld; every file must have the same segments",
            path, (long long)rows, p->first, (long long)p->rows);
    } else if (rows < 1) {
        status = mien_fail(MIEN_ESHAPE, "%s: there are no rows", path);
    }
    if (!p->first) {
        p->first = path;
        p->rows = rows;
    }
    mien_array_close(&array);
    return status;
}

static mien_status add_rows(mien_rows *rows, const pairs *p) {
    double length = rows->network->segment_s;
    const char *path[MIEN_INPUTS_MAX] = {NULL};
    const char *name = mien_arena_strdup(rows->arena, p->first);
    int inputs = rows->network->architecture.inputs_count;
    mien_status status = name ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < inputs; i++) {
        path[i] = p->path[i] ? mien_arena_strdup(rows->arena, p->path[i]) : NULL;
        status = p->path[i] && !path[i] ? MIEN_ENOMEM : MIEN_OK;
    }
    for (int64_t r = 0; status == MIEN_OK && r < p->rows; r++) {
        mien_row *row = NULL;
        status = mien_rows_add(rows, NULL, &row);
        for (int i = 0; status == MIEN_OK && i < inputs; i++) {
            row->place[i] = mien_place_of(path[i]);
            row->place[i].row = r;
        }
        if (status == MIEN_OK) {
            row->name = row->series = name;
            row->number = r;
            row->start_s = length > 0 ? (double)r * length : (double)NAN;
            row->end_s = length > 0 ? (double)(r + 1) * length : (double)NAN;
        }
    }
    return status;
}

mien_status mien_rows_add_files(
    mien_rows *rows, const mien_feature_file *files, int count) {
    const mien_architecture *a = &rows->network->architecture;
    pairs p = {.first = NULL};
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = place_file(rows, &files[i], &p);
    }
    if (status == MIEN_OK) {
        status = check_missing(rows, &p);
    }
    for (int i = 0; status == MIEN_OK && i < a->inputs_count; i++) {
        status = p.path[i] ? check_file(&a->inputs[i], p.path[i], &p) : MIEN_OK;
    }
    return status == MIEN_OK ? add_rows(rows, &p) : status;
}
