/* SPDX-License-Identifier: MIT */
/* Correlations within groups, their lags, and how often chance looks like skill. */
#include "support/support.h"

#include "support/metric.h"

#include <math.h>
#include <string.h>

#include "mien/eval.h"

static mien_series one_group(
    const double *t, const double *p, int64_t *first, int64_t n) {
    first[0] = 0;
    first[1] = n;
    return (mien_series){t, p, 1, first};
}

static double normal(mien_stream *s) {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        sum += mien_stream_uniform(s);
    }
    return sum;
}

/* x_i = phi x_{i−1} + noise, begun where it has settled. */
static void draw(mien_stream *s, double phi, double *x, int64_t n) {
    double now = normal(s) / sqrt(1 - phi * phi);
    for (int64_t i = 0; i < n; i++) {
        x[i] = now;
        now = phi * now + normal(s);
    }
}

static void r_of_one_group_is_pearsons(void **state) {
    (void)state;
    const double t[] = {1, 2, 4, 3, 7}, p[] = {0, 1, 1, 3, 2};
    int64_t first[2];
    mien_series s = one_group(t, p, first, 5);
    assert_near(mien_series_r(&s), metric_of(mien_metric_find("r"), t, p, 5), 1e-15);
}

static void means_of_groups_do_not_count(void **state) {
    (void)state;
    const double t[] = {1, 2, 3, 101, 102, 103}, p[] = {3, 2, 1, 53, 52, 51};
    const int64_t first[] = {0, 3, 6};
    mien_series s = {t, p, 2, first};
    assert_near(mien_series_r(&s), -1, 1e-15);
    assert_true(metric_of(mien_metric_find("r"), t, p, 6) > 0.99);
}

static void a_delay_is_found_with_its_sign(void **state) {
    (void)state;
    double t[60], p[60], r[11];
    int64_t first[2];
    mien_stream stream;
    mien_stream_init(&stream, 3, 0, 0);
    draw(&stream, 0.5, t, 60);
    for (int i = 0; i < 60; i++) {
        p[i] = i >= 3 ? 2 * t[i - 3] + 1 : 0;
    }
    mien_series late = one_group(t, p, first, 60), early = one_group(p, t, first, 60);
    assert_int_equal(mien_series_lags(&late, 5, r), 3);
    assert_near(r[5 + 3], 1, 1e-12);
    assert_near(r[5], mien_series_r(&late), 1e-15);
    assert_int_equal(mien_series_lags(&early, 5, r), -3);
}

static void what_does_not_vary_has_no_r(void **state) {
    (void)state;
    const double t[] = {1, 2, 3, 4}, p[] = {5, 5, 5, 5};
    double r[7];
    int64_t first[2];
    mien_series s = one_group(t, p, first, 4);
    mien_shift_test test;
    assert_true(isnan(mien_series_r(&s)));
    assert_int_equal(mien_series_lags(&s, 3, r), 0);
    assert_good(mien_series_shift_test(&s, 10, 1, NULL, &test));
    assert_true(isnan(test.p) && isnan(test.r));
    assert_true(isnan(mien_correlation_p(NAN, 5)));
    assert_true(isnan(mien_correlation_p(0.5, 0)));
}

/* Student's t has closed forms for few degrees of freedom. */
static void p_of_r_is_students(void **state) {
    (void)state;
    for (double r = -0.95; r < 1; r += 0.19) {
        double a = fabs(r);
        assert_near(mien_correlation_p(r, 1), 1 - 2 / acos(-1) * asin(a), 1e-12);
        assert_near(mien_correlation_p(r, 2), 1 - a, 1e-12);
        assert_near(mien_correlation_p(r, 4), 1 - (3 * a - a * a * a) / 2, 1e-12);
    }
    /* two-sided 5 % of 10 degrees: t = 2.228138852 */
    double t = 2.228138852;
    assert_near(mien_correlation_p(t / sqrt(10 + t * t), 10), 0.05, 1e-9);
    assert_near(mien_correlation_p(1, 8), 0, 0);
    assert_near(mien_correlation_p(0, 8), 1, 0);
    assert_true(mien_correlation_p(0.3, 5000) < 1e-80);
}

/* Of two AR(1) series the sum over lags is that of phi_t phi_p: N* tends to N (1 − ab)
 * / (1 + ab). */
static void effective_rows_are_those_of_theory(void **state) {
    (void)state;
    static double t[20000], p[20000];
    int64_t first[2];
    mien_stream stream;
    mien_stream_init(&stream, 11, 0, 0);
    draw(&stream, 0.8, t, 20000);
    draw(&stream, 0.5, p, 20000);
    mien_series s = one_group(t, p, first, 20000);
    double want = 20000 * (1 - 0.4) / (1 + 0.4);
    assert_near(mien_series_effective(&s), want, 0.25 * want);
}

