/* SPDX-License-Identifier: MIT */
/* Intervals of residuals, and ceilings from a table's columns. */
#include "support/support.h"

#include <math.h>

#include "train/scores/interval.h"

/* Of 79 residuals 0 … 78 the 2nd and the 78th: a next one lies below the k-th with the
 * probability k / 80. */
static void ends_are_order_statistics(void **state) {
    (void)state;
    double truth[79], prediction[79], interval[2];
    for (int i = 0; i < 79; i++) {
        truth[i] = (i * 17) % 79 + 3; /* in no order */
        prediction[i] = 3;
    }
    assert_good(mien_residual_interval(truth, prediction, 79, 1, interval));
    assert_near(interval[0], 1, 1e-12);
    assert_near(interval[1], 77, 1e-12);
}

/* numpy: mean 2, sd 1.5811388, t(4) .975 = 2.7764451 */
static void few_rows_have_a_normal_interval(void **state) {
    (void)state;
    const double truth[] = {4, 0, 2, 1, 3}, prediction[5] = {0};
    double interval[2], half = 2.7764451 * 1.5811388 * sqrt(1.2);
    assert_good(mien_residual_interval(truth, prediction, 5, 1, interval));
    assert_near(interval[0], 2 - half, 1e-6);
    assert_near(interval[1], 2 + half, 1e-6);
    assert_good(mien_residual_interval(truth, prediction, 1, 1, interval));
    assert_near(interval[0], 4, 0);
    assert_near(interval[1], 4, 0);
}

/* Twice the same predictions tell no more than once. */
static void seeds_do_not_count_as_rows(void **state) {
    (void)state;
    enum { ROWS = 200 };
    double truth[2 * ROWS], prediction[2 * ROWS] = {0}, one[2], two[2];
    for (int i = 0; i < 2 * ROWS; i++) {
        truth[i] = (i % ROWS) * 37 % ROWS;
    }
    assert_good(mien_residual_interval(truth, prediction, ROWS, 1, one));
    assert_good(mien_residual_interval(truth, prediction, ROWS, 2, two));
    assert_near(two[0], one[0], 1);
    assert_near(two[1], one[1], 1);
}

/* A next residual falls between in 95 %, with few rows as with many. */
static void a_next_residual_falls_between(void **state) {
    (void)state;
    static const int rows[] = {10, 20, 50, 100};
    mien_random random;
    mien_random_init(&random, 11);
    for (int k = 0; k < 4; k++) {
        enum { REPEATS = 4000 };
        int within = 0;
        for (int r = 0; r < REPEATS; r++) {
            double truth[100], prediction[100] = {0}, interval[2];
            for (int i = 0; i < rows[k]; i++) {
                truth[i] = mien_random_normal(&random);
            }
            assert_good(
                mien_residual_interval(truth, prediction, rows[k], 1, interval));
            double next = mien_random_normal(&random);
            within += next >= interval[0] && next <= interval[1];
        }
        double share = (double)within / REPEATS; /* ± .01 is three errors */
        assert_true(share > 0.938 && share < 0.965);
    }
}

/* Means 0 … 9 have the variance 9.1667 (n − 1); SD²/N is 4/8. */
static void a_ceiling_needs_sd_and_raters(void **state) {
    (void)state;
    static const char sidecar[] =
        "{\"version\": 1, \"name\": \"c\", \"targets\": {"
        "\"a\": {\"range\": [0, 9], \"unit\": \"p\", \"construct\": \"evoked\","
        " \"perspective\": \"normative\", \"sd\": \"a_sd\", \"n\": \"a_n\"},"
        "\"b\": {\"range\": [0, 9], \"unit\": \"p\", \"construct\": \"evoked\","
        " \"perspective\": \"normative\"}}}";
    mien_trials *trials = NULL;
    mien_noise_ceiling ceiling;
    bool has = true;
    mien_string text;
    mien_string_init(&text);
    mien_string_add(&text, "trial\timage\ta\ta_sd\ta_n\tb\n");
    for (int i = 0; i < 10; i++) {
        mien_string_addf(&text, "t%d\t%d.png\t%d\t2\t8\t%d\n", i, i, i, i);
    }
    support_write("c.tsv", text.text, text.length);
    support_write("c.json", sidecar, sizeof sidecar - 1);
    mien_string_clear(&text);
    assert_good(mien_trials_open(support_temp_path("c.tsv"), &trials));
    assert_good(
        mien_ceiling_of(trials, mien_trials_target_find(trials, "b"), &ceiling, &has));
    assert_false(has);
    assert_good(
        mien_ceiling_of(trials, mien_trials_target_find(trials, "a"), &ceiling, &has));
    assert_true(has);
    assert_near(ceiling.reliability, 1 - 0.5 / (82.5 / 9), 1e-12);
    mien_trials_close(&trials);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_are_order_statistics),
        cmocka_unit_test(few_rows_have_a_normal_interval),
        cmocka_unit_test(seeds_do_not_count_as_rows),
        cmocka_unit_test(a_next_residual_falls_between),
        cmocka_unit_test(a_ceiling_needs_sd_and_raters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
