/* SPDX-License-Identifier: MIT */
/* The table of strategies, and what they share. */
#include "train/search/strategy.h"

#include <math.h>
#include <string.h>

#define X(name) extern const mien_search_strategy mien_strategy_##name;
#include "train/search/searches.def"
#undef X

static const mien_search_strategy *const rows[] = {
#define X(name) &mien_strategy_##name,
#include "train/search/searches.def"
#undef X
};
#define ROWS ((int)(sizeof rows / sizeof rows[0]))

int mien_search_strategy_count(void) {
    return ROWS;
}

const mien_search_strategy *mien_search_strategy_at(int index) {
    return index >= 0 && index < ROWS ? rows[index] : NULL;
}

mien_status mien_search_strategy_find(
    const char *name, const mien_search_strategy **strategy) {
    for (int i = 0; i < ROWS; i++) {
        if (strcmp(rows[i]->name, name) == 0) {
            *strategy = rows[i];
            return MIEN_OK;
        }
    }
    mien_string names;
    mien_string_init(&names);
    for (int i = 0; i < ROWS; i++) {
        mien_string_addf(&names, "%s%s", i ? ", " : "", rows[i]->name);
    }
    mien_status status =
        mien_fail(MIEN_ENOTFOUND, "there is no search \"%s\"; there are %s", name,
            names.text ? names.text : "others");
    mien_string_clear(&names);
    return status;
}

/* SplitMix64's mixing, so that near seeds draw nothing alike. */
static uint64_t mix(uint64_t x) {
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

mien_random mien_search_random(uint64_t seed, uint64_t number) {
    mien_random random;
    mien_random_init(&random, (uint32_t)(mix(mix(seed) + number) >> 32));
    return random;
}

void mien_search_draw(const mien_space *space, mien_random *random, double *at) {
    for (int a = 0; a < space->axes; a++) {
        const mien_axis *axis = &space->axis[a];
        double place = mien_random_uniform(random); /* drawn whether it counts or not */
        at[a] = !mien_space_active(space, a, at) ? (double)NAN
                : axis->values ? fmin(floor(place * axis->values), axis->values - 1)
                               : mien_axis_value(axis, place);
    }
}
