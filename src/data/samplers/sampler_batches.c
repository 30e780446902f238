/* SPDX-License-Identifier: MIT */
/* Batches with as many rows of each class; a class goes through all of its rows before
 * one comes again. */
#include "data/samplers/sampler.h"

#include <inttypes.h>

static mien_status plan(mien_sampling *s) {
    int batch = s->options.batch, classes = s->by_class[0].classes;
    int64_t smallest, asked = s->options.count ? s->options.count : s->rows;
    mien_status status = mien_class_smallest(s, 0, &smallest);
    if (status != MIEN_OK) {
        return status;
    }
    if (batch < 1 || batch % classes != 0) {
        return mien_fail(MIEN_EINVAL,
            "sampler batches: a batch of %d is not as many rows of each of %d classes",
            batch, classes);
    }
    if (batch > asked) {
        return mien_fail(MIEN_EINVAL,
            "sampler batches: a batch of %d is larger than the epoch of %" PRId64
            " rows",
            batch, asked);
    }
    s->count = asked / batch * batch;
    return MIEN_OK;
}

static void draw(mien_sampling *s, uint32_t seed) {
    const mien_class_rows *by = &s->by_class[0];
    int64_t batches = s->count / s->options.batch;
    int64_t each = s->options.batch / by->classes;
    mien_random random;
    mien_random_init(&random, seed);
    for (int c = 0; c < by->classes; c++) {
        int64_t n = mien_class_size(by, c), left = 0;
        for (int64_t i = 0; i < batches * each; i++) {
            if (left == 0) {
                mien_random_permutation(&random, s->scratch, n);
                left = n;
            }
            int64_t place = i / each * s->options.batch + c * each + i % each;
            s->order[place] = by->row[by->first[c] + s->scratch[n - left--]];
        }
    }
    for (int64_t b = 0; b < batches; b++) {
        mien_random_shuffle(&random, s->order + b * s->options.batch, s->options.batch);
    }
}

const mien_sampler mien_sampler_batches = {
    .name = "batches",
    .summary = "each batch of `batch` rows has as many of each class",
    .factors = 1,
    .ordered = true,
    .plan = plan,
    .draw = draw,
};
