/* SPDX-License-Identifier: MIT */
/* EmoEye's balanced_split_over: of each class of each scale as many rows as the rarest
 * class of any has, so that a row may come once for each scale.
 *
 * There k is the smallest of three classes that are the rarest of that data; here of
 * all classes, which is the same wherever the draw can be made. Each class has a
 * generator of its own with the same seed, as pandas' sample(n=k, random_state=seed)
 * has; with seed 42 epoch 0 is their order. */
#include "data/samplers/sampler.h"

/* Rows taken of each class; plan() has checked that there are some. */
static int64_t rarest(const mien_sampling *s) {
    int64_t k = s->rows;
    for (int f = 0; f < s->options.factors; f++) {
        int64_t smallest = 0;
        mien_class_smallest(s, f, &smallest);
        k = smallest < k ? smallest : k;
    }
    return k;
}

static mien_status plan(mien_sampling *s) {
    int64_t classes = 0;
    mien_status status = MIEN_OK;
    for (int f = 0; status == MIEN_OK && f < s->options.factors; f++) {
        int64_t smallest;
        status = mien_class_smallest(s, f, &smallest);
        classes += s->options.classes[f];
    }
    s->count = status == MIEN_OK ? classes * rarest(s) : 0;
    return status;
}

static void draw(mien_sampling *s, uint32_t seed) {
    int64_t k = rarest(s), at = 0;
    for (int f = 0; f < s->options.factors; f++) {
        const mien_class_rows *by = &s->by_class[f];
        for (int c = 0; c < by->classes; c++, at += k) {
            mien_random random;
            mien_random_init(&random, seed);
            mien_take_rows(&random, by->row + by->first[c], mien_class_size(by, c), k,
                s->scratch, s->order + at);
        }
    }
}

const mien_sampler mien_sampler_over = {
    .name = "over",
    .summary = "EmoEye's balanced_split_over: each class of each scale as often as the "
               "rarest",
    .factors = 2,
    .plan = plan,
    .draw = draw,
};
