/* SPDX-License-Identifier: MIT */
/* Stratified folds: of rows against scikit-learn's StratifiedKFold
 * (python/golden/sampling.py), of groups by what they promise. */
#include "support/support.h"

#include "data/folds/folds.h"

#include <stdio.h>
#include <string.h>

enum { ROWS = 23, MANY = 600, CLASSES = 4, K = 5 };
static const int label[ROWS] = {
    2, 0, 1, 1, 2, 0, 0, 1, 2, 2, 0, 1, 1, 0, 2, 2, 2, 1, 0, 2, 2, 1, 1};

static mien_fold_options options_of(mien_fold_rule rule, int k, uint32_t seed) {
    mien_fold_options o = mien_fold_options_default();
    o.rule = rule;
    o.k = k;
    o.seed = seed;
    return o;
}

static void stratified_folds_are_those_of_scikit_learn(void **state) {
    (void)state;
    static const int three[ROWS] = {
        2, 0, 2, 2, 0, 1, 2, 1, 0, 1, 0, 1, 0, 1, 2, 2, 1, 0, 2, 0, 1, 1, 0};
    static const int four[ROWS] = {
        3, 2, 0, 3, 0, 1, 0, 1, 2, 0, 2, 0, 2, 3, 3, 0, 1, 2, 1, 1, 2, 1, 3};
    int fold[ROWS], folds = 0;
    mien_fold_options o = options_of(MIEN_FOLDS_STRATIFIED, 3, 0);
    o.label = label;
    assert_good(mien_folds_deal(ROWS, &o, fold, &folds));
    assert_int_equal(folds, 3);
    assert_memory_equal(fold, three, sizeof three);
    o = options_of(MIEN_FOLDS_STRATIFIED, 4, 42);
    o.label = label;
    assert_good(mien_folds_deal(ROWS, &o, fold, &folds));
    assert_memory_equal(fold, four, sizeof four);
}

static void a_continuous_target_is_stratified_by_its_bins(void **state) {
    (void)state;
    double value[MANY];
    int fold[MANY], folds, bin[MANY], found[K][10] = {{0}};
    mien_random r;
    mien_random_init(&r, 3);
    for (int i = 0; i < MANY; i++) {
        value[i] = mien_random_normal(&r);
    }
    mien_fold_options o = options_of(MIEN_FOLDS_STRATIFIED, K, 1);
    o.value = value;
    assert_good(mien_folds_deal(MANY, &o, fold, &folds));
    assert_good(mien_bins_make(MANY, value, 10, bin));
    for (int i = 0; i < MANY; i++) {
        found[fold[i]][bin[i]]++;
    }
    for (int f = 0; f < K; f++) {
        for (int b = 0; b < 10; b++) {
            assert_int_equal(found[f][b], MANY / 10 / K);
        }
    }
}

static void a_class_smaller_than_the_folds_is_refused(void **state) {
    (void)state;
    const int few[] = {0, 0, 0, 1, 1, 0};
    const int missing[] = {0, 0, -1, 1, 1, 0};
    int fold[6] = {9, 9, 9, 9, 9, 9}, folds = 7;
    mien_fold_options o = options_of(MIEN_FOLDS_STRATIFIED, 3, 0);
    o.label = few;
    assert_fails(mien_folds_deal(6, &o, fold, &folds), MIEN_EINVAL,
        "3 folds, but class 1 has only 2 rows");
    o.label = missing;
    assert_fails(
        mien_folds_deal(6, &o, fold, &folds), MIEN_EINVAL, "row 2 has no class");
    assert_int_equal(folds, 7);
}

static void an_empty_class_is_told(void **state) {
    (void)state;
    const int gap[] = {0, 0, 2, 2}, full[] = {0, 0, 1, 1};
    int fold[4], folds;
    mien_fold_options o = options_of(MIEN_FOLDS_STRATIFIED, 2, 0);
    o.label = gap;
    assert_fails(mien_folds_deal(4, &o, fold, &folds), MIEN_EINVAL,
        "class 1 of 3 has no rows: leave it out");
    o.label = full;
    assert_good(mien_folds_deal(4, &o, fold, &folds));
    o.classes = 3;
    assert_fails(mien_folds_deal(4, &o, fold, &folds), MIEN_EINVAL, "class 2 of 3");
    o.classes = 1;
    assert_fails(
        mien_folds_deal(4, &o, fold, &folds), MIEN_EINVAL, "row 2 has no class");
}

static void empty_bins_do_no_harm(void **state) {
    (void)state;
    const double value[] = {1, 1, 1, 1, 9, 9};
    int fold[6], folds, high[2] = {0};
    mien_fold_options o = options_of(MIEN_FOLDS_STRATIFIED, 2, 0);
    o.value = value;
    o.bins = 3;
    assert_good(mien_folds_deal(6, &o, fold, &folds));
    high[fold[4]]++;
    high[fold[5]]++;
    assert_true(high[0] == 1 && high[1] == 1);
    o.bins = 0;
    assert_fails(mien_folds_deal(6, &o, fold, &folds), MIEN_EINVAL, "0 bins");
}

