/* SPDX-License-Identifier: MIT */
/* A toy kind of input for the test of how little one costs: a line of a text file holds
 * a number, and the item is that number and its square. */
#include <stdio.h>
#include <string.h>

#include "mien/inputs.h"

static const mien_option options[] = {{0}};

static mien_status shape(
    const mien_options *given, const mien_place *example, mien_item_shape *out) {
    (void)given;
    (void)example;
    *out = (mien_item_shape){.rank = 1, .size = {2}, .steps = 1};
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

static size_t bytes(const void *reader) {
    (void)reader;
    return sizeof(float);
}

static mien_status load(void *reader, const mien_place *place, void *kept) {
    (void)reader;
    FILE *file = fopen(place->file, "r");
    float number = 0;
    int64_t row = -1;
    while (file && row < place->row && fscanf(file, "%f", &number) == 1) {
        row++;
    }
    if (file) {
        fclose(file);
    }
    memcpy(kept, &number, sizeof number);
    return row >= 0 && row == place->row ? MIEN_OK
                                         : mien_fail(MIEN_EFORMAT, "%s: no line %lld",
                                               place->file, (long long)place->row);
}

static mien_status make(void *reader, const void *kept, const mien_augment_draw *draw,
    float *values, float *seen) {
    (void)reader;
    (void)draw;
    memcpy(values, kept, sizeof *values);
    values[1] = values[0] * values[0];
    if (seen) {
        *seen = 1;
    }
    return MIEN_OK;
}

static void close(void **reader) {
    mien_free(*reader);
    *reader = NULL;
}

const mien_input_kind mien_input_kind_toy_number = {
    .name = "toy_number",
    .summary = "A number and its square, from a line of a text file",
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
