/* SPDX-License-Identifier: MIT */
/* The noise ceiling against ratings made with a known reliability. */
#include "support/support.h"

#include <math.h>

#include "mien/eval.h"

static void ceiling_of_made_ratings_is_their_reliability(void **state) {
    (void)state;
    enum { N = 2000 };
    static double mean[N], deviation[N], raters[N];
    mien_random random;
    mien_random_init(&random, 3);
    for (int i = 0; i < N; i++) {
        deviation[i] = 2;
        raters[i] = 16; /* noise variance 4 / 16 = 0.25, true variance 1 */
        mean[i] = mien_random_normal(&random) + 0.5 * mien_random_normal(&random);
    }
    mien_noise_ceiling ceiling;
    assert_good(mien_noise_ceiling_of(mean, deviation, raters, N, &ceiling));
    assert_near(ceiling.reliability, 1 / 1.25, 0.02);
    assert_near(ceiling.r, sqrt(ceiling.reliability), 1e-15);
    assert_int_equal(ceiling.rows, N);
}

/* 600 times 60 ratings of reliability .8: r lies within in 95 % (± 2.5 errors). */
static void the_interval_holds_the_ceiling(void **state) {
    (void)state;
    enum { N = 60, REPEATS = 600 };
    double mean[N], deviation[N], raters[N];
    mien_random random;
    mien_random_init(&random, 4);
    int within = 0;
    for (int k = 0; k < REPEATS; k++) {
        for (int i = 0; i < N; i++) {
            deviation[i] = 2;
            raters[i] = 16;
            mean[i] = mien_random_normal(&random) + 0.5 * mien_random_normal(&random);
        }
        mien_noise_ceiling c;
        assert_good(mien_noise_ceiling_of(mean, deviation, raters, N, &c));
        assert_true(c.low <= c.r && c.r <= c.high);
        within += c.low <= sqrt(0.8) && sqrt(0.8) <= c.high;
    }
    double share = (double)within / REPEATS;
    assert_near(share, 0.95, 0.03);
}

static void rows_with_gaps_are_left_out(void **state) {
    (void)state;
    const double mean[5] = {1, 2, 3, NAN, 4}, deviation[5] = {0, 0, 0, 1, NAN},
                 raters[5] = {9, 9, 9, 9, 9};
    mien_noise_ceiling ceiling;
    assert_good(mien_noise_ceiling_of(mean, deviation, raters, 5, &ceiling));
    assert_int_equal(ceiling.rows, 3);
    assert_near(ceiling.r, 1, 0);
}

static void too_few_or_equal_ratings_are_refused(void **state) {
    (void)state;
    const double mean[3] = {2, 2, 2}, deviation[3] = {1, 1, 1}, raters[3] = {5, 5, 5};
    mien_noise_ceiling ceiling;
    assert_fails(mien_noise_ceiling_of(mean, deviation, raters, 3, &ceiling),
        MIEN_EINVAL, "equal");
    assert_fails(mien_noise_ceiling_of(mean, deviation, raters, 2, &ceiling),
        MIEN_EINVAL, "2 rows");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ceiling_of_made_ratings_is_their_reliability),
        cmocka_unit_test(the_interval_holds_the_ceiling),
        cmocka_unit_test(rows_with_gaps_are_left_out),
        cmocka_unit_test(too_few_or_equal_ratings_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
