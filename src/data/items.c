/* SPDX-License-Identifier: MIT */
/* Items of trials: where each row's item of an input is, and all items of inputs that
 * fit into memory. The trainers' rows (train/dataset/dataset_inputs.c) are made with
 * this. */
#include "data/importers/features.h"
#include "base/need.h"
#include "inputs/regions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void mien_item_places_clear(mien_item_places *places) {
    MIEN_NEED_OR(, places);
    for (int64_t i = 0; places->text && i < places->count; i++) {
        mien_free(places->text[i]);
    }
    mien_free(places->text);
    mien_free(places->place);
    *places = (mien_item_places){0};
}

/* The part of a recording that a trial is, where the table says one. */
static mien_status read_times(const mien_trials *t, int64_t row, mien_place *place) {
    const mien_table *table = mien_trials_table(t);
    double *const to[] = {&place->start_s, &place->end_s};
    static const char *const names[] = {"start_s", "end_s"};
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < 2; i++) {
        int column = mien_table_column(table, names[i]);
        status = column < 0 ? MIEN_OK : mien_table_number(table, row, column, to[i]);
    }
    return status;
}

static mien_status read_place(const mien_trials *t, const mien_input *input,
    const mien_input_kind *kind, int64_t row, char **text, mien_place *place) {
    *place = mien_place_of(NULL);
    if (!mien_trials_cell(t, row, input->column)) {
        return MIEN_OK;
    }
    *text = kind->traits & MIEN_INPUT_PLAIN
                ? mien_strdup(mien_trials_cell(t, row, input->column))
                : mien_trials_path(t, row, input->column);
    if (!*text) {
        return MIEN_ENOMEM;
    }
    *place = mien_place_of(*text);
    mien_status status =
        kind->traits & MIEN_INPUT_ROWS ? mien_place_cut(*text, place) : MIEN_OK;
    if (status == MIEN_OK && kind->traits & MIEN_INPUT_TIMED) {
        status = read_times(t, row, place);
    }
    if (status != MIEN_OK) {
        return mien_feature_fail_in(status, t, row, input->column);
    }
    return kind->traits & MIEN_INPUT_REGIONS
               ? mien_place_read_regions(mien_trials_table(t), row, place)
               : MIEN_OK;
}

/* The column that was meant: the name behind its kind's beginning ("x" of
 * "features.x"), or one that two slips turn it into; NULL: none. */
static const char *nearest_column(
    const mien_table *table, const char *name, const char *beginning) {
    const char *nearest = NULL;
    size_t length = strlen(beginning);
    int least = 3; /* more slips than that are another word */
    for (int c = 0; c < mien_table_columns(table); c++) {
        const char *one = mien_table_name(table, c);
        bool behind = length > 0 && strncmp(one, beginning, length) == 0 &&
                      strcmp(one + length, name) == 0;
        int slips = behind ? 0 : mien_edit_distance(name, one);
        if (slips < least) {
            least = slips;
            nearest = one;
        }
    }
    return nearest;
}

static mien_status no_column(
    const mien_table *table, const mien_input *input, const mien_input_kind *kind) {
    const char *nearest =
        nearest_column(table, input->column, kind->column ? kind->column : "");
    return mien_fail(MIEN_ENOTFOUND,
        "%s: there is no column \"%s\", which input %s is to be read from%s%s%s",
        mien_table_file(table), input->column, input->name,
        nearest ? "; did you mean \"" : "", nearest ? nearest : "",
        nearest ? "\"?" : "");
}

