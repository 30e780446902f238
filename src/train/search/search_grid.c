/* SPDX-License-Identifier: MIT */
/* Every combination of the lists' values and of evenly spread values of the ranges, the
 * last axis running fastest. An axis that does not count at a combination has no
 * values there. */
#include "train/search/strategy.h"

#include <math.h>

static const mien_option options[] = {
    {.name = "steps",
        .type = MIEN_OPTION_INT,
        .initial = "5",
        .minimum = 2,
        .maximum = MIEN_SEARCH_POINTS_MAX,
        .help = "Values of a range, both ends among them, evenly on its scale"},
    {0}};

/* Values of an axis: of whole numbers fewer than the steps where there are fewer. */
static int64_t values_of(const mien_search_setup *setup, const mien_axis *axis) {
    int64_t steps = mien_options_int(setup->options, "steps");
    if (axis->values) {
        return axis->values;
    }
    double whole = floor(axis->high) - ceil(axis->low) + 1;
    return axis->whole && whole < (double)steps ? (int64_t)whole : steps;
}

static double value_at(
    const mien_search_setup *setup, const mien_axis *axis, int64_t k) {
    int64_t values = values_of(setup, axis);
    return axis->values ? (double)k
                        : mien_axis_value(
                              axis, values > 1 ? (double)k / (double)(values - 1) : 0);
}

/* Goes to the next combination; false behind the last. */
static bool advance(const mien_search_setup *setup, int64_t *place, double *at) {
    const mien_space *s = setup->space;
    for (int a = s->axes - 1; a >= 0; a--) {
        bool moves = isfinite(at[a]) && place[a] + 1 < values_of(setup, &s->axis[a]);
        place[a] = moves ? place[a] + 1 : 0;
        at[a] = value_at(setup, &s->axis[a], place[a]);
        for (int b = a + 1; moves && b < s->axes; b++) {
            place[b] = 0;
            at[b] = mien_space_active(s, b, at) ? value_at(setup, &s->axis[b], 0)
                                                : (double)NAN;
        }
        if (moves) {
            return true;
        }
    }
    return false;
}

/* Stands before point n, or behind the last; returns how many it went over. */
static int64_t go_to(const mien_search_setup *setup, int64_t n, double *at) {
    const mien_space *s = setup->space;
    int64_t place[MIEN_AXES_MAX] = {0}, done = 0;
    for (int a = 0; a < s->axes; a++) {
        at[a] =
            mien_space_active(s, a, at) ? value_at(setup, &s->axis[a], 0) : (double)NAN;
    }
    while (done < n && advance(setup, place, at)) {
        done++;
    }
    return done;
}

static mien_status count(const mien_search_setup *setup, int64_t *points) {
    double at[MIEN_AXES_MAX];
    int64_t all = 1 + go_to(setup, MIEN_SEARCH_POINTS_MAX, at);
    *points = all;
    return all <= MIEN_SEARCH_POINTS_MAX
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT,
                     "a grid of more than %d points: fewer keys, values or steps, or "
                     "another strategy (random, tpe)",
                     (int)MIEN_SEARCH_POINTS_MAX);
}

static mien_status next(const mien_search_setup *setup, const mien_search_past *past,
    int64_t n, mien_search_point *point) {
    (void)past;
    point->budget = 1;
    go_to(setup, n, point->at);
    return MIEN_OK;
}

const mien_search_strategy mien_strategy_grid = {
    .name = "grid",
    .summary = "Every combination of values; a range gives evenly spread ones",
    .options = options,
    .count = count,
    .next = next,
};
