/* SPDX-License-Identifier: MIT */
/* Successive halving: many points get a small part of the effort, the best of them
 * several times as much, and so on, until the last have all of it.
 *
 * Source: Jamieson & Talwalkar, Non-stochastic best arm identification and
 * hyperparameter optimization, AISTATS 2016; rounds as in Hyperband's inner loop. */
#include "train/search/strategy.h"

#include <math.h>

static const mien_option options[] = {{.name = "points",
                                          .type = MIEN_OPTION_INT,
                                          .initial = "27",
                                          .minimum = 2,
                                          .maximum = MIEN_SEARCH_POINTS_MAX,
                                          .help = "Points of the first round"},
    {.name = "eta",
        .type = MIEN_OPTION_INT,
        .initial = "3",
        .minimum = 2,
        .maximum = 16,
        .help = "One of so many goes on to the next round, with so many times the "
                "effort"},
    {.name = "smallest",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.1",
        .minimum = 0.001,
        .maximum = 1,
        .help = "Share of the whole effort that the first round may have at least"},
    {0}};

enum { ROUNDS_MAX = 16 };

typedef struct rounds {
    int count;
    int64_t first[ROUNDS_MAX + 1]; /* number of the first point */
    double budget[ROUNDS_MAX];
} rounds;

/* As many rounds as points and effort allow; the last has the whole effort. */
static rounds rounds_of(const mien_search_setup *setup) {
    int64_t points = mien_options_int(setup->options, "points");
    double eta = (double)mien_options_int(setup->options, "eta");
    double smallest = mien_options_number(setup->options, "smallest");
    rounds r = {.count = 1};
    double share = 1;
    for (int64_t n = points; r.count < ROUNDS_MAX && n > 1; r.count++) {
        share /= eta;
        n = (int64_t)ceil((double)n / eta);
        if (share < smallest * (1 - 1e-9)) {
            break;
        }
    }
    for (int i = 0; i < r.count; i++) {
        r.budget[i] = pow(eta, i - (r.count - 1));
        r.first[i + 1] = r.first[i] + points;
        points = (int64_t)ceil((double)points / eta);
    }
    return r;
}

static mien_status count(const mien_search_setup *setup, int64_t *points) {
    rounds r = rounds_of(setup);
    *points = r.first[r.count];
    return r.count > 1 ? MIEN_OK
                       : mien_fail(MIEN_EFORMAT,
                             "halving has a single round: search.smallest is below 1 / "
                             "search.eta, and search.points at least 2");
}

/* How many of a round's points were better, of equals the earlier ones. */
static int64_t rank(const mien_search_past *past, int64_t from, int64_t to, int64_t i) {
    int64_t better = 0;
    double own = isfinite(past[i].score) ? past[i].score : -INFINITY;
    for (int64_t k = from; k < to; k++) {
        double other = isfinite(past[k].score) ? past[k].score : -INFINITY;
        better += other > own || (!(other < own) && k < i);
    }
    return better;
}

static mien_status next(const mien_search_setup *setup, const mien_search_past *past,
    int64_t n, mien_search_point *point) {
    rounds r = rounds_of(setup);
    int round = 0;
    while (n >= r.first[round + 1]) {
        round++;
    }
    point->budget = r.budget[round];
    if (round == 0) {
        mien_random random = mien_search_random(setup->seed, (uint64_t)n);
        mien_search_draw(setup->space, &random, point->at);
        return MIEN_OK;
    }
    int64_t from = r.first[round - 1], to = r.first[round];
    for (int64_t i = from; i < to; i++) {
        if (rank(past, from, to, i) == n - to) {
            for (int a = 0; a < setup->space->axes; a++) {
                point->at[a] = past[i].at[a];
            }
        }
    }
    return MIEN_OK;
}

const mien_search_strategy mien_strategy_halving = {
    .name = "halving",
    .summary = "Successive halving: the best of many short trials get more",
    .options = options,
    .budgets = true,
    .count = count,
    .next = next,
};
