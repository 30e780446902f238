/* SPDX-License-Identifier: MIT */
/* Points drawn evenly over the space, each by itself. */
#include "train/search/strategy.h"

static const mien_option options[] = {{.name = "points",
                                          .type = MIEN_OPTION_INT,
                                          .initial = "50",
                                          .minimum = 1,
                                          .maximum = MIEN_SEARCH_POINTS_MAX,
                                          .help = "How many points are drawn"},
    {0}};

static mien_status count(const mien_search_setup *setup, int64_t *points) {
    *points = mien_options_int(setup->options, "points");
    return MIEN_OK;
}

static mien_status next(const mien_search_setup *setup, const mien_search_past *past,
    int64_t n, mien_search_point *point) {
    mien_random random = mien_search_random(setup->seed, (uint64_t)n);
    (void)past;
    point->budget = 1;
    mien_search_draw(setup->space, &random, point->at);
    return MIEN_OK;
}

const mien_search_strategy mien_strategy_random = {
    .name = "random",
    .summary = "Points drawn evenly over the space, ranges on their scale",
    .options = options,
    .count = count,
    .next = next,
};
