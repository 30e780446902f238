/* SPDX-License-Identifier: MIT */
/* Training, validation and test parts of a fold; drawn parts against scikit-learn
 * (python/golden/sampling.py). */
#include "support/support.h"

#include "data/folds/folds.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 24 };

/* The last row is tested, the 23 before it are those of the golden values. */
static void all_but_one(int fold[ROWS]) {
    for (int i = 0; i < ROWS; i++) {
        fold[i] = i == ROWS - 1 ? 0 : MIEN_FOLD_TRAIN;
    }
}

static void check(const mien_part *part, const int *validation, int count) {
    int found = 0;
    for (int i = 0; i < ROWS - 1; i++) {
        if (part[i] == MIEN_PART_VALIDATION) {
            assert_true(found < count);
            assert_int_equal(validation[found++], i);
        } else {
            assert_int_equal(part[i], MIEN_PART_TRAIN);
        }
    }
    assert_int_equal(found, count);
    assert_int_equal(part[ROWS - 1], MIEN_PART_TEST);
}

static void validation_rows_are_those_of_scikit_learn(void **state) {
    (void)state;
    static const int want[] = {1, 2, 5, 11, 12, 20, 22};
    int fold[ROWS];
    mien_part part[ROWS];
    mien_validation_options o = {.rule = MIEN_VALIDATION_ROWS, .share = 0.3, .seed = 7};
    all_but_one(fold);
    assert_good(mien_folds_parts(ROWS, fold, 0, &o, part));
    check(part, want, 7);
}

static void validation_groups_are_those_of_scikit_learn(void **state) {
    (void)state;
    static const int want[] = {0, 1, 8, 9, 10, 17, 18, 19};
    int fold[ROWS];
    char names[ROWS][8];
    const char *group[ROWS];
    mien_part part[ROWS];
    all_but_one(fold);
    for (int i = 0; i < ROWS; i++) {
        snprintf(names[i], sizeof names[i], i < ROWS - 1 ? "g%d" : "tested", i * 7 % 9);
        group[i] = names[i];
    }
    mien_validation_options o = {
        .rule = MIEN_VALIDATION_GROUPS, .share = 0.3, .seed = 7, .group = group};
    assert_good(mien_folds_parts(ROWS, fold, 0, &o, part));
    check(part, want, 8);
    o.group = NULL;
    assert_fails(
        mien_folds_parts(ROWS, fold, 0, &o, part), MIEN_EINVAL, "needs the groups");
}

/* 585 rows, a fifth: 117, as in the published split of GAPED. */
static void the_first_rows_validate_as_in_keras(void **state) {
    (void)state;
    static int fold[586];
    static mien_part part[586];
    for (int i = 0; i < 586; i++) {
        fold[i] = i == 3 ? 0 : MIEN_FOLD_TRAIN;
    }
    mien_validation_options o = mien_validation_options_default();
    o.rule = MIEN_VALIDATION_FIRST;
    assert_good(mien_folds_parts(586, fold, 0, &o, part));
    for (int i = 0; i < 586; i++) {
        mien_part want = i == 3     ? MIEN_PART_TEST
                         : i <= 117 ? MIEN_PART_VALIDATION
                                    : MIEN_PART_TRAIN;
        assert_int_equal(part[i], want);
    }
}

static void parts_follow_the_fold_numbers(void **state) {
    (void)state;
    const int fold[] = {0, 1, 2, MIEN_FOLD_TRAIN, MIEN_FOLD_VALIDATION, MIEN_FOLD_NONE};
    static const mien_part want[] = {MIEN_PART_TRAIN, MIEN_PART_TEST, MIEN_PART_TRAIN,
        MIEN_PART_TRAIN, MIEN_PART_VALIDATION, MIEN_PART_NONE};
    mien_part part[6];
    assert_good(mien_folds_parts(6, fold, 1, NULL, part));
    assert_memory_equal(part, want, sizeof want);
    assert_fails(mien_folds_parts(6, fold, 3, NULL, part), MIEN_EINVAL, "0 to test");
}

static void an_empty_part_is_refused(void **state) {
    (void)state;
    const int fold[] = {0, 1, 1};
    mien_part part[3];
    mien_validation_options o = mien_validation_options_default();
    o.rule = MIEN_VALIDATION_FIRST; /* floor(0.2 × 2) rows */
    assert_fails(mien_folds_parts(3, fold, 0, &o, part), MIEN_EINVAL, "0 to validate");
    o.rule = MIEN_VALIDATION_ROWS;
    o.share = 0.9; /* ceil(1.8): nothing is left to train on */
    assert_fails(
        mien_folds_parts(3, fold, 0, &o, part), MIEN_EINVAL, "0 rows to train");
    o.share = 0;
    assert_fails(mien_folds_parts(3, fold, 0, &o, part), MIEN_EINVAL, "share 0");
}

static mien_status part_again(void *context) {
    const int fold[] = {0, 1, 1, 1};
    mien_part part[4];
    return mien_folds_parts(4, fold, 0, context, part);
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    const char *group[] = {"a", "b", "c", "b"};
    mien_validation_options o = {
        .rule = MIEN_VALIDATION_GROUPS, .share = 0.3, .group = group};
    support_each_allocation_fails(part_again, &o, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(validation_rows_are_those_of_scikit_learn),
        cmocka_unit_test(validation_groups_are_those_of_scikit_learn),
        cmocka_unit_test(the_first_rows_validate_as_in_keras),
        cmocka_unit_test(parts_follow_the_fold_numbers),
        cmocka_unit_test(an_empty_part_is_refused),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
