/* SPDX-License-Identifier: MIT */
/* Studies of every kind give the predictions that they gave when they were first
 * trained: stored in tests/golden/versions by
 *     MIEN_TEST_KEEP=tests/golden/versions
 * build/release/tests/test_contract_reference_studies at the commit that added them
 * (mien 0.1.0, one thread, exact). */
#include <math.h>
#include <stdlib.h>

#include "contract/reference.h"

/* Sums are rounded in another order on other processors, and steps of training add to
 * it: a share of the largest number in the column's range. */
#define TOLERANCE 1e-6

static int set_up(void **state) {
    (void)state;
    reference_make();
    reference_weights();
    return 0;
}

static const char *trained(const reference_study *r) {
    static char run[4096];
    char name[64];
    mien_study *study = NULL;
    mien_train_options o = mien_train_options_default();
    o.threads = 1;
    o.exact = true;
    o.weights = r->weights ? reference_weights() : NULL;
    snprintf(name, sizeof name, "%s.yaml", r->name);
    const char *path = reference_write(name, r->text);
    assert_good(mien_study_open(path, NULL, 0, &study));
    snprintf(name, sizeof name, "run-%s", r->name);
    snprintf(run, sizeof run, "%s", support_temp_path(name));
    assert_good(mien_train(study, run, &o));
    mien_study_close(&study);
    return run;
}

static void keep(
    const char *run, const char *file, const char *folder, const char *as) {
    char *from = mien_path_join(run, file), *to = mien_path_join(folder, as);
    char *bytes = NULL;
    size_t length = 0;
    assert_good(mien_file_read(from, 1 << 20, &bytes, &length));
    assert_good(mien_file_write(to, bytes, length));
    mien_free(bytes);
    mien_free(from);
    mien_free(to);
}

static void keep_all(const char *run, const reference_study *r) {
    const char *folder = getenv("MIEN_TEST_KEEP");
    char name[64];
    if (folder) {
        snprintf(name, sizeof name, "%s.csv", r->name);
        keep(run, "predictions.csv", folder, name);
        snprintf(name, sizeof name, "version-%d.safetensors", r->version);
        keep(run, "model.safetensors", folder, name);
    }
}

/* Cells are texts that agree, or numbers that nearly do. */
static void compare_cell(const char *got, const char *want, const char *column) {
    char *a, *b;
    double x = strtod(got, &a), y = strtod(want, &b);
    if (*a || *b || a == got || b == want) {
        assert_string_equal(got, want);
    } else if (!(fabs(x - y) <= TOLERANCE * fmax(1, fabs(y)))) {
        fail_msg("%s: %s where %s was predicted", column, got, want);
    }
}

static void compare(const char *run, const reference_study *r) {
    mien_table *got = NULL, *want = NULL;
    char name[64], *path = mien_path_join(run, "predictions.csv");
    snprintf(name, sizeof name, "%s.csv", r->name);
    assert_good(mien_table_read(path, NULL, &got));
    assert_good(mien_table_read(reference_golden(name), NULL, &want));
    assert_int_equal(mien_table_rows(got), mien_table_rows(want));
    assert_int_equal(mien_table_rows(want), REFERENCE_ROWS);
    for (int c = 0; c < mien_table_columns(want); c++) {
        const char *column = mien_table_name(want, c);
        int at = mien_table_column(got, column);
        assert_true(at >= 0);
        for (int64_t i = 0; i < REFERENCE_ROWS; i++) {
            compare_cell(
                mien_table_cell(got, i, at), mien_table_cell(want, i, c), column);
        }
    }
    mien_table_free(&got);
    mien_table_free(&want);
    mien_free(path);
}

static void check_study(int index) {
    const reference_study *r = &reference_studies[index];
    const char *run = trained(r);
    mien_model *model = NULL;
    char *path = mien_path_join(run, "model.safetensors");
    keep_all(run, r);
    compare(run, r);
    assert_good(mien_model_open(path, &model));
    assert_int_equal(
        mien_value_int(mien_value_get(mien_model_contract(model), "version"), 0),
        r->version);
    mien_model_close(&model);
    mien_free(path);
}

static void a_read_out_predicts_as_ever(void **state) {
    (void)state;
    check_study(0);
}

static void a_network_on_pictures_predicts_as_ever(void **state) {
    (void)state;
    check_study(1);
}

static void a_network_over_features_predicts_as_ever(void **state) {
    (void)state;
    check_study(2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_read_out_predicts_as_ever),
        cmocka_unit_test(a_network_on_pictures_predicts_as_ever),
        cmocka_unit_test(a_network_over_features_predicts_as_ever),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
