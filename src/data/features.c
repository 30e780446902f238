/* SPDX-License-Identifier: MIT */
/* Features of trials: reads the values that the columns features.NAME point at. */
#include "data/features.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- one cell ----------------------------------------------------------------- */

mien_status mien_feature_fail_in(
    mien_status status, const mien_trials *t, int64_t row, const char *column) {
    const char *group = mien_trials_cell(t, row, "group");
    return mien_fail_in(status, "%s:%" PRId64 ": %s of trial \"%s\"%s%s%s", t->path,
        mien_table_line(t->table, row), column, mien_trials_id(t, row),
        group ? " (group \"" : "", group ? group : "", group ? "\")" : "");
}

/* Cuts "#ROW" or ":ROW" off the file, or leaves it whole. False for a row that is no
 * number. */
static bool cut_row(char *file, int64_t *row) {
    char *hash = strrchr(file, '#');
    char *colon = hash ? strrchr(hash, ':') : NULL;
    const char *number = colon ? colon + 1 : hash ? hash + 1 : "";
    bool digits = *number && strspn(number, "0123456789") == strlen(number);
    *row = -1;
    if (!colon && !digits) {
        return !hash || hash[1]; /* no row: a data set, or a # of the file's name */
    }
    if (!digits || !mien_parse_int(number, row) || colon == hash + 1) {
        return false;
    }
    *(colon ? colon : hash) = 0;
    return true;
}

mien_status mien_feature_place_read(
    const mien_trials *t, int64_t row, const char *column, mien_feature_place *place) {
    mien_feature_place found = {NULL, -1};
    if (mien_trials_cell(t, row, column)) {
        found.file = mien_trials_path(t, row, column);
        if (!found.file) {
            return MIEN_ENOMEM;
        }
        if (!cut_row(found.file, &found.row)) {
            mien_free(found.file);
            mien_status status = mien_fail(MIEN_EFORMAT,
                "\"%s\" is not PATH, PATH#ROW or PATH#DATASET:ROW with a row from 0",
                mien_trials_cell(t, row, column));
            return mien_feature_fail_in(status, t, row, column);
        }
    }
    *place = found;
    return MIEN_OK;
}

int64_t mien_feature_width(const mien_array *array, const mien_feature_place *place) {
    return mien_array_width(array) * (place->row < 0 ? mien_array_shape(array)[0] : 1);
}

mien_status mien_feature_read(
    const mien_array *array, const mien_feature_place *place, float *values) {
    int64_t width = mien_feature_width(array, place), first = place->row;
    mien_status status =
        first < 0 ? mien_array_read(array, 0, mien_array_shape(array)[0], values)
                  : mien_array_read(array, first, 1, values);
    for (int64_t i = 0; status == MIEN_OK && i < width; i++) {
        if (!isfinite(values[i])) {
            status = mien_fail(MIEN_ENUMBER,
                "%s: value %" PRId64 " of row %" PRId64 " is %s", place->file, i,
                first < 0 ? 0 : first, isnan(values[i]) ? "NaN" : "infinite");
        }
    }
    return status;
}

/* ---- a column ----------------------------------------------------------------- */

typedef struct wanted {
    mien_feature_place place;
    int64_t trial; /* row of the table */
    int64_t at;    /* row of the result */
} wanted;

typedef struct column {
    const mien_trials *trials;
    const char *name; /* with its prefix */
    wanted *wanted;   /* of rows that are there */
    int64_t wanted_count;
    int64_t width; /* -1: not known yet */
    int64_t first; /* the trial that it was learnt from */
    int64_t count;
    float *values;
} column;

/* By file, and in it in the order asked for. */
static int by_file(const void *a, const void *b) {
    const wanted *x = a, *y = b;
    int order = strcmp(x->place.file, y->place.file);
    return order ? order : (x->at > y->at) - (x->at < y->at);
}

static mien_status find_places(column *c, const int64_t *rows, bool *present) {
    for (int64_t i = 0; i < c->count; i++) {
        wanted *w = &c->wanted[c->wanted_count];
        if (rows[i] < 0 || rows[i] >= mien_trials_rows(c->trials)) {
            return mien_fail(
                MIEN_EINVAL, "%s: there is no row %" PRId64, c->trials->path, rows[i]);
        }
        mien_status status =
            mien_feature_place_read(c->trials, rows[i], c->name, &w->place);
        if (status != MIEN_OK) {
            return status;
        }
        w->trial = rows[i];
        w->at = i;
        present[i] = w->place.file != NULL;
        c->wanted_count += present[i];
    }
    qsort(c->wanted, (size_t)c->wanted_count, sizeof *c->wanted, by_file);
    return MIEN_OK;
}

