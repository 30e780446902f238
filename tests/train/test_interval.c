/* SPDX-License-Identifier: MIT */
/* Quantiles of residuals against NumPy's rule, and ceilings from a table's columns. */
#include "support/support.h"

#include <math.h>

#include "train/interval.h"

/* numpy.quantile(truth - prediction, [.025, .975]) of 0, 1, …, 40: 1 and 39 exactly. */
static void quantiles_are_those_of_numpy(void **state) {
    (void)state;
    double truth[41], prediction[41], interval[2];
    for (int i = 0; i < 41; i++) {
        truth[i] = (i * 17) % 41 + 3; /* in no order */
        prediction[i] = 3;
    }
    assert_good(mien_residual_interval(truth, prediction, 41, interval));
    assert_near(interval[0], 1, 1e-12);
    assert_near(interval[1], 39, 1e-12);
}

static void one_row_is_its_own_interval(void **state) {
    (void)state;
    double truth = 5, prediction = 3, interval[2];
    assert_good(mien_residual_interval(&truth, &prediction, 1, interval));
    assert_near(interval[0], 2, 0);
    assert_near(interval[1], 2, 0);
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
        cmocka_unit_test(quantiles_are_those_of_numpy),
        cmocka_unit_test(one_row_is_its_own_interval),
        cmocka_unit_test(a_ceiling_needs_sd_and_raters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
