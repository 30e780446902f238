/* SPDX-License-Identifier: MIT */
/* Joint balance: as many rows of each combination of classes that occurs, such as
 * valence × arousal × person. */
#include "data/samplers/sampler.h"

#include <inttypes.h>

static mien_status plan(mien_sampling *s) {
    s->count = s->options.count ? s->options.count : s->rows;
    if (s->count < s->cells.classes || s->count > INT32_MAX) {
        return mien_fail(MIEN_EINVAL,
            "sampler cells: an epoch of %" PRId64
            " rows, and %d combinations of classes "
            "occur: at least a row of each, or coarser classes",
            s->count, s->cells.classes);
    }
    return MIEN_OK;
}

/* Assigns draws to cells; the remainder that does not divide goes to cells that the
 * generator chooses. */
static void draw(mien_sampling *s, uint32_t seed) {
    int cells = s->cells.classes;
    int64_t each = s->count / cells, rest = s->count % cells, at = 0;
    mien_random random;
    mien_random_init(&random, seed);
    mien_random_permutation(&random, s->scratch, cells);
    for (int64_t i = 0; i < rest; i++) {
        const mien_class_rows *by = &s->cells;
        int c = (int)s->scratch[i];
        int64_t drawn = (int64_t)mien_random_interval(
            &random, (uint64_t)mien_class_size(by, c) - 1);
        s->order[at++] = by->row[by->first[c] + drawn];
    }
    for (int c = 0; c < cells; c++, at += each) {
        mien_take_passes(&random, s->cells.row + s->cells.first[c],
            mien_class_size(&s->cells, c), each, s->scratch, s->order + at);
    }
}

const mien_sampler mien_sampler_cells = {
    .name = "cells",
    .summary = "as many rows of each combination of the classes given",
    .factors = 1,
    .needs_cells = true,
    .plan = plan,
    .draw = draw,
};
