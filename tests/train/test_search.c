/* SPDX-License-Identifier: MIT */
/* Spaces and strategies by themselves, on functions whose best point is known. The
 * search of a study is in tests/cli/facts_search.sh. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/search/strategy.h"

enum { POINTS_MOST = 400 };

static mien_space space_of(const char *const *axes, int count) {
    mien_space s = {.axes = 0};
    for (int i = 0; i < count; i++) {
        assert_good(mien_space_add_text(&s, axes[i]));
    }
    return s;
}

static const char *const wide[] = {"optimiser.name=[sgd, adam]",
    "optimiser.rate=1e-5..1 log",
    "optimiser.momentum={values: [0, 0.9], when: {optimiser.name: sgd}}",
    "epochs=1..40", "head.layers=[[], [27], [27, 27]]"};

/* Best (1): adam, a rate of 1e-3, 20 epochs, two layers. */
static double hidden(const mien_space *s, const double *at) {
    double rate = log10(at[1]) + 3, epochs = (at[3] - 20) / 20;
    assert_true(at[1] >= s->axis[1].low && at[1] <= s->axis[1].high);
    assert_true(at[3] == floor(at[3]) && at[3] >= 1 && at[3] <= 40);
    assert_true(at[0] == 0 ? at[2] == 0 || at[2] == 1 : isnan(at[2]));
    return 1 - 0.2 * rate * rate - 0.2 * epochs * epochs - 0.1 * (at[0] < 1) -
           0.1 * (2 - at[4]);
}

typedef double judge(const mien_space *s, const double *at);

/* Goes through a whole search; returns the best score among points with all effort. */
static double run(const char *name, const char *option, const mien_space *s,
    uint64_t seed, judge *judged, mien_search_past *past, int64_t *count) {
    const mien_search_strategy *strategy = NULL;
    mien_options *options = NULL;
    char key[64];
    double best = -INFINITY;
    assert_good(mien_search_strategy_find(name, &strategy));
    assert_good(mien_options_new(strategy->options, &options));
    if (option) {
        const char *equals = strchr(option, '=');
        snprintf(key, sizeof key, "%.*s", (int)(equals - option), option);
        assert_good(mien_options_set(options, "test", key, equals + 1));
    }
    const mien_search_setup setup = {s, options, seed};
    assert_good(strategy->count(&setup, count));
    assert_true(*count <= POINTS_MOST);
    for (int64_t n = 0; n < *count; n++) {
        mien_search_point point, again;
        assert_good(strategy->next(&setup, past, n, &point));
        assert_good(strategy->next(&setup, past, n, &again));
        memcpy(past[n].at, point.at, sizeof point.at);
        past[n].budget = point.budget;
        for (int a = 0; a < s->axes; a++) {
            assert_true(
                isnan(point.at[a]) ? isnan(again.at[a]) : point.at[a] == again.at[a]);
        }
        assert_true(point.budget > 0 && point.budget <= 1);
        past[n].score = judged(s, point.at);
        best = point.budget > 1 - 1e-9 ? fmax(best, past[n].score) : best;
    }
    mien_options_free(&options);
    return best;
}

static void every_strategy_comes_near_the_best_point(void **state) {
    (void)state;
    mien_space s = space_of(wide, 5);
    mien_search_past past[POINTS_MOST];
    int64_t count = 0;
    assert_true(run("grid", "steps=5", &s, 0, hidden, past, &count) > 0.94);
    assert_int_equal(count, (2 + 1) * 5 * 5 * 3);
    for (uint64_t seed = 0; seed < 5; seed++) {
        assert_true(run("random", "points=200", &s, seed, hidden, past, &count) > 0.85);
        assert_true(run("tpe", "points=100", &s, seed, hidden, past, &count) > 0.93);
        assert_true(run("halving", "points=81", &s, seed, hidden, past, &count) > 0.75);
    }
    mien_space_clear(&s);
}

static void tpe_beats_as_many_points_at_random(void **state) {
    (void)state;
    mien_space s = space_of(wide, 5);
    mien_search_past past[POINTS_MOST];
    int64_t count = 0;
    double gain = 0;
    for (uint64_t seed = 0; seed < 30; seed++) {
        gain += run("tpe", "points=50", &s, seed, hidden, past, &count) -
                run("random", "points=50", &s, seed, hidden, past, &count);
    }
    assert_true(gain / 30 > 0.02); /* docs/search.md has what was measured */
    mien_space_clear(&s);
}

static void halving_gives_all_effort_to_the_best_of_the_first_round(void **state) {
    (void)state;
    mien_space s = space_of(wide, 5);
    mien_search_past past[POINTS_MOST];
    int64_t count = 0;
    double best = -INFINITY,
           got = run("halving", "points=27", &s, 3, hidden, past, &count);
    assert_int_equal(count, 27 + 9 + 3);
    for (int n = 0; n < 27; n++) {
        best = fmax(best, past[n].score);
        assert_near(past[n].budget, 1.0 / 9, 1e-12);
    }
    for (int n = 36; n < 39; n++) {
        assert_near(past[n].budget, 1, 1e-12);
    }
    assert_near(got, best, 0);
    mien_space_clear(&s);
}

