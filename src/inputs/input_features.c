/* SPDX-License-Identifier: MIT */
/* Rows of features that were computed before: one row of an array file, or all of it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/inputs.h"

/* The last file stays open: rows of one file are asked for one after the other. */
typedef struct features {
    const mien_input *input;
    char *path;
    mien_array *array;
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

static void close_file(features *f) {
    mien_array_close(&f->array);
    mien_free(f->path);
    f->path = NULL;
}

static void close(void **reader) {
    close_file(*reader);
    mien_free(*reader);
    *reader = NULL;
}

static size_t bytes(const void *reader) {
    const features *f = reader;
    return (size_t)f->input->shape.size[0] * sizeof(float);
}

static mien_status open_file(features *f, const char *path) {
    if (f->path && strcmp(f->path, path) == 0) {
        return MIEN_OK;
    }
    close_file(f);
    f->path = mien_strdup(path);
    mien_status status = f->path ? mien_array_open(path, &f->array) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        close_file(f);
    }
    return status;
}

/* All NaN is a missing item. A single NaN is left for standardising to fill, where the
 * input is standardised; anything else that is not finite is an error. */
static mien_status check_values(
    const features *f, const mien_place *place, const float *values) {
    int64_t width = f->input->shape.size[0], missing = 0, bad = -1;
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
    mien_status status = open_file(f, place->file);
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
    .make = make,
    .close = close,
};

mien_status mien_input_features(const char *name, int64_t width, mien_input *input) {
    mien_status status = mien_input_init(input, "features", name);
    if (status == MIEN_OK) {
        input->shape = (mien_item_shape){.rank = 1, .size = {width}, .steps = 1};
    }
    return status;
}
