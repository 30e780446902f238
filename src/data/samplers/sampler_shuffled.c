/* SPDX-License-Identifier: MIT */
/* Every row once: RandomState(seed + epoch).permutation(rows). */
#include "data/samplers/sampler.h"

static mien_status plan(mien_sampling *s) {
    s->count = s->rows;
    return MIEN_OK;
}

static void draw(mien_sampling *s, uint32_t seed) {
    (void)seed; /* the shuffle that follows is all there is to it */
    for (int64_t i = 0; i < s->count; i++) {
        s->order[i] = i;
    }
}

const mien_sampler mien_sampler_shuffled = {
    .name = "shuffled",
    .summary = "every row once an epoch, in NumPy's permutation of seed + epoch",
    .plan = plan,
    .draw = draw,
};
