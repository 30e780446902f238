/* SPDX-License-Identifier: MIT */
/* One group at a time, prescribed splits, and parts held out by name (against NumPy,
 * python/golden/sampling.py) and by class. */
#include "support/support.h"

#include "data/folds/folds.h"

#include <stdio.h>
#include <string.h>

static mien_fold_options options_of(mien_fold_rule rule) {
    mien_fold_options o = mien_fold_options_default();
    o.rule = rule;
    return o;
}

static void each_group_is_left_out_once_in_the_order_of_names(void **state) {
    (void)state;
    const char *group[] = {"b", "a", NULL, "b", "c", NULL};
    static const int want[] = {1, 0, 3, 1, 2, 4};
    int fold[6], folds = 0;
    mien_fold_options o = options_of(MIEN_FOLDS_LEAVE_GROUP);
    o.group = group;
    assert_good(mien_folds_deal(6, &o, fold, &folds));
    assert_int_equal(folds, 5);
    assert_memory_equal(fold, want, sizeof want);
    const char *one[] = {"a", "a", "a"};
    o.group = one;
    assert_fails(mien_folds_deal(3, &o, fold, &folds), MIEN_EINVAL, "1 groups");
}

static void a_prescribed_split_tests_what_it_says(void **state) {
    (void)state;
    const char *both[] = {"train", "test", "validation", NULL, "train"};
    static const int want[] = {
        MIEN_FOLD_TRAIN, 0, MIEN_FOLD_VALIDATION, MIEN_FOLD_NONE, MIEN_FOLD_TRAIN};
    int fold[5], folds = 0;
    mien_fold_options o = options_of(MIEN_FOLDS_PRESCRIBED);
    o.split = both;
    assert_good(mien_folds_deal(5, &o, fold, &folds));
    assert_int_equal(folds, 1);
    assert_memory_equal(fold, want, sizeof want);
}

static void without_a_test_part_validation_is_tested(void **state) {
    (void)state;
    const char *split[] = {"train", "validation", "train"};
    static const int want[] = {MIEN_FOLD_TRAIN, 0, MIEN_FOLD_TRAIN};
    int fold[3], folds = 0;
    mien_fold_options o = options_of(MIEN_FOLDS_PRESCRIBED);
    o.split = split;
    assert_good(mien_folds_deal(3, &o, fold, &folds));
    assert_memory_equal(fold, want, sizeof want);
    const char *none[] = {"train", "train", NULL};
    o.split = none;
    assert_fails(mien_folds_deal(3, &o, fold, &folds), MIEN_EINVAL, "needs rows");
}

static void held_out_names_are_those_of_numpy(void **state) {
    (void)state;
    char names[30][8];
    const char *group[30];
    int fold[30], folds = 0;
    for (int i = 0; i < 30; i++) {
        snprintf(names[i], sizeof names[i], "p%d", i * 5 % 11);
        group[i] = names[i];
    }
    mien_fold_options o = options_of(MIEN_FOLDS_NAMES);
    o.group = group;
    o.seed = 42;
    o.hold_out = 4;
    assert_good(mien_folds_deal(30, &o, fold, &folds));
    assert_int_equal(folds, 1);
    for (int i = 0; i < 30; i++) {
        int p = i * 5 % 11;
        bool held = p == 0 || p == 4 || p == 8 || p == 9;
        assert_int_equal(fold[i], held ? 0 : MIEN_FOLD_TRAIN);
    }
    o.hold_out = 11;
    assert_fails(
        mien_folds_deal(30, &o, fold, &folds), MIEN_EINVAL, "11 of 11 names held out");
}

/* Names whose order is that of their numbers: NumPy's seed 42, 100 of 799. */
static void a_hundred_of_799_pictures_begin_as_in_emoeye(void **state) {
    (void)state;
    static char names[799][8];
    static const char *group[799];
    static int fold[799];
    static const int want[] = {695, 666, 63, 533, 66, 621, 346, 490, 750, 456, 65, 286};
    int folds = 0, held = 0;
    for (int i = 0; i < 799; i++) {
        snprintf(names[i], sizeof names[i], "i%03d", i);
        group[i] = names[i];
    }
    mien_fold_options o = options_of(MIEN_FOLDS_NAMES);
    o.group = group;
    o.seed = 42;
    assert_good(mien_folds_deal(799, &o, fold, &folds));
    for (int i = 0; i < 799; i++) {
        held += fold[i] == 0;
    }
    assert_int_equal(held, 100);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(fold[want[i]], 0);
    }
}

/* GAPED's counts: 520, 89 and 121 pictures give 104, 17 and 24 to test. */
static void a_fifth_of_each_class_is_rounded_down(void **state) {
    (void)state;
    static int label[730], fold[730], other[730];
    int folds = 0, held[3] = {0};
    for (int i = 0; i < 730; i++) {
        label[i] = i < 520 ? 0 : i < 609 ? 1 : 2;
    }
    mien_fold_options o = options_of(MIEN_FOLDS_CLASS_SHARE);
    o.label = label;
    assert_good(mien_folds_deal(730, &o, fold, &folds));
    for (int i = 0; i < 730; i++) {
        assert_true(fold[i] == 0 || fold[i] == MIEN_FOLD_TRAIN);
        held[label[i]] += fold[i] == 0;
    }
    assert_int_equal(held[0], 104);
    assert_int_equal(held[1], 17);
    assert_int_equal(held[2], 24);
    o.seed = 1;
    assert_good(mien_folds_deal(730, &o, other, &folds));
    assert_memory_not_equal(fold, other, sizeof fold);
}

static void a_share_that_holds_nothing_out_is_refused(void **state) {
    (void)state;
    const int label[] = {0, 0, 1};
    int fold[3], folds;
    mien_fold_options o = options_of(MIEN_FOLDS_CLASS_SHARE);
    o.label = label;
    assert_fails(mien_folds_deal(3, &o, fold, &folds), MIEN_EINVAL, "not one row");
    o.share = 1;
    assert_fails(mien_folds_deal(3, &o, fold, &folds), MIEN_EINVAL, "between 0 and 1");
}

static mien_status deal_again(void *context) {
    int fold[6], folds;
    return mien_folds_deal(6, context, fold, &folds);
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    const char *group[] = {"b", "a", "d", "b", "c", "a"};
    const int label[] = {0, 0, 1, 1, 0, 1};
    mien_fold_options o = options_of(MIEN_FOLDS_LEAVE_GROUP);
    o.group = group;
    support_each_allocation_fails(deal_again, &o, 20);
    o.rule = MIEN_FOLDS_NAMES;
    o.hold_out = 2;
    support_each_allocation_fails(deal_again, &o, 20);
    o.rule = MIEN_FOLDS_CLASS_SHARE;
    o.label = label;
    o.share = 0.5;
    support_each_allocation_fails(deal_again, &o, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_group_is_left_out_once_in_the_order_of_names),
        cmocka_unit_test(a_prescribed_split_tests_what_it_says),
        cmocka_unit_test(without_a_test_part_validation_is_tested),
        cmocka_unit_test(held_out_names_are_those_of_numpy),
        cmocka_unit_test(a_hundred_of_799_pictures_begin_as_in_emoeye),
        cmocka_unit_test(a_fifth_of_each_class_is_rounded_down),
        cmocka_unit_test(a_share_that_holds_nothing_out_is_refused),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
