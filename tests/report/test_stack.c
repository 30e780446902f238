/* SPDX-License-Identifier: MIT */
/* Stacked shares: whole, named, and no more of them than can be told apart. */
#include "report/markup.h"

#include "report/stack.h"

enum { N = 5, MANY = 12 };

static const char *const names[3] = {"happy", "sad & low", "calm"};
static const double time_s[N] = {0, 1, 2, 3, 4};
static const mien_plot square = {
    .left = 0, .top = 0, .width = 400, .height = 100, .x_high = 4, .y_high = 1};

/* happy 1/2, sad 3/10, calm 1/5 at all times */
static mien_figure_series steady(double *shares) {
    for (int i = 0; i < N; i++) {
        shares[3 * i] = 0.5;
        shares[3 * i + 1] = 0.3;
        shares[3 * i + 2] = 0.2;
    }
    return (mien_figure_series){
        .name = "emotion", .bands_count = 3, .bands = names, .shares = shares};
}

static void bands_pile_up_to_the_whole(void **state) {
    (void)state;
    double shares[3 * N];
    mien_figure_series s = steady(shares);
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_stack_draw(&out, &square, time_s, N, &s));
    assert_int_equal(count_of(out.text, "class=\"band stack\""), 3);
    assert_non_null(strstr(out.text, /* there along half the height, back along 0 */
        "d=\"M0 50 100 50 200 50 300 50 400 50 400 100 300 100 200 100 100 100 0 100 "
        "Z"));
    assert_non_null(strstr(out.text, "d=\"M0 20 100 20 "));
    assert_non_null(strstr(out.text, "d=\"M0 0 100 0 "));
    mien_string_clear(&out);
}

static void bands_are_named_in_place_and_in_a_list(void **state) {
    (void)state;
    double shares[3 * N];
    mien_figure_series s = steady(shares);
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_stack_draw(&out, &square, time_s, N, &s));
    assert_non_null(strstr(out.text, ">happy</text>"));
    assert_non_null(strstr(out.text, ">sad &amp; low</text>"));
    assert_non_null(strstr(out.text, ">sad &amp; low 30 %</text>"));
    const char *top = strstr(out.text, ">calm 20 %</text>"); /* from the top down */
    assert_non_null(top);
    assert_true(top < strstr(out.text, ">sad &amp; low 30 %</text>"));
    mien_string_clear(&out);
}

static void a_timeline_draws_them_beside_lines(void **state) {
    (void)state;
    double shares[3 * N];
    const double value[N] = {1, 2, 3, 4, 5};
    const mien_figure_series series[2] = {
        {.name = "valence", .value = value, .minimum = 1, .maximum = 7},
        steady(shares)};
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_figure_timeline(&out, "Film", time_s, N, series, 2, NULL, 0));
    assert_markup(out.text);
    assert_int_equal(count_of(out.text, "class=\"line\""), 1);
    assert_int_equal(count_of(out.text, "class=\"band stack\""), 3);
    assert_non_null(strstr(out.text, "emotion: on average happy has most, 50 %."));
    mien_string_clear(&out);
}

static void small_bands_of_many_are_drawn_as_one(void **state) {
    (void)state;
    static const char *const many[MANY] = {
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
    double shares[2 * MANY], mean = 0;
    for (int b = 0; b < MANY; b++) { /* b, 0 … 11, over 66 */
        shares[b] = shares[MANY + b] = b / 66.0;
    }
    const mien_figure_series s = {
        .name = "emotion", .bands_count = MANY, .bands = many, .shares = shares};
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_figure_timeline(&out, "Film", time_s, 2, &s, 1, NULL, 0));
    assert_markup(out.text);
    assert_int_equal(count_of(out.text, "class=\"band stack\""), 9);
    assert_non_null(strstr(out.text, "others 9 %")); /* 0 + 1 + 2 + 3 of 66 */
    assert_int_equal(mien_stack_largest(&s, 2, &mean), MANY - 1);
    assert_near(mean, 11 / 66.0, 1e-12);
    mien_string_clear(&out);
}

static void one_moment_and_none_are_drawn(void **state) {
    (void)state;
    double shares[3 * N], mean = 0;
    mien_figure_series s = steady(shares);
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_stack_draw(&out, &square, time_s, 1, &s));
    assert_non_null(strstr(out.text, "d=\"M0 50 400 50 400 100 0 100 Z"));
    mien_string_empty(&out);
    assert_good(mien_figure_timeline(&out, "none", time_s, 0, &s, 1, NULL, 0));
    assert_markup(out.text);
    assert_int_equal(mien_stack_largest(&s, 0, &mean), -1);
    mien_string_clear(&out);
}

static void long_films_stay_small(void **state) {
    (void)state;
    enum { LONG = 100000 };
    double *shares = mien_alloc(LONG, 4 * sizeof *shares);
    assert_non_null(shares);
    double *times = shares + 3 * LONG;
    for (int i = 0; i < LONG; i++) {
        shares[3 * i] = i % 2 ? 0.75 : 0.25;
        shares[3 * i + 1] = i % 2 ? 0.25 : 0.75;
        times[i] = 0.2 * i;
    }
    mien_figure_series s = {
        .name = "emotion", .bands_count = 3, .bands = names, .shares = shares};
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_figure_timeline(&out, "long", times, LONG, &s, 1, NULL, 0));
    assert_markup(out.text);
    assert_true(out.length < 100000);
    mien_string_clear(&out);
    mien_free(shares);
}

static mien_status draw_once(void *context) {
    mien_string out;
    mien_string_init(&out);
    mien_status status = mien_stack_draw(&out, &square, time_s, N, context);
    mien_string_clear(&out);
    return status;
}

static void failing_allocations_are_reported(void **state) {
    (void)state;
    double shares[3 * N];
    mien_figure_series s = steady(shares);
    support_each_allocation_fails(draw_once, &s, 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_pile_up_to_the_whole),
        cmocka_unit_test(bands_are_named_in_place_and_in_a_list),
        cmocka_unit_test(a_timeline_draws_them_beside_lines),
        cmocka_unit_test(small_bands_of_many_are_drawn_as_one),
        cmocka_unit_test(one_moment_and_none_are_drawn),
        cmocka_unit_test(long_films_stay_small),
        cmocka_unit_test(failing_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
