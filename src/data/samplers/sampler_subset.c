/* SPDX-License-Identifier: MIT */
/* The first `count` of a permutation: a part of a large data set each epoch. */
#include "data/samplers/sampler.h"

#include <inttypes.h>

static mien_status plan(mien_sampling *s) {
    s->count = s->options.count ? s->options.count : s->rows;
    if (s->count > s->rows) {
        return mien_fail(MIEN_EINVAL,
            "sampler subset: %" PRId64 " rows asked for, %" PRId64 " are there",
            s->count, s->rows);
    }
    return MIEN_OK;
}

static void draw(mien_sampling *s, uint32_t seed) {
    mien_random random;
    mien_random_init(&random, seed);
    mien_random_permutation(&random, s->scratch, s->rows);
    for (int64_t i = 0; i < s->count; i++) {
        s->order[i] = s->scratch[i];
    }
}

const mien_sampler mien_sampler_subset = {
    .name = "subset",
    .summary = "`count` rows drawn without replacement each epoch",
    .plan = plan,
    .draw = draw,
};
