/* SPDX-License-Identifier: MIT */
/* Folds of rows (against scikit-learn 1.x's KFold) and of groups. */
#include "support/support.h"

#include "data/folds/folds.h"

#include <stdio.h>
#include <string.h>

static void folds_of_rows_are_those_of_scikit_learn(void **state) {
    (void)state;
    int fold[250];
    assert_good(mien_folds_make(250, NULL, 5, 5, fold));
    static const int zero[] = {3, 6, 17, 21, 25, 26, 28, 37, 42, 46};
    static const int one[] = {1, 23, 24, 34, 39, 40, 43, 45, 49, 50};
    int found[5] = {0};
    for (int i = 0; i < 250; i++) {
        int n = found[fold[i]]++;
        assert_true(fold[i] != 0 || n >= 10 || zero[n] == i);
        assert_true(fold[i] != 1 || n >= 10 || one[n] == i);
    }
    for (int f = 0; f < 5; f++) {
        assert_int_equal(found[f], 50);
    }
}

static void folds_of_uneven_rows_are_those_of_scikit_learn(void **state) {
    (void)state;
    static const int want[23] = {
        0, 1, 1, 2, 2, 1, 3, 3, 0, 0, 3, 1, 0, 1, 3, 0, 2, 0, 2, 3, 1, 2, 2};
    int fold[23];
    assert_good(mien_folds_make(23, NULL, 4, 42, fold));
    assert_memory_equal(fold, want, sizeof want);
}

enum { ROWS = 60 };

/* Groups of 1 to 6 rows, scattered; every tenth row is alone (NULL). */
static void make_groups(const char *group[ROWS]) {
    static char names[ROWS][8];
    for (int i = 0; i < ROWS; i++) {
        snprintf(names[i], sizeof names[i], "g%d", i * 7 % 13);
        group[i] = i % 10 == 9 ? NULL : names[i];
    }
}

static void a_group_stays_in_one_fold(void **state) {
    (void)state;
    const char *group[ROWS];
    int fold[ROWS], sizes[4] = {0};
    make_groups(group);
    for (uint32_t seed = 0; seed < 20; seed++) {
        assert_good(mien_folds_make(ROWS, group, 4, seed, fold));
        memset(sizes, 0, sizeof sizes);
        for (int i = 0; i < ROWS; i++) {
            assert_in_range(fold[i], 0, 3);
            sizes[fold[i]]++;
            for (int j = 0; j < i && group[i]; j++) {
                assert_true(
                    !group[j] || strcmp(group[i], group[j]) || fold[i] == fold[j]);
            }
        }
        for (int f = 0; f < 4; f++) {
            assert_in_range(sizes[f], ROWS / 4 - 2, ROWS / 4 + 2);
        }
    }
}

static void the_seed_decides_the_folds_of_groups(void **state) {
    (void)state;
    const char *group[ROWS];
    int a[ROWS], b[ROWS], c[ROWS];
    make_groups(group);
    assert_good(mien_folds_make(ROWS, group, 5, 1, a));
    assert_good(mien_folds_make(ROWS, group, 5, 1, b));
    assert_good(mien_folds_make(ROWS, group, 5, 2, c));
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, c, sizeof a);
}

static void one_group_for_each_fold_is_enough(void **state) {
    (void)state;
    const char *group[] = {"a", "b", "a", "c", "a"};
    int fold[5];
    assert_good(mien_folds_make(5, group, 3, 0, fold));
    assert_int_equal(fold[0], 0); /* the largest is dealt first */
    assert_int_equal(fold[2], 0);
    assert_int_equal(fold[1] + fold[3], 3);
    assert_fails(
        mien_folds_make(5, group, 4, 0, fold), MIEN_EINVAL, "4 folds of 3 groups");
}

static void folds_need_rows(void **state) {
    (void)state;
    int fold[3];
    assert_fails(mien_folds_make(3, NULL, 1, 0, fold), MIEN_EINVAL, "at least 2");
    assert_fails(
        mien_folds_make(3, NULL, 4, 0, fold), MIEN_EINVAL, "4 folds of 3 rows");
    assert_fails(mien_folds_make(0, NULL, 2, 0, fold), MIEN_EINVAL, "rows");
}

static void names_find_the_first_that_is_alike(void **state) {
    (void)state;
    const char *names[] = {"b", NULL, "a", "b", NULL, "a", "b"};
    int64_t first[7];
    static const int64_t want[7] = {0, 1, 2, 0, 4, 2, 0};
    assert_good(mien_names_first(7, names, first));
    assert_memory_equal(first, want, sizeof want);
    assert_good(mien_names_first(0, names, first));
}

