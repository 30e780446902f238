/* SPDX-License-Identifier: MIT */
/* Rows of features that were computed before: one row of an array file, or all of it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/need.h"
#include "mien/inputs.h"

/* Files that stay open: tables often take turns between a few. */
enum { FILES = 8 };

typedef struct open_file {
    char *path;
    mien_array *array;
    int64_t used; /* when, by the count of openings */
} open_file;

typedef struct features {
    const mien_input *input;
    open_file files[FILES];
    mien_array *array; /* the one asked for last */
    int64_t asked;
} features;

static const mien_option options[] = {{0}};

static int64_t width_of(const mien_array *array, const mien_place *place) {
    return mien_array_width(array) * (place->row < 0 ? mien_array_shape(array)[0] : 1);
}

static mien_status shape(
    const mien_options *given, const mien_place *example, mien_item_shape *out) {
    mien_array *array = NULL;
    (void)given;
    if (!example || !example->file) {
        return mien_fail(MIEN_EINVAL, "how many values a row has is told by a file");
    }
    mien_status status = mien_array_open(example->file, &array);
    if (status == MIEN_OK) {
        *out = (mien_item_shape){.rank = 1, .steps = 1};
        out->size[0] = width_of(array, example);
    }
    mien_array_close(&array);
    return status;
}

static mien_status open(const mien_input *input, const mien_options *given,
    const mien_augment *augment, void **reader) {
    features *f = mien_alloc(1, sizeof *f);
    (void)given;
    (void)augment;
    if (!f) {
        return MIEN_ENOMEM;
    }
    f->input = input;
    *reader = f;
    return MIEN_OK;
}

static void close_file(open_file *file) {
    mien_array_close(&file->array);
    mien_free(file->path);
    *file = (open_file){0};
}

static void close(void **reader) {
    features *f = *reader;
    for (int i = 0; i < FILES; i++) {
        close_file(&f->files[i]);
    }
    mien_free(f);
    *reader = NULL;
}

static size_t bytes(const void *reader) {
    const features *f = reader;
    return (size_t)f->input->shape.size[0] * sizeof(float);
}

/* Makes f->array the file's; the one that was not asked for the longest goes. */
static mien_status ask_for(features *f, const char *path) {
    open_file *file = &f->files[0];
    for (int i = 0; i < FILES; i++) {
        if (f->files[i].path && strcmp(f->files[i].path, path) == 0) {
            f->array = f->files[i].array;
            f->files[i].used = ++f->asked;
            return MIEN_OK;
        }
        file = f->files[i].used < file->used ? &f->files[i] : file;
    }
    close_file(file);
    f->array = NULL;
    file->path = mien_strdup(path);
    mien_status status = file->path ? mien_array_open(path, &file->array) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        close_file(file);
        return status;
    }
    file->used = ++f->asked;
    f->array = file->array;
    return MIEN_OK;
}

/* A quick look at many: the compiler makes vectors of it. */
static bool all_finite(const float *values, int64_t count) {
    const uint32_t exponent = 0x7f800000u;
    uint32_t bad = 0;
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        bad |= (uint32_t)((bits & exponent) == exponent);
    }
    return bad == 0;
}

/* All NaN is a missing item. A single NaN is left for standardising to fill, where the
 * input is standardised; anything else that is not finite is an error. */
static mien_status check_values(
    const features *f, const mien_place *place, const float *values) {
    int64_t width = f->input->shape.size[0], missing = 0, bad = -1;
    if (width > 0 && all_finite(values, width)) {
        return MIEN_OK;
    }
    for (int64_t i = 0; i < width; i++) {
        missing += isnan(values[i]);
        if (bad < 0 && !isfinite(values[i]) &&
            !(isnan(values[i]) && f->input->standardise)) {
            bad = i;
        }
    }
    if (missing == width) {
        return MIEN_END;
    }
    return bad < 0 ? MIEN_OK
                   : mien_fail(MIEN_ENUMBER,
                         "%s: value %" PRId64 " of row %" PRId64
                         " is %s (a row of NaN alone is a missing one)",
                         place->file, bad, place->row < 0 ? 0 : place->row,
                         isnan(values[bad]) ? "NaN" : "infinite");
}

static mien_status load(void *reader, const mien_place *place, void *kept) {
    features *f = reader;
    mien_status status = ask_for(f, place->file);
    if (status != MIEN_OK) {
        return status;
    }
    int64_t width = width_of(f->array, place), want = f->input->shape.size[0];
    if (width != want) {
        return mien_fail(MIEN_ESHAPE,
            "%s: %" PRId64 " values where input %s has %" PRId64, place->file, width,
            f->input->name, want);
    }
    status = place->row < 0
                 ? mien_array_read(f->array, 0, mien_array_shape(f->array)[0], kept)
                 : mien_array_read(f->array, place->row, 1, kept);
    return status == MIEN_OK ? check_values(f, place, kept) : status;
}

static mien_status load_rows(
    void *reader, const mien_place *place, int64_t count, float *values, float *seen) {
    features *f = reader;
    int64_t width = f->input->shape.size[0];
    mien_status status = ask_for(f, place->file);
    if (status == MIEN_OK && (place->row < 0 || mien_array_width(f->array) != width)) {
        return mien_fail(MIEN_ESHAPE, "%s: its rows are not those of input %s",
            place->file, f->input->name);
    }
    if (status == MIEN_OK) {
        status = mien_array_read(f->array, place->row, count, values);
    }
    bool good = status == MIEN_OK && all_finite(values, count * width);
    for (int64_t r = 0; status == MIEN_OK && r < count; r++) {
        mien_place at = *place;
        at.row += r;
        status = good ? MIEN_OK : check_values(f, &at, values + r * width);
        seen[r] = status == MIEN_OK;
        status = status == MIEN_END ? MIEN_OK : status;
    }
    return status;
}

static mien_status make(void *reader, const void *kept, const mien_augment_draw *draw,
    float *values, float *seen) {
    const features *f = reader;
    (void)draw;
    memcpy(values, kept, bytes(f));
    if (seen) {
        *seen = 1;
    }
    return MIEN_OK;
}

const mien_input_kind mien_input_kind_features = {
    .name = "features",
    .summary = "Rows of features that were computed before (HDF5, NumPy, CSV)",
    .column = "features.",
    .options = options,
    .traits = MIEN_INPUT_SMALL | MIEN_INPUT_ORDERED | MIEN_INPUT_ROWS,
    .shape = shape,
    .open = open,
    .bytes = bytes,
    .load = load,
    .load_rows = load_rows,
    .make = make,
    .close = close,
};

mien_status mien_input_features(const char *name, int64_t width, mien_input *input) {
    MIEN_NEED(name, input);
    mien_status status = mien_input_init(input, "features", name);
    if (status == MIEN_OK) {
        input->shape = (mien_item_shape){.rank = 1, .size = {width}, .steps = 1};
    }
    return status;
}
