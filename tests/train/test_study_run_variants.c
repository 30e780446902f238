/* SPDX-License-Identifier: MIT */
/* Further deals of the folds and exchanged labels: a deal is what a study with that
 * seed would be, and labels that say nothing have no small p. */
#include "train/runs.h"

#include <math.h>

static const char *const BASE[] = {"epochs=3", "optimiser.rate=0.02", "folds.k=3"};

static mien_value *results_of(const char *run) {
    mien_value *results = NULL;
    char *path = mien_path_join(run, "results.json");
    assert_good(mien_value_read(path, &results));
    mien_free(path);
    return results;
}

/* r of valence: among a target's metrics. */
static const mien_value *r_of(const mien_value *targets) {
    const mien_value *metrics = mien_value_get(mien_value_at(targets, 0), "metrics");
    for (int64_t i = 0; i < mien_value_count(metrics); i++) {
        const mien_value *one = mien_value_at(metrics, i);
        if (strcmp(mien_value_text(mien_value_get(one, "name")), "r") == 0) {
            return one;
        }
    }
    return NULL;
}

static double number_of(const mien_value *map, const char *key) {
    return mien_value_number(mien_value_get(map, key), NAN);
}

static void a_deal_is_the_study_with_its_seed(void **state) {
    (void)state;
    const char *const three[] = {BASE[0], BASE[1], BASE[2], "folds.repeats=3"};
    const char *const second[] = {BASE[0], BASE[1], BASE[2], "folds.seed=1"};
    const char *many = run_path("many"), *one = run_path("one");
    assert_good(train(many, three, 4));
    assert_good(train(one, second, 4));
    mien_value *a = results_of(many), *b = results_of(one);
    const mien_value *deals =
        r_of(mien_value_get(mien_value_get(a, "deals"), "targets"));
    const mien_value *values = mien_value_get(deals, "values");
    assert_int_equal(mien_value_count(values), 3);
    assert_near(mien_value_number(mien_value_at(values, 1), NAN),
        number_of(r_of(mien_value_get(b, "targets")), "value"), 1e-9);
    assert_near(mien_value_number(mien_value_at(values, 0), NAN),
        number_of(r_of(mien_value_get(a, "targets")), "value"), 1e-9);
    double x[3], mean = 0, square = 0;
    for (int k = 0; k < 3; k++) {
        x[k] = mien_value_number(mien_value_at(values, k), NAN);
        mean += x[k] / 3;
    }
    for (int k = 0; k < 3; k++) {
        square += (x[k] - mean) * (x[k] - mean);
    }
    assert_near(number_of(deals, "mean"), mean, 1e-12);
    assert_near(number_of(deals, "sd"), sqrt(square / 2), 1e-12);
    char x_hash[65], y_hash[65];
    hash_of(many, "deal-1/predictions.csv", x_hash);
    hash_of(one, "predictions.csv", y_hash);
    assert_string_equal(x_hash, y_hash);
    mien_value_free(&b);
    mien_value_free(&a);
}

static void exchanged_labels_have_a_p(void **state) {
    (void)state;
    const char *const set[] = {
        BASE[0], "optimiser.rate=0.05", BASE[2], "permutations=4"};
    const char *run = run_path("permuted");
    assert_good(train(run, set, 4));
    mien_value *results = results_of(run);
    const mien_value *p =
        r_of(mien_value_get(mien_value_get(results, "permutation"), "targets"));
    double value = number_of(p, "p") * 5;
    assert_true(value >= 1 && value <= 5 && fabs(value - round(value)) < 1e-9);
    char *left = mien_path_join(run, "permuted");
    assert_false(mien_file_is_directory(left));
    mien_free(left);
    mien_value_free(&results);
}

static void a_rule_without_a_draw_is_refused(void **state) {
    (void)state;
    const char *const set[] = {"folds.rule=leave-one-group-out", "folds.repeats=2"};
    assert_fails(train(run_path("refused"), set, 2), MIEN_EFORMAT, "folds.repeats");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_deal_is_the_study_with_its_seed),
        cmocka_unit_test(exchanged_labels_have_a_p),
        cmocka_unit_test(a_rule_without_a_draw_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
