/* SPDX-License-Identifier: MIT */
/* Numbers of a trial table as they stand in it: age, the number of the trial, a score.
 */
#include <math.h>

#include "mien/inputs.h"

static const mien_option options[] = {{0}};

static mien_status shape(
    const mien_options *given, const mien_place *example, mien_item_shape *out) {
    (void)given;
    (void)example;
    *out = (mien_item_shape){.rank = 1, .size = {1}, .steps = 1};
    return MIEN_OK;
}

static mien_status open(const mien_input *input, const mien_options *given,
    const mien_augment *augment, void **reader) {
    (void)input;
    (void)given;
    (void)augment;
    *reader = mien_alloc(1, 1);
    return *reader ? MIEN_OK : MIEN_ENOMEM;
}

static void close(void **reader) {
    mien_free(*reader);
    *reader = NULL;
}

static size_t bytes(const void *reader) {
    (void)reader;
    return sizeof(float);
}

static mien_status load(void *reader, const mien_place *place, void *kept) {
    double value = 0;
    (void)reader;
    if (mien_cell_missing(place->file)) {
        return MIEN_END;
    }
    if (!mien_parse_number(place->file, &value) || !isfinite((float)value)) {
        return mien_fail(MIEN_ENUMBER, "\"%s\" is no number", place->file);
    }
    *(float *)kept = (float)value;
    return MIEN_OK;
}

static mien_status make(void *reader, const void *kept, const mien_augment_draw *draw,
    float *values, float *seen) {
    (void)reader;
    (void)draw;
    *values = *(const float *)kept;
    if (seen) {
        *seen = 1;
    }
    return MIEN_OK;
}

const mien_input_kind mien_input_kind_number = {
    .name = "number",
    .summary = "A number of the trial table, as it stands in its column",
    .column = "the input's name",
    .options = options,
    .traits = MIEN_INPUT_SMALL | MIEN_INPUT_ORDERED | MIEN_INPUT_PLAIN,
    .shape = shape,
    .open = open,
    .bytes = bytes,
    .load = load,
    .make = make,
    .close = close,
};