static void names_are_numbered_in_their_order(void **state) {
    (void)state;
    const char *names[] = {"b", NULL, "a", "b", NULL, "c"};
    static const int64_t want[6] = {1, 3, 0, 1, 4, 2};
    int64_t number[6], unique = 0;
    assert_good(mien_names_number(6, names, number, &unique));
    assert_int_equal(unique, 5);
    assert_memory_equal(number, want, sizeof want);
}

static void the_rules_rows_and_groups_deal_as_before(void **state) {
    (void)state;
    const char *group[ROWS];
    int got[ROWS], want[ROWS], folds = 0;
    make_groups(group);
    mien_fold_options o = mien_fold_options_default();
    o.seed = 3;
    assert_good(mien_folds_make(ROWS, NULL, 5, 3, want));
    assert_good(mien_folds_deal(ROWS, &o, got, &folds));
    assert_int_equal(folds, 5);
    assert_memory_equal(got, want, sizeof want);
    o.rule = MIEN_FOLDS_GROUPS;
    o.group = group;
    assert_good(mien_folds_make(ROWS, group, 5, 3, want));
    assert_good(mien_folds_deal(ROWS, &o, got, &folds));
    assert_memory_equal(got, want, sizeof want);
}

static void rules_have_names(void **state) {
    (void)state;
    for (int i = MIEN_FOLDS_ROWS; i <= MIEN_FOLDS_CLASS_SHARE; i++) {
        mien_fold_rule rule = MIEN_FOLDS_ROWS;
        assert_good(
            mien_fold_rule_parse(mien_fold_rule_name((mien_fold_rule)i), &rule));
        assert_int_equal(rule, i);
    }
    mien_fold_rule rule;
    assert_fails(mien_fold_rule_parse("fair", &rule), MIEN_EINVAL,
        "\"fair\" for folds; known: rows, groups, stratified");
}

static void a_rule_names_what_it_lacks(void **state) {
    (void)state;
    static const char *const words[] = {[MIEN_FOLDS_GROUPS] = "need groups",
        [MIEN_FOLDS_STRATIFIED] = "need classes",
        [MIEN_FOLDS_STRATIFIED_GROUPS] = "need groups",
        [MIEN_FOLDS_LEAVE_GROUP] = "need groups",
        [MIEN_FOLDS_PRESCRIBED] = "need the column split",
        [MIEN_FOLDS_NAMES] = "need groups",
        [MIEN_FOLDS_CLASS_SHARE] = "need classes"};
    int fold[10], folds;
    for (int i = MIEN_FOLDS_GROUPS; i <= MIEN_FOLDS_CLASS_SHARE; i++) {
        mien_fold_options o = mien_fold_options_default();
        o.rule = (mien_fold_rule)i;
        assert_fails(mien_folds_deal(10, &o, fold, &folds), MIEN_EINVAL, words[i]);
    }
    mien_fold_options o = mien_fold_options_default();
    o.k = 11;
    assert_fails(
        mien_folds_deal(10, &o, fold, &folds), MIEN_EINVAL, "11 folds of 10 rows");
    o.rule = (mien_fold_rule)99;
    assert_fails(mien_folds_deal(10, &o, fold, &folds), MIEN_EINVAL, "no rule 99");
}

static mien_status make_again(void *context) {
    int fold[ROWS];
    return mien_folds_make(ROWS, context, 5, 1, fold);
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    const char *group[ROWS];
    make_groups(group);
    support_each_allocation_fails(make_again, group, 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_of_rows_are_those_of_scikit_learn),
        cmocka_unit_test(folds_of_uneven_rows_are_those_of_scikit_learn),
        cmocka_unit_test(a_group_stays_in_one_fold),
        cmocka_unit_test(the_seed_decides_the_folds_of_groups),
        cmocka_unit_test(one_group_for_each_fold_is_enough),
        cmocka_unit_test(folds_need_rows),
        cmocka_unit_test(names_find_the_first_that_is_alike),
        cmocka_unit_test(names_are_numbered_in_their_order),
        cmocka_unit_test(the_rules_rows_and_groups_deal_as_before),
        cmocka_unit_test(rules_have_names),
        cmocka_unit_test(a_rule_names_what_it_lacks),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
