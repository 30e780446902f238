/* SPDX-License-Identifier: MIT */
/* Reading items: calls of an input's kind, checked. Loaders, extraction, prediction and
 * verification read through this and nothing else. */
#include "base/need.h"
#include "mien/inputs.h"

struct mien_reader {
    mien_input input;
    const mien_input_kind *kind;
    void *own;
};

mien_status mien_reader_open(
    const mien_input *input, const mien_augment *augment, mien_reader **reader) {
    MIEN_NEED(input, reader);
    mien_options *options = NULL;
    mien_reader *r = mien_alloc(1, sizeof *r);
    mien_status status = r ? mien_input_check(input) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        r->input = *input;
        status = mien_input_kind_find(input->kind, &r->kind);
    }
    if (status == MIEN_OK && augment && !(r->kind->traits & MIEN_INPUT_DRAWS)) {
        status = mien_fail(MIEN_EINVAL, "input %s: augmentation changes nothing of %s",
            input->name, input->kind);
    }
    if (status == MIEN_OK) {
        status = mien_input_options(input, &options);
    }
    if (status == MIEN_OK) {
        status = r->kind->open(&r->input, options, augment, &r->own);
    }
    mien_options_free(&options);
    if (status != MIEN_OK) {
        mien_reader_close(&r);
        return status;
    }
    *reader = r;
    return MIEN_OK;
}

void mien_reader_close(mien_reader **reader) {
    if (!reader || !*reader) {
        return;
    }
    if ((*reader)->own) {
        (*reader)->kind->close(&(*reader)->own);
    }
    mien_free(*reader);
    *reader = NULL;
}

size_t mien_reader_bytes(const mien_reader *reader) {
    MIEN_NEED_OR(0, reader);
    return reader->kind->bytes(reader->own);
}

mien_status mien_reader_load(mien_reader *reader, const mien_place *place, void *kept) {
    MIEN_NEED(reader, place, kept);
    return place->file ? reader->kind->load(reader->own, place, kept) : MIEN_END;
}

mien_status mien_reader_load_image(
    mien_reader *reader, const mien_tensor *image, void *kept) {
    MIEN_NEED(reader, image, kept);
    return reader->kind->load_image
               ? reader->kind->load_image(reader->own, image, kept)
               : mien_fail(MIEN_EINVAL, "input %s reads %s, no pictures",
                     reader->input.name, reader->input.kind);
}

mien_status mien_reader_load_rows(mien_reader *reader, const mien_place *place,
    int64_t count, float *values, float *seen) {
    MIEN_NEED(reader, place, values || count < 1, seen || count < 1);
    return reader->kind->load_rows
               ? reader->kind->load_rows(reader->own, place, count, values, seen)
               : mien_fail(MIEN_EUNSUPPORTED, "input %s: %s has no rows",
                     reader->input.name, reader->input.kind);
}

mien_status mien_reader_load_region(mien_reader *reader, const mien_tensor *image,
    const mien_place *place, void *kept) {
    MIEN_NEED(reader, image, place, kept);
    return reader->kind->load_region
               ? reader->kind->load_region(reader->own, image, place, kept)
               : mien_reader_load_image(reader, image, kept);
}

mien_status mien_reader_make(mien_reader *reader, const void *kept,
    const mien_augment_draw *draw, float *values, float *seen) {
    MIEN_NEED(reader, kept, values);
    return reader->kind->make(reader->own, kept, draw, values, seen);
}

int64_t mien_reader_points(
    mien_reader *reader, const void *kept, double points[2 * MIEN_INPUT_POINTS_MAX]) {
    MIEN_NEED_OR(0, reader, kept, points);
    return reader->kind->points ? reader->kind->points(reader->own, kept, points) : 0;
}

bool mien_reader_golden(mien_reader *reader, int64_t index, void *kept) {
    MIEN_NEED_OR(false, reader, kept);
    if (reader->kind->golden) {
        reader->kind->golden(reader->own, index, kept);
    }
    return reader->kind->golden;
}
