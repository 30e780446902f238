/* SPDX-License-Identifier: MIT */
/* Ticks, numbers as text, templates. */
#include "report/markup.h"

#include "report/svg.h"

#include <math.h>

static void numbers_have_fixed_decimals(void **state) {
    (void)state;
    char text[MIEN_NUMBER_MAX];
    assert_string_equal(mien_fixed(0.6145, 2, text), "0.61");
    assert_string_equal(mien_fixed(12.0, 0, text), "12");
    assert_string_equal(mien_fixed(-1.5, 1, text), "−1.5");
    assert_string_equal(mien_fixed(-0.001, 2, text), "0.00");
    assert_string_equal(mien_fixed(0.999, 2, text), "1.00");
    assert_string_equal(mien_fixed(1.005e3, 3, text), "1005.000");
    assert_string_equal(mien_fixed((double)NAN, 3, text), "n/a");
    assert_string_equal(mien_fixed((double)INFINITY, 3, text), "n/a");
    assert_string_equal(mien_fixed(1e300, 3, text), "> 10¹²");
    assert_string_equal(mien_fixed(1, 99, text), "1.000000");
}

static void check_ticks(double low, double high, int most, double first, double step,
    int count, int decimals) {
    mien_ticks t = mien_ticks_of(low, high, most);
    assert_near(t.first, first, 1e-9);
    assert_near(t.step, step, 1e-9);
    assert_int_equal(t.count, count);
    assert_int_equal(t.decimals, decimals);
    assert_near(mien_tick_at(&t, t.count - 1), first + (count - 1) * step, 1e-9);
}

static void ticks_are_round_and_few(void **state) {
    (void)state;
    check_ticks(1, 7, 8, 1, 1, 7, 0);
    check_ticks(1, 7, 5, 1, 2, 4, 0); /* a scale keeps its ends */
    check_ticks(-1, 1, 5, -1, 0.5, 5, 1);
    check_ticks(0, 100, 6, 0, 20, 6, 0);
    check_ticks(0.03, 0.41, 5, 0.1, 0.1, 4, 1);
    check_ticks(0, 1, 8, 0, 0.2, 6, 1);
    for (double span = 1e-6; span < 1e7; span *= 3.7) {
        mien_ticks t = mien_ticks_of(0.3 * span, 1.3 * span, 7);
        assert_true(t.count >= 2 && t.count <= 8);
    }
}

static void ticks_of_nothing_are_one(void **state) {
    (void)state;
    assert_int_equal(mien_ticks_of(3, 3, 5).count, 1);
    assert_int_equal(mien_ticks_of((double)NAN, 1, 5).count, 1);
    assert_int_equal(mien_ticks_of(5, 1, 5).count, 1);
}

static void an_axis_is_never_empty(void **state) {
    (void)state;
    const double none[2] = {(double)NAN, (double)NAN}, one[1] = {4};
    const double three[3] = {2, (double)NAN, 5};
    double range[2];
    mien_axis_range(1, 7, NULL, 0, range);
    assert_near(range[0], 1, 0);
    assert_near(range[1], 7, 0);
    mien_axis_range((double)NAN, (double)NAN, three, 3, range);
    assert_near(range[0], 2, 0);
    assert_near(range[1], 5, 0);
    mien_axis_range(0, 0, one, 1, range);
    assert_true(range[0] < 4 && range[1] > 4);
    mien_axis_range(0, 0, none, 2, range);
    assert_true(range[1] > range[0]);
}

static void templates_escape_text_and_round_lengths(void **state) {
    (void)state;
    mien_string out;
    mien_string_init(&out);
    mien_svg(&out, "<a b='#' c='#' d='#'>$</a>", 1.25, -3.0, -0.04, "x<y & \"z'");
    assert_string_equal(
        out.text, "<a b=\"1.3\" c=\"-3\" d=\"0\">x&lt;y &amp; &quot;z&#39;</a>");
    mien_string_empty(&out);
    mien_svg(&out, "#", (double)NAN);
    assert_string_equal(out.text, "0");
    mien_string_clear(&out);
}

static void a_plot_maps_its_corners(void **state) {
    (void)state;
    mien_plot p = {10, 20, 100, 50, 0, 1, -1, 1};
    assert_near(mien_plot_x(&p, 0), 10, 1e-9);
    assert_near(mien_plot_x(&p, 1), 110, 1e-9);
    assert_near(mien_plot_y(&p, 1), 20, 1e-9);
    assert_near(mien_plot_y(&p, -1), 70, 1e-9);
    assert_near(mien_plot_y_inside(&p, 99), 20, 1e-9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_fixed_decimals),
        cmocka_unit_test(ticks_are_round_and_few),
        cmocka_unit_test(ticks_of_nothing_are_one),
        cmocka_unit_test(an_axis_is_never_empty),
        cmocka_unit_test(templates_escape_text_and_round_lengths),
        cmocka_unit_test(a_plot_maps_its_corners),
    };
    return cmocka_run_group_tests_name("report/svg", tests, NULL, NULL);
}
