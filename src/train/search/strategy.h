/* SPDX-License-Identifier: MIT */
/* Strategies: how the points of a search are chosen.
 *
 * A row of searches.def says how many points there are and what the next one is, given
 * what those before it came to: the same bits for the same past, so that a search that
 * was killed goes on as if it had not been. search_points.c asks for one point after
 * the other and judges it. */
#ifndef MIEN_TRAIN_SEARCH_STRATEGY_H
#define MIEN_TRAIN_SEARCH_STRATEGY_H

#include "train/search/space.h"

/** A point that was judged. */
typedef struct mien_search_past {
    double at[MIEN_AXES_MAX]; /* see space.h */
    double budget;            /* share of the whole effort, above 0 to 1 */
    double score;             /* the larger the better; NaN: it failed */
} mien_search_past;

typedef struct mien_search_setup {
    const mien_space *space;
    const mien_options *options; /* the strategy's own */
    uint64_t seed;               /* another in every fold */
} mien_search_setup;

/** What is judged next. */
typedef struct mien_search_point {
    double at[MIEN_AXES_MAX];
    double budget;
} mien_search_point;

typedef struct mien_search_strategy {
    const char *name;
    const char *summary;
    const mien_option *options; /* beside its name; NULL: none */
    bool budgets;               /* some points get a part of the effort only */
    /** Points in all. MIEN_EFORMAT where the space and the options do not go together.
     */
    mien_status (*count)(const mien_search_setup *setup, int64_t *points);
    /** Point n, 0 to the count - 1; past [n]. */
    mien_status (*next)(const mien_search_setup *setup, const mien_search_past *past,
        int64_t n, mien_search_point *point);
} mien_search_strategy;

enum { MIEN_SEARCH_POINTS_MAX = 10000 };

int mien_search_strategy_count(void);
const mien_search_strategy *mien_search_strategy_at(int index);
/** MIEN_ENOTFOUND names those that there are. */
mien_status mien_search_strategy_find(
    const char *name, const mien_search_strategy **strategy);

/** A generator that is another for every seed and number. */
mien_random mien_search_random(uint64_t seed, uint64_t number);
/** A point drawn evenly: ranges on their scale, lists alike. */
void mien_search_draw(const mien_space *space, mien_random *random, double *at);

#endif
