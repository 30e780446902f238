/* SPDX-License-Identifier: MIT */
/* Scores of each class and the confusion matrix against scikit-learn
 * (python/golden/class_metrics.py), and the class prior. */
#include "support/support.h"

#include "eval/class_fixture.h"

#include <math.h>
#include <string.h>

static const int64_t confusion[CLASS_COUNT * CLASS_COUNT] = {
    9, 6, 2, 0, 1, 11, 4, 0, 3, 2, 12, 0, 0, 6, 4, 0};

static void each_class_is_scored_as_by_scikit_learn(void **state) {
    (void)state;
    static const double want[CLASS_COUNT][3] = {
        {0.6923076923076923, 0.5294117647058824, 0.6},
        {0.44, 0.6875, 0.5365853658536586},
        {0.5454545454545454, 0.7058823529411765, 0.6153846153846154}, {NAN, 0, 0}};
    static const int64_t support[] = {17, 16, 17, 10};
    class_fixture f;
    mien_class_answers a = class_fixture_make(&f);
    mien_class_score score[CLASS_COUNT];
    mien_class_scores(&a, score);
    for (int c = 0; c < CLASS_COUNT; c++) {
        assert_int_equal(score[c].support, support[c]);
        assert_true(isnan(want[c][0]) ? isnan(score[c].precision)
                                      : fabs(score[c].precision - want[c][0]) < 1e-15);
        assert_near(score[c].recall, want[c][1], 1e-15);
        assert_near(score[c].f1, want[c][2], 1e-15);
    }
    assert_int_equal(score[3].predicted, 0);
    assert_int_equal(score[1].predicted, 25);
}

static void the_confusion_matrix_is_that_of_scikit_learn(void **state) {
    (void)state;
    class_fixture f;
    mien_class_answers a = class_fixture_make(&f);
    int64_t counts[CLASS_COUNT * CLASS_COUNT];
    mien_confusion(&a, counts);
    assert_memory_equal(counts, confusion, sizeof confusion);
}

static void its_rows_become_shares(void **state) {
    (void)state;
    double shares[CLASS_COUNT * CLASS_COUNT];
    mien_confusion_shares(confusion, CLASS_COUNT, shares);
    assert_near(shares[0], 9.0 / 17, 1e-15);
    assert_near(shares[6], 0.25, 1e-15);
    for (int t = 0; t < CLASS_COUNT; t++) {
        double sum = 0;
        for (int p = 0; p < CLASS_COUNT; p++) {
            sum += shares[t * CLASS_COUNT + p];
        }
        assert_near(sum, 1, 1e-15);
    }
    const int64_t empty[] = {0, 0, 1, 1};
    mien_confusion_shares(empty, 2, shares);
    assert_true(isnan(shares[0]) && shares[2] == 0.5);
}

static void the_prior_is_the_share_of_each_class(void **state) {
    (void)state;
    const int label[] = {2, 1, 2, 1, 0}, bad[] = {0, 3};
    double prior[4] = {0};
    int majority = -1;
    assert_good(mien_class_prior(label, 5, 4, prior, &majority));
    assert_int_equal(majority, 1); /* the first of equals */
    assert_near(prior[0], 0.2, 0);
    assert_near(prior[2], 0.4, 0);
    assert_near(prior[3], 0, 0);
    assert_fails(
        mien_class_prior(label, 0, 3, prior, &majority), MIEN_EINVAL, "0 labels");
    assert_fails(mien_class_prior(bad, 2, 3, prior, &majority), MIEN_EINVAL,
        "row 1 has class 3");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_class_is_scored_as_by_scikit_learn),
        cmocka_unit_test(the_confusion_matrix_is_that_of_scikit_learn),
        cmocka_unit_test(its_rows_become_shares),
        cmocka_unit_test(the_prior_is_the_share_of_each_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