/* The first row read says how wide all are. */
static mien_status check_width(column *c, const wanted *w, int64_t width) {
    if (c->width < 0) {
        c->values = mien_alloc((size_t)c->count, (size_t)width * sizeof *c->values);
        c->width = width;
        c->first = w->trial;
        return c->values ? MIEN_OK : MIEN_ENOMEM;
    }
    return width == c->width
               ? MIEN_OK
               : mien_fail(MIEN_ESHAPE,
                     "%s: %" PRId64 " values where trial \"%s\" has %" PRId64,
                     w->place.file, width, mien_trials_id(c->trials, c->first),
                     c->width);
}

/* Reads the rows first … end - 1, which are all in one file. */
static mien_status read_file(column *c, int64_t first, int64_t end) {
    mien_array *array = NULL;
    const wanted *w = &c->wanted[first];
    mien_status status = mien_array_open(w->place.file, &array);
    for (int64_t i = first; status == MIEN_OK && i < end; i++) {
        w = &c->wanted[i];
        status = check_width(c, w, mien_feature_width(array, &w->place));
        if (status == MIEN_OK) {
            status = mien_feature_read(array, &w->place, c->values + w->at * c->width);
        }
    }
    if (status != MIEN_OK) {
        mien_feature_fail_in(status, c->trials, w->trial, c->name);
    }
    mien_array_close(&array);
    return status;
}

static mien_status read_files(column *c) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0, end; status == MIEN_OK && i < c->wanted_count; i = end) {
        end = i + 1;
        while (end < c->wanted_count &&
               strcmp(c->wanted[i].place.file, c->wanted[end].place.file) == 0) {
            end++;
        }
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : read_file(c, i, end);
    }
    return status;
}

/* Where none of the rows asked for has the features, another one tells their width. */
static mien_status learn_width(column *c) {
    wanted w = {{NULL, -1}, 0, 0};
    mien_array *array = NULL;
    for (int64_t i = 0; !w.place.file && i < mien_trials_rows(c->trials); i++) {
        mien_status status = mien_feature_place_read(c->trials, i, c->name, &w.place);
        if (status != MIEN_OK) {
            return status;
        }
        w.trial = i;
    }
    if (!w.place.file) {
        return mien_fail(MIEN_ENOTFOUND, "%s: no trial has %s: all cells are missing",
            c->trials->path, c->name);
    }
    mien_status status = mien_array_open(w.place.file, &array);
    if (status == MIEN_OK) {
        status = check_width(c, &w, mien_feature_width(array, &w.place));
    } else {
        mien_feature_fail_in(status, c->trials, w.trial, c->name);
    }
    mien_array_close(&array);
    mien_free(w.place.file);
    return status;
}

static mien_status name_column(
    const mien_trials *t, const char *name, mien_string *text) {
    mien_string_addf(text, MIEN_FEATURES_PREFIX "%s", name);
    if (mien_string_status(text) == MIEN_OK &&
        mien_table_column(t->table, text->text) < 0) {
        return mien_fail(
            MIEN_ENOTFOUND, "%s: there is no column \"%s\"", t->path, text->text);
    }
    return mien_string_status(text);
}

mien_status mien_trials_features(const mien_trials *trials, const char *name,
    const int64_t *rows, int64_t count, float **values, bool **present,
    int64_t *width) {
    mien_string text;
    mien_string_init(&text);
    column c = {.trials = trials, .count = count, .width = -1};
    bool *found = mien_alloc((size_t)count, sizeof *found);
    c.wanted = mien_alloc((size_t)count + 1, sizeof *c.wanted);
    mien_status status = found && c.wanted ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status : name_column(trials, name, &text);
    c.name = text.text;
    status = status ? status : find_places(&c, rows, found);
    status = status ? status : read_files(&c);
    if (status == MIEN_OK && c.width < 0) {
        status = learn_width(&c);
    }
    for (int64_t i = 0; i < c.wanted_count; i++) {
        mien_free(c.wanted[i].place.file);
    }
    mien_free(c.wanted);
    mien_string_clear(&text);
    if (status != MIEN_OK) {
        mien_free(c.values);
        mien_free(found);
        return status;
    }
    *values = c.values;
    *present = found;
    *width = c.width;
    return MIEN_OK;
}
