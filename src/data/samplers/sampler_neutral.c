/* SPDX-License-Identifier: MIT */
/* EmoEye's balanced_split: all rows with a strong answer, and a part of the neutral
 * ones.
 *
 * Two scales of seven, arousal and valence. Neutral is arousal 1-5 with valence 3-5; as
 * many are kept as the largest of arousal 5, 6, 7 and valence 1, 2, 6, 7 has rows. */
#include "data/samplers/sampler.h"

#include <inttypes.h>

enum { AROUSAL, VALENCE, SCALES, LEVELS = 7 };

static bool is_neutral(const mien_sampling *s, int64_t row) {
    int arousal = s->options.label[AROUSAL][row] + 1;
    int valence = s->options.label[VALENCE][row] + 1;
    return arousal <= 5 && valence >= 3 && valence <= 5;
}

static int64_t count_neutral(const mien_sampling *s) {
    int64_t count = 0;
    for (int64_t i = 0; i < s->rows; i++) {
        count += is_neutral(s, i);
    }
    return count;
}

static int64_t neutral_kept(const mien_sampling *s) {
    static const int strong[][2] = {{AROUSAL, 5}, {AROUSAL, 6}, {AROUSAL, 7},
        {VALENCE, 1}, {VALENCE, 2}, {VALENCE, 6}, {VALENCE, 7}};
    int64_t most = 0;
    for (size_t i = 0; i < sizeof strong / sizeof *strong; i++) {
        int64_t size = mien_class_size(&s->by_class[strong[i][0]], strong[i][1] - 1);
        most = size > most ? size : most;
    }
    return most;
}

static mien_status plan(mien_sampling *s) {
    if (s->options.classes[AROUSAL] != LEVELS ||
        s->options.classes[VALENCE] != LEVELS) {
        return mien_fail(MIEN_EINVAL,
            "sampler neutral: %d and %d classes; it is made for arousal and valence "
            "from 1 to 7",
            s->options.classes[AROUSAL], s->options.classes[VALENCE]);
    }
    int64_t neutral = count_neutral(s), kept = neutral_kept(s);
    if (kept > neutral) {
        return mien_fail(MIEN_EINVAL,
            "sampler neutral: %" PRId64 " neutral rows to keep, %" PRId64
            " are there: these data need no such balance",
            kept, neutral);
    }
    s->count = s->rows - neutral + kept;
    return MIEN_OK;
}

/* order begins with numbers of neutral rows, which become the rows themselves once
 * scratch is free to list those. */
static void draw(mien_sampling *s, uint32_t seed) {
    int64_t neutral = 0, kept = neutral_kept(s), at = kept;
    mien_random random;
    mien_random_init(&random, seed);
    mien_random_permutation(&random, s->scratch, count_neutral(s));
    for (int64_t i = 0; i < kept; i++) {
        s->order[i] = s->scratch[i];
    }
    for (int64_t i = 0; i < s->rows; i++) {
        if (is_neutral(s, i)) {
            s->scratch[neutral++] = i;
        } else {
            s->order[at++] = i;
        }
    }
    for (int64_t i = 0; i < kept; i++) {
        s->order[i] = s->scratch[s->order[i]];
    }
}

const mien_sampler mien_sampler_neutral = {
    .name = "neutral",
    .summary =
        "EmoEye's balanced_split: all strong answers and as many neutral ones as "
        "the largest strong class",
    .factors = SCALES,
    .plan = plan,
    .draw = draw,
};