/* Failing where the rate is large. */
static double brittle(const mien_space *s, const double *at) {
    return at[1] > 0.1 ? (double)NAN : hidden(s, at);
}

static void points_that_fail_do_not_mislead(void **state) {
    (void)state;
    mien_space s = space_of(wide, 5);
    mien_search_past past[POINTS_MOST];
    int64_t count = 0;
    assert_true(run("tpe", "points=100", &s, 1, brittle, past, &count) > 0.93);
    assert_true(run("halving", "points=81", &s, 1, brittle, past, &count) > 0.75);
    mien_space_clear(&s);
}

static void values_are_told_as_a_study_takes_them(void **state) {
    (void)state;
    mien_space s = space_of(wide, 5);
    double at[MIEN_AXES_MAX] = {0, 1e-3, 1, 20, 2};
    char room[32];
    assert_string_equal(mien_space_text(&s, 0, at, room), "sgd");
    assert_string_equal(mien_space_text(&s, 1, at, room), "0.001");
    assert_string_equal(mien_space_text(&s, 2, at, room), "0.9");
    assert_string_equal(mien_space_text(&s, 3, at, room), "20");
    assert_string_equal(mien_space_text(&s, 4, at, room), "27;27");
    at[4] = 0;
    assert_string_equal(mien_space_text(&s, 4, at, room), "");
    assert_true(mien_space_active(&s, 2, at));
    at[0] = 1;
    assert_false(mien_space_active(&s, 2, at));
    assert_near(mien_axis_value(&s.axis[1], 0.5), 0.003162278, 1e-12);
    assert_near(mien_axis_place(&s.axis[1], 1e-5), 0, 1e-12);
    mien_space_clear(&s);
}

static void what_is_no_axis_is_told(void **state) {
    (void)state;
    static const char *const bad[][2] = {{"epochs", "KEY=WHAT"},
        {"epochs=5", "a range as"}, {"epochs=9..5", "from a lower to a higher"},
        {"epochs=0..5 log", "begins above 0"}, {"epochs=[]", "1 to 64 values"},
        {"epochs=[5, 5]", "stands twice"}, {"epochs={low: 1}", "a range as"},
        {"epochs={low: 1, high: 2, step: 3}", "a range as"},
        {"epochs={low: 1, high: 2, scale: root}", "linear or log"},
        {"epochs={values: [1, 2], when: {seed: 1}}", "stands before it"},
        {"epochs=[{a: 1}]", "value 1"}, {"epochs={", "--over"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        mien_space s = {.axes = 0};
        assert_fails(mien_space_add_text(&s, bad[i][0]), MIEN_EINVAL, bad[i][1]);
        assert_int_equal(s.axes, 0);
        mien_space_clear(&s);
    }
}

static void a_key_said_again_replaces_what_was_said(void **state) {
    (void)state;
    mien_space s = space_of(wide, 5);
    assert_good(mien_space_add_text(&s, "optimiser.rate=[0.1, 0.2]"));
    assert_int_equal(s.axes, 5);
    assert_string_equal(s.axis[4].key, "optimiser.rate");
    assert_string_equal(s.axis[1].key, "optimiser.momentum");
    assert_int_equal(s.axis[1].when, 0);
    assert_fails(mien_space_add_text(&s, "optimiser.name=[sgd]"), MIEN_EINVAL,
        "optimiser.momentum hangs on it");
    mien_space_clear(&s);
}

static void a_grid_that_is_too_large_is_told(void **state) {
    (void)state;
    static const char *const axes[] = {"a=0..1.0", "b=0..1.0", "c=0..1.0", "d=0..1.0"};
    mien_space s = space_of(axes, 4);
    const mien_search_strategy *grid = NULL;
    mien_options *options = NULL;
    int64_t count = 0;
    assert_good(mien_search_strategy_find("grid", &grid));
    assert_good(mien_options_new(grid->options, &options));
    assert_good(mien_options_set(options, "test", "steps", "11"));
    const mien_search_setup setup = {&s, options, 0};
    assert_fails(grid->count(&setup, &count), MIEN_EFORMAT, "more than 10000 points");
    assert_fails(mien_search_strategy_find("annealing", &grid), MIEN_ENOTFOUND,
        "grid, random, tpe, halving");
    mien_options_free(&options);
    mien_space_clear(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_strategy_comes_near_the_best_point),
        cmocka_unit_test(tpe_beats_as_many_points_at_random),
        cmocka_unit_test(halving_gives_all_effort_to_the_best_of_the_first_round),
        cmocka_unit_test(points_that_fail_do_not_mislead),
        cmocka_unit_test(values_are_told_as_a_study_takes_them),
        cmocka_unit_test(what_is_no_axis_is_told),
        cmocka_unit_test(a_key_said_again_replaces_what_was_said),
        cmocka_unit_test(a_grid_that_is_too_large_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
