/* SPDX-License-Identifier: MIT */
/* Smoothing against scipy (python/golden/smoothing.py) and against what it promises. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>

#include "mien/signal.h"

enum { MOST = 128 };

static void read_numbers(FILE *file, int n, double *to) {
    for (int i = 0; i < n; i++) {
        assert_int_equal(fscanf(file, "%lf", &to[i]), 1);
    }
}

static void butterworth_equals_scipy(void **state) {
    (void)state;
    FILE *file = fopen(support_source("tests/golden/smoothing.txt"), "r");
    double x[MOST], want[MOST], got[MOST], cutoff;
    int order, n, cases = 0;
    assert_non_null(file);
    assert_int_equal(fscanf(file, "# %*[^\n]"), 0);
    while (fscanf(file, "%d %lf %d", &order, &cutoff, &n) == 3) {
        assert_true(n <= MOST);
        read_numbers(file, n, x);
        read_numbers(file, n, want);
        assert_good(mien_smooth_butterworth(x, n, order, cutoff, got));
        for (int i = 0; i < n; i++) {
            assert_near(got[i], want[i], 1e-9 * (1 + fabs(want[i])));
        }
        cases++;
    }
    fclose(file);
    assert_int_equal(cases, 60);
}

static void a_constant_and_a_line_stay_as_they_are(void **state) {
    (void)state;
    double x[50], y[50];
    for (int i = 0; i < 50; i++) {
        x[i] = 3;
    }
    assert_good(mien_smooth_butterworth(x, 50, 3, 0.2, y));
    for (int i = 0; i < 50; i++) {
        assert_near(y[i], 3, 1e-12);
        x[i] = 0.5 * i - 7;
    }
    assert_good(mien_smooth_mean(x, 50, 7, y));
    for (int i = 0; i < 50; i++) {
        assert_near(y[i], x[i], 1e-12);
    }
}

static void a_pulse_stays_in_its_place(void **state) {
    (void)state;
    double x[101] = {0}, y[101];
    x[50] = 1;
    assert_good(mien_smooth_butterworth(x, 101, 2, 0.1, y));
    for (int i = 1; i <= 50; i++) {
        assert_true(y[50] > y[50 + i]);
        assert_near(y[50 - i], y[50 + i], 1e-3);
    }
    assert_good(mien_smooth_mean(x, 101, 5, y));
    for (int i = 0; i < 101; i++) {
        assert_near(y[i], i >= 48 && i <= 52 ? 0.2 : 0, 1e-15);
    }
}

/* One pass has gain 1/sqrt(2) at the cutoff, so both have a half. */
static void the_gain_at_the_cutoff_is_a_half(void **state) {
    (void)state;
    static double x[4000], y[4000];
    for (int i = 0; i < 4000; i++) {
        x[i] = sin(3.14159265358979323846 * 0.25 * i);
    }
    for (int order = 1; order <= MIEN_SMOOTH_ORDER_MAX; order++) {
        assert_good(mien_smooth_butterworth(x, 4000, order, 0.25, y));
        double largest = 0;
        for (int i = 1000; i < 3000; i++) {
            largest = fmax(largest, fabs(y[i]));
        }
        assert_near(largest, 0.5, 1e-6);
    }
}

static void the_ends_of_a_mean_use_what_is_on_both_sides(void **state) {
    (void)state;
    const double x[] = {1, 2, 6, 4};
    double y[4];
    assert_good(mien_smooth_mean(x, 4, 5, y));
    assert_near(y[0], 1, 0);
    assert_near(y[1], 3, 1e-15);
    assert_near(y[2], 4, 1e-15);
    assert_near(y[3], 4, 0);
}

static void series_of_one_and_none_pass(void **state) {
    (void)state;
    double x[1] = {2}, y[1] = {0};
    assert_good(mien_smooth_butterworth(x, 1, 2, 0.1, y));
    assert_near(y[0], 2, 0);
    assert_good(mien_smooth_butterworth(x, 0, 2, 0.1, y));
    assert_good(mien_smooth_mean(x, 0, 3, y));
}

static void what_cannot_be_is_told(void **state) {
    (void)state;
    double x[4] = {0}, y[4];
    assert_fails(mien_smooth_mean(x, 4, 4, y), MIEN_EINVAL, "odd");
    assert_fails(mien_smooth_mean(x, 4, 0, y), MIEN_EINVAL, "odd");
    assert_fails(mien_smooth_butterworth(x, 4, 0, 0.1, y), MIEN_EINVAL, "order 0");
    assert_fails(mien_smooth_butterworth(x, 4, 9, 0.1, y), MIEN_EINVAL, "order 9");
    assert_fails(mien_smooth_butterworth(x, 4, 2, 1, y), MIEN_EINVAL, "cutoff 1");
    assert_fails(mien_smooth_butterworth(x, 4, 2, NAN, y), MIEN_EINVAL, "cutoff");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(butterworth_equals_scipy),
        cmocka_unit_test(a_constant_and_a_line_stay_as_they_are),
        cmocka_unit_test(a_pulse_stays_in_its_place),
        cmocka_unit_test(the_gain_at_the_cutoff_is_a_half),
        cmocka_unit_test(the_ends_of_a_mean_use_what_is_on_both_sides),
        cmocka_unit_test(series_of_one_and_none_pass),
        cmocka_unit_test(what_cannot_be_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
