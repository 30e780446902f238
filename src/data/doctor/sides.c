/* SPDX-License-Identifier: MIT */
/* Which rows of a table stand on two sides of a split or of folds. */
#include "data/doctor/sides.h"

#include <stdio.h>
#include <string.h>

static bool split_parts(const mien_sides *s, int64_t one, int64_t two) {
    const char *here = s->split ? mien_trials_cell(s->trials, one, "split") : NULL;
    const char *there = s->split ? mien_trials_cell(s->trials, two, "split") : NULL;
    return here && there && strcmp(here, there) != 0;
}

bool mien_sides_part(const mien_sides *s, int64_t one, int64_t two) {
    if (split_parts(s, one, two)) {
        return true;
    }
    int here = s->fold ? s->fold[one] : 0, there = s->fold ? s->fold[two] : 0;
    if (here == MIEN_FOLD_NONE || there == MIEN_FOLD_NONE || (here < 0 && there < 0) ||
        (s->each && s->each[one] != s->each[two])) {
        return false;
    }
    return s->across > 0 && here >= 0 && there >= 0
               ? here / s->across != there / s->across &&
                     here % s->across != there % s->across
               : here != there;
}

/* Any two rows of the pictures that stand on two sides. */
static bool find_parted(const mien_sides *s, int64_t *one, int64_t *two) {
    int64_t a = *one;
    while (a >= 0) {
        for (int64_t b = *two; b >= 0; b = s->next ? s->next[b] : -1) {
            if (mien_sides_part(s, a, b)) {
                *one = a;
                *two = b;
                return true;
            }
        }
        a = s->next ? s->next[a] : -1;
    }
    return false;
}

bool mien_sides_part_pictures(
    const mien_sides *s, int64_t one, int64_t two, char text[64]) {
    text[0] = '\0';
    if (!find_parted(s, &one, &two)) {
        return false;
    }
    if (split_parts(s, one, two)) {
        snprintf(text, 64, "; they are in %.20s and %.20s",
            mien_trials_cell(s->trials, one, "split"),
            mien_trials_cell(s->trials, two, "split"));
    } else if (s->fold[one] < 0 || s->fold[two] < 0) {
        snprintf(text, 64, "; one is tested and the other is not");
    } else {
        snprintf(text, 64, "; they are in folds %d and %d", s->fold[one], s->fold[two]);
    }
    return true;
}