mien_status mien_trials_places(const mien_trials *trials, const mien_input *input,
    const int64_t *rows, int64_t count, mien_item_places *places) {
    MIEN_NEED(trials, input, rows || count < 1, places);
    mien_item_places p = {.count = count,
        .place = mien_alloc((size_t)count, sizeof *p.place),
        .text = mien_alloc((size_t)count, sizeof *p.text)};
    const mien_input_kind *kind = NULL;
    mien_status status =
        p.place && p.text ? mien_input_kind_find(input->kind, &kind) : MIEN_ENOMEM;
    if (status == MIEN_OK &&
        mien_table_column(mien_trials_table(trials), input->column) < 0) {
        status = no_column(mien_trials_table(trials), input, kind);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status =
            rows[i] >= 0 && rows[i] < mien_trials_rows(trials)
                ? read_place(trials, input, kind, rows[i], &p.text[i], &p.place[i])
                : mien_fail(MIEN_EINVAL, "there is no row %lld", (long long)rows[i]);
    }
    if (status != MIEN_OK) {
        mien_item_places_clear(&p);
        return status;
    }
    *places = p;
    return MIEN_OK;
}

/* ---- shapes --------------------------------------------------------------------- */

/* The first row that has an item, of those asked for or else of the whole table. */
static mien_status find_example(const mien_trials *t, const mien_input *input,
    const int64_t *rows, const mien_item_places *places, char **text, mien_place *place,
    int64_t *row) {
    const mien_input_kind *kind = NULL;
    mien_status status = mien_input_kind_find(input->kind, &kind);
    for (int64_t i = 0; status == MIEN_OK && i < places->count; i++) {
        if (places->place[i].file) {
            *place = places->place[i];
            *row = rows[i];
            return MIEN_OK;
        }
    }
    *place = mien_place_of(NULL);
    for (int64_t i = 0; status == MIEN_OK && !place->file && i < mien_trials_rows(t);
         i++) {
        status = read_place(t, input, kind, i, text, place);
        *row = i;
    }
    return status == MIEN_OK && !place->file
               ? mien_fail(MIEN_ENOTFOUND, "%s: no trial has %s: all cells are missing",
                     mien_table_file(mien_trials_table(t)), input->column)
               : status;
}

mien_status mien_trials_measure(const mien_trials *trials, const int64_t *rows,
    const mien_item_places *places, mien_input *input) {
    MIEN_NEED(trials, rows, places, input);
    if (mien_input_measure(input, NULL) == MIEN_OK) {
        return MIEN_OK;
    }
    char *text = NULL;
    mien_place place;
    int64_t row = 0;
    mien_status status = find_example(trials, input, rows, places, &text, &place, &row);
    if (status == MIEN_OK) {
        status = mien_input_measure(input, &place);
        status = status == MIEN_OK
                     ? status
                     : mien_feature_fail_in(status, trials, row, input->column);
    }
    mien_free(text);
    return status;
}

/* ---- values --------------------------------------------------------------------- */

/* A different item, to be read in the order of files. */
typedef struct wanted {
    const mien_place *place;
    int64_t item, row;
} wanted;

static int by_place(const void *a, const void *b) {
    return mien_place_compare(((const wanted *)a)->place, ((const wanted *)b)->place);
}

static mien_status read_wanted(const mien_trials *t, const mien_input *input,
    mien_reader *reader, const wanted *w, float *kept, float *values) {
    int64_t each = mien_item_values(&input->shape);
    mien_status status = mien_interrupted()
                             ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                             : mien_reader_load(reader, w->place, kept);
    if (status == MIEN_OK) {
        status = mien_reader_make(reader, kept, NULL, values + w->item * each, NULL);
    }
    return status == MIEN_OK || status == MIEN_END
               ? status
               : mien_feature_fail_in(status, t, w->row, input->column);
}

/* Items that turn out to be missing get no number. */
static void renumber(int64_t *item, int64_t rows, const bool *missing, int64_t *items,
    int64_t each, float *values, int64_t *number) {
    int64_t kept = 0;
    for (int64_t i = 0; i < *items; i++) {
        number[i] = missing[i] ? -1 : kept;
        if (!missing[i]) {
            memmove(
                values + kept * each, values + i * each, (size_t)each * sizeof *values);
            kept++;
        }
    }
    for (int64_t i = 0; i < rows; i++) {
        item[i] = item[i] < 0 ? -1 : number[item[i]];
    }
    *items = kept;
}