/* Groups of 1 to 9 rows that each lean to one class. */
static void make_groups(const char *group[MANY], int labels[MANY]) {
    static char names[MANY][8];
    mien_random r;
    mien_random_init(&r, 11);
    int number = 0, left = 0, leaning = 0;
    for (int i = 0; i < MANY; i++) {
        if (left-- == 0) {
            number++;
            left = (int)mien_random_interval(&r, 8);
            leaning = (int)mien_random_interval(&r, CLASSES - 1);
        }
        snprintf(names[i], sizeof names[i], "g%d", number);
        group[i] = names[i];
        labels[i] = mien_random_uniform(&r) < 0.7
                        ? leaning
                        : (int)mien_random_interval(&r, CLASSES - 1);
    }
}

static void count_classes(
    const int *fold, const int *labels, double share[K][CLASSES]) {
    double all[CLASSES] = {0};
    memset(share, 0, sizeof(double) * K * CLASSES);
    for (int i = 0; i < MANY; i++) {
        share[fold[i]][labels[i]]++;
        all[labels[i]]++;
    }
    for (int f = 0; f < K; f++) {
        for (int c = 0; c < CLASSES; c++) {
            share[f][c] /= all[c];
        }
    }
}

static void groups_stay_whole_and_classes_even(void **state) {
    (void)state;
    const char *group[MANY];
    int labels[MANY], fold[MANY], folds;
    double share[K][CLASSES];
    make_groups(group, labels);
    for (uint32_t seed = 0; seed < 5; seed++) {
        mien_fold_options o = options_of(MIEN_FOLDS_STRATIFIED_GROUPS, K, seed);
        o.group = group;
        o.label = labels;
        assert_good(mien_folds_deal(MANY, &o, fold, &folds));
        for (int i = 1; i < MANY; i++) {
            assert_true(strcmp(group[i], group[i - 1]) || fold[i] == fold[i - 1]);
        }
        count_classes(fold, labels, share);
        for (int f = 0; f < K; f++) {
            for (int c = 0; c < CLASSES; c++) {
                assert_near(share[f][c], 1.0 / K, 0.04);
            }
        }
    }
}

static void the_seed_decides_the_stratified_groups(void **state) {
    (void)state;
    const char *group[MANY];
    int labels[MANY], a[MANY], b[MANY], c[MANY], folds;
    make_groups(group, labels);
    mien_fold_options o = options_of(MIEN_FOLDS_STRATIFIED_GROUPS, K, 1);
    o.group = group;
    o.label = labels;
    assert_good(mien_folds_deal(MANY, &o, a, &folds));
    assert_good(mien_folds_deal(MANY, &o, b, &folds));
    o.seed = 2;
    assert_good(mien_folds_deal(MANY, &o, c, &folds));
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, c, sizeof a);
}

static void every_fold_gets_a_group(void **state) {
    (void)state;
    const char *group[] = {"a", "a", "a", "a", "b", "c"};
    const int labels[] = {0, 0, 0, 0, 1, 1};
    int fold[6], folds, seen[3] = {0};
    mien_fold_options o = options_of(MIEN_FOLDS_STRATIFIED_GROUPS, 3, 0);
    o.group = group;
    o.label = labels;
    assert_good(mien_folds_deal(6, &o, fold, &folds));
    for (int i = 0; i < 6; i++) {
        seen[fold[i]]++;
    }
    assert_true(seen[0] && seen[1] && seen[2]);
    o.k = 4;
    assert_fails(
        mien_folds_deal(6, &o, fold, &folds), MIEN_EINVAL, "4 folds of 3 groups");
}

static mien_status deal_again(void *context) {
    const mien_fold_options *o = context;
    int fold[ROWS], folds;
    return mien_folds_deal(ROWS, o, fold, &folds);
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    const char *group[ROWS];
    for (int i = 0; i < ROWS; i++) {
        group[i] = i % 2 ? "a" : i % 3 ? "b" : "c";
    }
    mien_fold_options o = options_of(MIEN_FOLDS_STRATIFIED, 3, 0);
    o.label = label;
    support_each_allocation_fails(deal_again, &o, 50);
    o.rule = MIEN_FOLDS_STRATIFIED_GROUPS;
    o.group = group;
    support_each_allocation_fails(deal_again, &o, 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stratified_folds_are_those_of_scikit_learn),
        cmocka_unit_test(a_continuous_target_is_stratified_by_its_bins),
        cmocka_unit_test(a_class_smaller_than_the_folds_is_refused),
        cmocka_unit_test(an_empty_class_is_told),
        cmocka_unit_test(empty_bins_do_no_harm),
        cmocka_unit_test(groups_stay_whole_and_classes_even),
        cmocka_unit_test(the_seed_decides_the_stratified_groups),
        cmocka_unit_test(every_fold_gets_a_group),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