static void white_rows_all_count(void **state) {
    (void)state;
    double t[200], p[200];
    int64_t first[2];
    mien_stream stream;
    mien_stream_init(&stream, 5, 0, 0);
    draw(&stream, 0, t, 200);
    draw(&stream, 0, p, 200);
    mien_series s = one_group(t, p, first, 200);
    assert_true(mien_series_effective(&s) <= 200);
    assert_true(mien_series_effective(&s) > 120);
}

enum { TRIALS = 300, GROUPS = 4, ROWS = 100 };

typedef struct rates {
    double naive, effective, shift;
} rates;

/* How often two series that know nothing of each other pass for related at 5 %. */
static rates false_alarms(double phi) {
    static double t[GROUPS * ROWS], p[GROUPS * ROWS];
    static const int64_t first[] = {0, ROWS, 2 * ROWS, 3 * ROWS, 4 * ROWS};
    rates share = {0};
    for (uint64_t k = 0; k < TRIALS; k++) {
        mien_stream stream;
        mien_stream_init(&stream, 21, k, 0);
        for (int g = 0; g < GROUPS; g++) {
            draw(&stream, phi, t + g * ROWS, ROWS);
            draw(&stream, phi, p + g * ROWS, ROWS);
        }
        mien_series s = {t, p, GROUPS, first};
        mien_shift_test test;
        double r = mien_series_r(&s);
        assert_good(mien_series_shift_test(&s, 199, k, NULL, &test));
        share.naive += mien_correlation_p(r, GROUPS * ROWS - GROUPS - 1) < 0.05;
        share.effective +=
            mien_correlation_p(r, mien_series_effective(&s) - GROUPS - 1) < 0.05;
        share.shift += test.p <= 0.05;
    }
    return (rates){
        share.naive / TRIALS, share.effective / TRIALS, share.shift / TRIALS};
}

/* 5 % of 300 has a standard deviation of 1.3 %. */
static void white_series_raise_5_percent_false_alarms(void **state) {
    (void)state;
    rates r = false_alarms(0);
    assert_near(r.naive, 0.05, 0.04);
    assert_near(r.effective, 0.05, 0.04);
    assert_near(r.shift, 0.05, 0.04);
}

static void slow_series_fool_only_the_naive_test(void **state) {
    (void)state;
    rates r = false_alarms(0.9);
    assert_true(r.naive > 0.3);
    assert_near(r.effective, 0.05, 0.05);
    assert_near(r.shift, 0.05, 0.05);
}

/* Films of 30 rows in which neighbours nearly agree: N* summed over films would pass
 * one in five. */
static void slow_series_in_short_films_raise_no_more_alarms(void **state) {
    (void)state;
    enum { REPEATS = 400, FILMS = 6, SEGMENTS = 30 };
    int by_p = 0, by_films = 0;
    int64_t first[FILMS + 1];
    for (int g = 0; g <= FILMS; g++) {
        first[g] = g * SEGMENTS;
    }
    for (int k = 0; k < REPEATS; k++) {
        double t[FILMS * SEGMENTS], p[FILMS * SEGMENTS], film_p;
        mien_stream stream;
        mien_stream_init(&stream, 9, (uint64_t)k, 0);
        for (int g = 0; g < FILMS; g++) {
            draw(&stream, 0.95, t + g * SEGMENTS, SEGMENTS);
            draw(&stream, 0.95, p + g * SEGMENTS, SEGMENTS);
        }
        const mien_series s = {t, p, FILMS, first};
        double freedom = mien_series_effective(&s) - FILMS - 1;
        by_p += mien_correlation_p(mien_series_r(&s), freedom) < 0.05;
        assert_good(mien_series_film_test(&s, 199, 1, NULL, &film_p));
        by_films += film_p <= 0.05;
    }
    assert_true(by_p < 0.08 * REPEATS && by_p > 0.01 * REPEATS);
    assert_true(by_films < 0.08 * REPEATS && by_films > 0.02 * REPEATS);
}

/* All films rise; nothing else is known of any. */
static void a_course_that_films_share_is_no_skill(void **state) {
    (void)state;
    enum { REPEATS = 200, FILMS = 8, SEGMENTS = 40 };
    int by_shift = 0, by_films = 0, of_skill = 0;
    int64_t first[FILMS + 1];
    for (int g = 0; g <= FILMS; g++) {
        first[g] = g * SEGMENTS;
    }
    for (int k = 0; k < REPEATS; k++) {
        double t[FILMS * SEGMENTS], p[FILMS * SEGMENTS], film_p;
        mien_shift_test shift;
        mien_stream stream;
        mien_stream_init(&stream, 10, (uint64_t)k, 0);
        for (int g = 0; g < FILMS; g++) {
            draw(&stream, 0.5, t + g * SEGMENTS, SEGMENTS);
            draw(&stream, 0.5, p + g * SEGMENTS, SEGMENTS);
        }
        for (int i = 0; i < FILMS * SEGMENTS; i++) {
            t[i] += 0.1 * (i % SEGMENTS);
            p[i] += 0.1 * (i % SEGMENTS);
        }
        const mien_series s = {t, p, FILMS, first};
        assert_good(mien_series_film_test(&s, 199, 1, NULL, &film_p));
        by_films += film_p <= 0.05;
        assert_good(mien_series_shift_test(&s, 199, 1, NULL, &shift));
        by_shift += shift.p <= 0.05;
        for (int i = 0; i < FILMS * SEGMENTS; i++) {
            p[i] += 0.5 * t[i]; /* of this film */
        }
        assert_good(mien_series_film_test(&s, 199, 1, NULL, &film_p));
        of_skill += film_p <= 0.05;
    }
    assert_true(by_shift > 0.9 * REPEATS);
    assert_true(by_films < 0.1 * REPEATS);
    assert_true(of_skill > 0.9 * REPEATS);
}

