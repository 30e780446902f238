/* SPDX-License-Identifier: MIT */
/* Metrics against SciPy and scikit-learn (python/golden/metrics.py) and against theory.
 */
#include "support/support.h"

#include "support/metric.h"

#include <math.h>

#include "mien/eval.h"

static const double truth[8] = {4.685, 4.25, 4.1667, 5.3333, 2.1, 6.02, 1.44, 3.3};
static const double prediction[8] = {4.2, 4.6, 3.9, 5.8, 3.0, 5.1, 2.2, 2.9};

static void metrics_equal_the_golden_values(void **state) {
    (void)state;
    const struct {
        const char *name;
        double value;
    } golden[] = {{"r", 0.917536113541548}, {"ccc", 0.888735863954864},
        {"rmse", 0.616508594830599}, {"mae", 0.56855}, {"r2", 0.821232909980428},
        {"mape", 19.59717940245335}, {"cosine", 0.9890376260456315}};
    for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++) {
        const mien_metric *metric = mien_metric_find(golden[i].name);
        assert_non_null(metric);
        assert_near(metric_of(metric, truth, prediction, 8), golden[i].value, 1e-13);
    }
}

static void a_percentage_needs_truths_other_than_zero(void **state) {
    (void)state;
    const double zero[2] = {0, 1}, length[2] = {0, 0};
    assert_true(isnan(metric_of(mien_metric_find("mape"), zero, prediction, 2)));
    assert_true(isnan(metric_of(mien_metric_find("cosine"), length, prediction, 2)));
}

static void an_unknown_metric_is_not_found(void **state) {
    (void)state;
    assert_null(mien_metric_find("r3"));
    assert_null(mien_metric_at(-1));
    assert_null(mien_metric_at(mien_metric_count()));
}

static void r_ignores_scale_and_ccc_does_not(void **state) {
    (void)state;
    double moved[8];
    for (int i = 0; i < 8; i++) {
        moved[i] = 3 * prediction[i] - 7;
    }
    const mien_metric *r = mien_metric_find("r"), *ccc = mien_metric_find("ccc");
    assert_near(
        metric_of(r, truth, moved, 8), metric_of(r, truth, prediction, 8), 1e-14);
    assert_true(
        metric_of(ccc, truth, moved, 8) < metric_of(ccc, truth, prediction, 8) - 0.1);
}

static void correlation_with_a_constant_is_undefined(void **state) {
    (void)state;
    const double constant[8] = {2, 2, 2, 2, 2, 2, 2, 2};
    assert_true(isnan(metric_of(mien_metric_find("r"), truth, constant, 8)));
    assert_true(isnan(metric_of(mien_metric_find("r2"), constant, truth, 8)));
}

static void a_large_mean_costs_no_digits(void **state) {
    (void)state;
    double far_truth[8], far_prediction[8];
    for (int i = 0; i < 8; i++) {
        far_truth[i] = truth[i] + 1e8;
        far_prediction[i] = prediction[i] + 1e8;
    }
    const mien_metric *r = mien_metric_find("r");
    assert_near(metric_of(r, far_truth, far_prediction, 8), 0.917536113541548, 1e-7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(metrics_equal_the_golden_values),
        cmocka_unit_test(a_percentage_needs_truths_other_than_zero),
        cmocka_unit_test(an_unknown_metric_is_not_found),
        cmocka_unit_test(r_ignores_scale_and_ccc_does_not),
        cmocka_unit_test(correlation_with_a_constant_is_undefined),
        cmocka_unit_test(a_large_mean_costs_no_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
