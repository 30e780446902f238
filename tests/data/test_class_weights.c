/* SPDX-License-Identifier: MIT */
/* Class weights against those EmoEye printed, and against their formulas. */
#include "support/support.h"

#include "mien/data.h"

enum { CLASSES = 7, ROWS = 7546 };

/* EmoEye's balanced arousal ratings. */
static void fill(int label[ROWS]) {
    static const int sizes[CLASSES] = {1128, 1241, 1286, 1193, 1068, 801, 829};
    for (int c = 0, i = 0; c < CLASSES; c++) {
        for (int k = 0; k < sizes[c]; k++) {
            label[i++] = c;
        }
    }
}

static void balanced_weights_are_those_emoeye_printed(void **state) {
    (void)state;
    static const double want[CLASSES] = {
        0.9557, 0.8687, 0.8383, 0.9036, 1.0094, 1.3458, 1.3004};
    static int label[ROWS];
    double weight[CLASSES];
    fill(label);
    assert_good(mien_class_weights(
        MIEN_CLASS_WEIGHTS_BALANCED, ROWS, label, CLASSES, NULL, weight));
    for (int c = 0; c < CLASSES; c++) {
        assert_near(weight[c], want[c], 5e-5);
    }
}

static void one_minus_the_share_is_what_is_left(void **state) {
    (void)state;
    const int label[] = {0, 1, 1, 1};
    double weight[2];
    assert_good(
        mien_class_weights(MIEN_CLASS_WEIGHTS_SHARE, 4, label, 2, NULL, weight));
    assert_near(weight[0], 0.75, 0);
    assert_near(weight[1], 0.25, 0);
}

static void given_weights_are_taken_as_they_are(void **state) {
    (void)state;
    const double given[] = {0.1, 0, 0.99}, bad[] = {0.1, -1, 1}, none[] = {0, 0, 0};
    double weight[3];
    assert_good(
        mien_class_weights(MIEN_CLASS_WEIGHTS_GIVEN, 0, NULL, 3, given, weight));
    for (int c = 0; c < 3; c++) {
        assert_near(weight[c], given[c], 0);
    }
    assert_fails(mien_class_weights(MIEN_CLASS_WEIGHTS_GIVEN, 0, NULL, 3, bad, weight),
        MIEN_EINVAL, "the weight of class 1 is -1");
    assert_fails(mien_class_weights(MIEN_CLASS_WEIGHTS_GIVEN, 0, NULL, 3, none, weight),
        MIEN_EINVAL, "all are 0");
    assert_fails(mien_class_weights(MIEN_CLASS_WEIGHTS_GIVEN, 0, NULL, 3, NULL, weight),
        MIEN_EINVAL, "class 0");
}

static void empty_and_unknown_classes_are_told(void **state) {
    (void)state;
    const int label[] = {0, 2, 2}, unknown[] = {0, 3, 1};
    double weight[3] = {7, 7, 7};
    assert_fails(
        mien_class_weights(MIEN_CLASS_WEIGHTS_BALANCED, 3, label, 3, NULL, weight),
        MIEN_EINVAL, "class 1 has no rows");
    assert_fails(
        mien_class_weights(MIEN_CLASS_WEIGHTS_SHARE, 3, unknown, 3, NULL, weight),
        MIEN_EINVAL, "row 1 has class 3 of 3");
    assert_near(weight[0], 7, 0);
    mien_alloc_fail_at(1);
    assert_int_equal(
        mien_class_weights(MIEN_CLASS_WEIGHTS_SHARE, 3, label, 3, NULL, weight),
        MIEN_ENOMEM);
    mien_alloc_fail_at(0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balanced_weights_are_those_emoeye_printed),
        cmocka_unit_test(one_minus_the_share_is_what_is_left),
        cmocka_unit_test(given_weights_are_taken_as_they_are),
        cmocka_unit_test(empty_and_unknown_classes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
