/* SPDX-License-Identifier: MIT */
/* Places of items: cut out of a cell's text, compared, and numbered so that equal
 * places are read once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/need.h"
#include "mien/inputs.h"

static const double nowhere = (double)NAN;

mien_place mien_place_of(const char *file) {
    mien_place place = {.file = file, .row = -1, .start_s = nowhere, .end_s = nowhere};
    for (int i = 0; i < 4; i++) {
        place.region[i] = nowhere;
    }
    for (int i = 0; i < 10; i++) {
        place.points[i] = nowhere;
    }
    return place;
}

/* "#ROW" and ":ROW" belong to the place; a "#DATASET" stays with the file, which its
 * opener takes apart. */
mien_status mien_place_cut(char *text, mien_place *place) {
    MIEN_NEED(text, place);
    char *hash = strrchr(text, '#');
    char *colon = hash ? strrchr(hash, ':') : NULL;
    const char *number = colon ? colon + 1 : hash ? hash + 1 : "";
    bool digits = *number && strspn(number, "0123456789") == strlen(number);
    mien_place found = mien_place_of(text);
    bool whole = !colon && !digits;
    bool good = whole ? !hash || hash[1]
                      : digits && mien_parse_int(number, &found.row) &&
                            !(colon && colon == hash + 1);
    if (!good) {
        return mien_fail(MIEN_EFORMAT,
            "\"%s\" is not PATH, PATH#ROW or PATH#DATASET:ROW with a row from 0", text);
    }
    if (!whole) {
        *(colon ? colon : hash) = 0;
    }
    *place = found;
    return MIEN_OK;
}

/* Orders numbers, NaN before all. */
static int by_number(double a, double b) {
    if (isnan(a) || isnan(b)) {
        return isnan(b) - isnan(a);
    }
    return (a > b) - (a < b);
}

int mien_place_compare(const mien_place *a, const mien_place *b) {
    MIEN_NEED_OR(0, a, b);
    if (!a->file || !b->file) {
        return (a->file != NULL) - (b->file != NULL);
    }
    int order = strcmp(a->file, b->file);
    order = order ? order : (a->row > b->row) - (a->row < b->row);
    order = order ? order : by_number(a->start_s, b->start_s);
    order = order ? order : by_number(a->end_s, b->end_s);
    for (int i = 0; i < 4 && !order; i++) {
        order = by_number(a->region[i], b->region[i]);
    }
    for (int i = 0; i < 10 && !order; i++) {
        order = by_number(a->points[i], b->points[i]);
    }
    return order;
}

/* A place with its number in the caller's order. */
typedef struct numbered {
    const mien_place *place;
    int64_t index;
} numbered;

static int by_place(const void *a, const void *b) {
    const numbered *x = a, *y = b;
    int order = mien_place_compare(x->place, y->place);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

mien_status mien_places_number(const mien_place *places, int64_t n, int64_t *item,
    int64_t *first, int64_t *count) {
    MIEN_NEED(places, item, first, count);
    numbered *sorted = mien_alloc((size_t)n, sizeof *sorted);
    if (!sorted) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        sorted[i] = (numbered){&places[i], i};
    }
    qsort(sorted, (size_t)n, sizeof *sorted, by_place);
    /* item holds, for now, the index at which an equal place appears first. */
    for (int64_t i = 0; i < n; i++) {
        bool same =
            i > 0 && mien_place_compare(sorted[i].place, sorted[i - 1].place) == 0;
        item[sorted[i].index] = same ? item[sorted[i - 1].index] : sorted[i].index;
    }
    *count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!places[i].file) {
            item[i] = -1;
        } else if (item[i] == i) {
            first[*count] = i;
            item[i] = (*count)++;
        } else {
            item[i] = item[item[i]];
        }
    }
    mien_free(sorted);
    return MIEN_OK;
}
