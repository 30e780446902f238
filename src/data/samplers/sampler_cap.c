/* SPDX-License-Identifier: MIT */
/* Classes brought to one size: smaller ones topped up by drawing with replacement,
 * larger ones cut. The copies are shuffled in: left at the end, class by class, they
 * make the last thousands of rows of each epoch one class. */
#include "data/samplers/sampler.h"

#include <inttypes.h>

/* Rows of a class in an epoch. */
static int64_t size_of(const mien_sampling *s, int64_t size) {
    const mien_sampler_options *o = &s->options;
    bool changes = size < o->cap ? o->up : o->down;
    return changes ? o->cap : size;
}

static mien_status plan(mien_sampling *s) {
    const mien_class_rows *by = &s->by_class[0];
    int64_t smallest, largest = 0;
    mien_status status = mien_class_smallest(s, 0, &smallest);
    for (int c = 0; c < by->classes; c++) {
        int64_t size = mien_class_size(by, c);
        largest = size > largest ? size : largest;
    }
    s->options.cap = s->options.cap ? s->options.cap : largest;
    for (int c = 0; status == MIEN_OK && c < by->classes; c++) {
        int64_t size = size_of(s, mien_class_size(by, c));
        if (size > INT32_MAX - s->count) {
            status = mien_fail(MIEN_ELIMIT,
                "sampler cap: %" PRId64 " rows of each of %d classes are too many",
                s->options.cap, by->classes);
        }
        s->count += status == MIEN_OK ? size : 0;
    }
    return status;
}

static void draw(mien_sampling *s, uint32_t seed) {
    const mien_class_rows *by = &s->by_class[0];
    int64_t *out = s->order;
    mien_random random;
    mien_random_init(&random, seed);
    for (int c = 0; c < by->classes; c++) {
        const int64_t *row = by->row + by->first[c];
        int64_t n = mien_class_size(by, c), want = size_of(s, n);
        if (want < n) {
            mien_take_rows(&random, row, n, want, s->scratch, out);
        }
        for (int64_t i = 0; want >= n && i < want; i++) {
            out[i] =
                i < n ? row[i] : row[mien_random_interval(&random, (uint64_t)n - 1)];
        }
        out += want;
    }
}

const mien_sampler mien_sampler_cap = {
    .name = "cap",
    .summary = "classes topped up with replacement to `cap` rows, or cut to it",
    .factors = 1,
    .plan = plan,
    .draw = draw,
};
