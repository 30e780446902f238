/* SPDX-License-Identifier: MIT */
/* Class metrics against scikit-learn (python/golden/class_metrics.py), their limits,
 * and what is refused. */
#include "support/support.h"

#include "eval/class_fixture.h"

#include "eval/class_metric.h"

#include <math.h>
#include <string.h>

static void class_metrics_equal_the_golden_values(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double value;
    } golden[] = {{"accuracy", 0.5333333333333333},
        {"balanced_accuracy", 0.4806985294117647}, {"macro_f1", 0.4379924953095685},
        {"kappa", 0.3550863723608445}, {"log_loss", 1.1874604905775796},
        {"brier", 0.6184729279239305}, {"top2", 0.75}, {"top3", 0.8666666666666667}};
    class_fixture f;
    mien_class_answers a = class_fixture_make(&f);
    assert_good(mien_class_answers_check(&a));
    assert_int_equal(mien_class_metric_count(), 8);
    for (size_t i = 0; i < sizeof golden / sizeof *golden; i++) {
        const mien_class_metric *metric = mien_class_metric_find(golden[i].name);
        assert_non_null(metric);
        assert_near(mien_class_metric_value(metric, &a), golden[i].value, 1e-13);
    }
    assert_null(mien_class_metric_find("f2"));
    assert_null(mien_class_metric_at(-1));
}

static void predictions_and_probabilities_give_the_same_classes(void **state) {
    (void)state;
    class_fixture f;
    mien_class_answers a = class_fixture_make(&f), b = a;
    int prediction[CLASS_ROWS];
    for (int i = 0; i < CLASS_ROWS; i++) {
        prediction[i] = mien_answer_of(&a, i);
    }
    b.prediction = prediction;
    b.probability = NULL;
    for (int i = 0; i < mien_class_metric_count(); i++) {
        const mien_class_metric *metric = mien_class_metric_at(i);
        double value = mien_class_metric_value(metric, &b);
        assert_true(metric->needs_probability
                        ? isnan(value)
                        : value == mien_class_metric_value(metric, &a));
    }
}

static void one_class_says_nothing_beyond_its_share(void **state) {
    (void)state;
    const int truth[] = {0, 0, 0, 1, 2}, all[] = {0, 0, 0, 0, 0};
    mien_class_answers a = {.n = 5, .classes = 3, .truth = truth, .prediction = all};
    assert_near(mien_class_metric_value(&mien_class_metric_accuracy, &a), 0.6, 1e-15);
    assert_near(mien_class_metric_value(&mien_class_metric_balanced_accuracy, &a),
        1.0 / 3, 1e-15);
    assert_near(
        mien_class_metric_value(&mien_class_metric_macro_f1, &a), 0.75 / 3, 1e-15);
    assert_near(mien_class_metric_value(&mien_class_metric_kappa, &a), 0, 1e-15);
    a.truth = all; /* nothing but one class on both sides: chance is 1 */
    assert_true(isnan(mien_class_metric_value(&mien_class_metric_kappa, &a)));
}

static void a_certain_error_costs_36(void **state) {
    (void)state;
    const int truth[] = {0};
    const double p[] = {0, 1};
    mien_class_answers a = {.n = 1, .classes = 2, .truth = truth, .probability = p};
    assert_near(
        mien_class_metric_value(&mien_class_metric_log_loss, &a), 52 * log(2), 1e-12);
    assert_near(mien_class_metric_value(&mien_class_metric_brier, &a), 2, 0);
}

static void of_equal_probabilities_the_first_is_the_answer(void **state) {
    (void)state;
    const int truth[] = {1, 0};
    const double p[] = {0.5, 0.5, 0.5, 0.5};
    mien_class_answers a = {.n = 2, .classes = 2, .truth = truth, .probability = p};
    assert_near(mien_class_metric_value(&mien_class_metric_accuracy, &a), 0.5, 0);
    assert_near(mien_class_top(&a, 1), 0.5, 0);
    assert_near(mien_class_top(&a, 2), 1, 0);
}

static void answers_that_cannot_be_are_refused(void **state) {
    (void)state;
    const int truth[] = {0, 1}, far[] = {0, 2}, missing[] = {-1, 0};
    const double good[] = {0.5, 0.5, 1, 0}, sum[] = {0.5, 0.5, 0.9, 0},
                 below[] = {0.5, 0.5, 1.5, -0.5}, none[] = {0.5, 0.5, NAN, 1};
    const struct {
        mien_class_answers a;
        const char *words;
    } cases[] = {
        {{.n = 2, .classes = 2, .truth = missing, .prediction = truth},
            "row 0: its truth is class -1 of 2"},
        {{.n = 2, .classes = 2, .truth = truth, .prediction = far},
            "row 1: its prediction is class 2 of 2"},
        {{.n = 2, .classes = 2, .truth = truth, .probability = sum},
            "row 1: its probabilities sum to 0.9"},
        {{.n = 2, .classes = 2, .truth = truth, .probability = below},
            "row 1: the probability of class 0 is 1.5"},
        {{.n = 2, .classes = 2, .truth = truth, .probability = none}, "class 0 is nan"},
        {{.n = 2, .classes = 2, .truth = truth}, "predictions or probabilities"},
        {{.n = 2, .classes = 257, .truth = truth, .prediction = truth}, "257 classes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_fails(
            mien_class_answers_check(&cases[i].a), MIEN_EINVAL, cases[i].words);
    }
    mien_class_answers a = {.n = 2, .classes = 2, .truth = truth, .probability = good};
    assert_good(mien_class_answers_check(&a));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(class_metrics_equal_the_golden_values),
        cmocka_unit_test(predictions_and_probabilities_give_the_same_classes),
        cmocka_unit_test(one_class_says_nothing_beyond_its_share),
        cmocka_unit_test(a_certain_error_costs_36),
        cmocka_unit_test(of_equal_probabilities_the_first_is_the_answer),
        cmocka_unit_test(answers_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