mien_status mien_trials_items(const mien_trials *trials, const int64_t *rows,
    const mien_item_places *places, const mien_input *input, int64_t *item,
    int64_t *items, float **values) {
    MIEN_NEED(trials, rows, places, input, item, items, values);
    size_t n = (size_t)places->count;
    int64_t *first = mien_alloc(n, sizeof *first), *number = NULL;
    int64_t each = mien_item_values(&input->shape), count = 0;
    mien_reader *reader = NULL;
    wanted *all = NULL;
    bool *missing = NULL;
    float *read = NULL;
    void *kept = NULL;
    mien_status status =
        first ? mien_places_number(places->place, places->count, item, first, &count)
              : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_reader_open(input, NULL, &reader);
    }
    if (status == MIEN_OK) {
        all = mien_alloc((size_t)count, sizeof *all);
        missing = mien_alloc((size_t)count, sizeof *missing);
        number = mien_alloc((size_t)count, sizeof *number);
        read = mien_alloc((size_t)count, (size_t)each * sizeof *read);
        kept = mien_alloc(mien_reader_bytes(reader), 1);
        status = all && missing && number && read && kept ? MIEN_OK : MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        all[i] = (wanted){&places->place[first[i]], i, rows[first[i]]};
    }
    if (status == MIEN_OK) {
        qsort(all, (size_t)count, sizeof *all, by_place);
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        status = read_wanted(trials, input, reader, &all[i], kept, read);
        missing[all[i].item] = status == MIEN_END;
        status = status == MIEN_END ? MIEN_OK : status;
    }
    if (status == MIEN_OK) {
        renumber(item, places->count, missing, &count, each, read, number);
        *items = count;
        *values = read;
        read = NULL;
    }
    mien_reader_close(&reader);
    mien_free(kept);
    mien_free(read);
    mien_free(number);
    mien_free(missing);
    mien_free(all);
    mien_free(first);
    return status;
}

/* ---- rows of a column ----------------------------------------------------------- */

/* Spreads items [items, width] over rows; a missing row is zeros. */
static mien_status spread(const int64_t *item, int64_t rows, int64_t width,
    const float *from, float **values, bool **present) {
    float *to = mien_alloc((size_t)rows, (size_t)width * sizeof *to);
    bool *there = mien_alloc((size_t)rows, sizeof *there);
    if (!to || !there) {
        mien_free(to);
        mien_free(there);
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < rows; i++) {
        there[i] = item[i] >= 0;
        if (there[i]) {
            memcpy(to + i * width, from + item[i] * width, (size_t)width * sizeof *to);
        }
    }
    *values = to;
    *present = there;
    return MIEN_OK;
}

mien_status mien_trials_features(const mien_trials *trials, const char *name,
    const int64_t *rows, int64_t count, float **values, bool **present,
    int64_t *width) {
    MIEN_NEED(trials, name, rows || count < 1, values, present, width);
    mien_item_places places = {0};
    mien_input input;
    int64_t *item = mien_alloc((size_t)count, sizeof *item), items = 0;
    float *read = NULL;
    mien_status status = item ? mien_input_init(&input, "features", name) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_trials_places(trials, &input, rows, count, &places);
    }
    if (status == MIEN_OK) {
        status = mien_trials_measure(trials, rows, &places, &input);
    }
    if (status == MIEN_OK) {
        status = mien_trials_items(trials, rows, &places, &input, item, &items, &read);
    }
    if (status == MIEN_OK) {
        status = spread(item, count, input.shape.size[0], read, values, present);
    }
    if (status == MIEN_OK) {
        *width = input.shape.size[0];
    }
    mien_free(read);
    mien_free(item);
    mien_item_places_clear(&places);
    return status;
}