static void a_film_alone_is_exchanged_with_none(void **state) {
    (void)state;
    const double t[4] = {1, 2, 3, 4}, p[4] = {2, 1, 4, 3};
    const int64_t first[2] = {0, 4};
    const mien_series s = {t, p, 1, first};
    double film_p = 0;
    assert_good(mien_series_film_test(&s, 10, 1, NULL, &film_p));
    assert_true(isnan(film_p));
    assert_fails(
        mien_series_film_test(&s, 0, 1, NULL, &film_p), MIEN_EINVAL, "repeats");
}

/* Rounding makes 0.1, thirty times, vary by 1e-17. */
static void a_constant_that_is_not_exact_has_no_r(void **state) {
    (void)state;
    double t[30], p[30];
    const int64_t first[2] = {0, 30};
    for (int i = 0; i < 30; i++) {
        t[i] = 0.1;
        p[i] = i % 7;
    }
    const mien_series s = {t, p, 1, first};
    assert_true(isnan(mien_series_r(&s)));
}

static void skill_is_found(void **state) {
    (void)state;
    double t[80], p[80];
    const int64_t first[] = {0, 40, 80};
    mien_stream stream;
    mien_stream_init(&stream, 8, 0, 0);
    draw(&stream, 0.7, t, 80);
    for (int i = 0; i < 80; i++) {
        p[i] = t[i] + normal(&stream);
    }
    mien_series s = {t, p, 2, first};
    mien_shift_test test;
    assert_good(mien_series_shift_test(&s, 999, 1, NULL, &test));
    assert_true(test.p >= 0.001 - 1e-12 && test.p < 0.005);
    assert_int_equal(test.shifts, 1000);
    assert_near(test.r, mien_series_r(&s), 0);
}

static void a_short_group_is_turned_every_way(void **state) {
    (void)state;
    const double t[] = {0, 0, 1, 0, 0}, p[] = {0, 0, 5, 0, 0};
    int64_t first[2];
    mien_series s = one_group(t, p, first, 5);
    mien_shift_test test;
    assert_good(mien_series_shift_test(&s, 100, 1, NULL, &test));
    assert_int_equal(test.shifts, 5);
    assert_near(test.p, 0.2, 1e-15);
}

static void threads_do_not_matter(void **state) {
    (void)state;
    double t[90], p[90];
    const int64_t first[] = {0, 30, 90};
    mien_stream stream;
    mien_stream_init(&stream, 9, 0, 0);
    draw(&stream, 0.5, t, 90);
    draw(&stream, 0.5, p, 90);
    mien_series s = {t, p, 2, first};
    mien_shift_test one, three;
    mien_thread_pool *pool = NULL;
    assert_good(mien_thread_pool_new(3, &pool));
    assert_good(mien_series_shift_test(&s, 500, 4, NULL, &one));
    assert_good(mien_series_shift_test(&s, 500, 4, pool, &three));
    assert_memory_equal(&one, &three, sizeof one);
    mien_thread_pool_free(&pool);
    assert_fails(mien_series_shift_test(&s, 0, 4, NULL, &one), MIEN_EINVAL, "repeats");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r_of_one_group_is_pearsons),
        cmocka_unit_test(means_of_groups_do_not_count),
        cmocka_unit_test(a_delay_is_found_with_its_sign),
        cmocka_unit_test(what_does_not_vary_has_no_r),
        cmocka_unit_test(p_of_r_is_students),
        cmocka_unit_test(effective_rows_are_those_of_theory),
        cmocka_unit_test(white_rows_all_count),
        cmocka_unit_test(white_series_raise_5_percent_false_alarms),
        cmocka_unit_test(slow_series_fool_only_the_naive_test),
        cmocka_unit_test(slow_series_in_short_films_raise_no_more_alarms),
        cmocka_unit_test(a_course_that_films_share_is_no_skill),
        cmocka_unit_test(a_film_alone_is_exchanged_with_none),
        cmocka_unit_test(a_constant_that_is_not_exact_has_no_r),
        cmocka_unit_test(skill_is_found),
        cmocka_unit_test(a_short_group_is_turned_every_way),
        cmocka_unit_test(threads_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
