/* SPDX-License-Identifier: MIT */
/* Features of trials: rows found in files of any form, and mistakes named by file, row
 * and trial. */
#include "data/fixtures.h"

#include "data/importers/features.h"

#define SIDECAR                                                                        \
    "{\"version\":1,\"targets\":{\"valence\":{\"range\":[-1,1],\"unit\":\"\","         \
    "\"construct\":\"evoked\",\"perspective\":\"normative\"}}}"
#define HEAD "trial\tgroup\tvalence\tfeatures.a\n"

/* films.h5 has a [3, 2] with value 10 row + column, and other; b.csv one row. */
static void make_files(void) {
    float a[] = {0, 1, 10, 11, 20, 21}, wide[] = {1, 2, 3};
    mien_tensor sets[2] = {{.dtype = MIEN_F32, .rank = 2, .shape = {3, 2}, .data = a},
        {.dtype = MIEN_F32, .rank = 2, .shape = {1, 3}, .data = wide}};
    const mien_tensor *both[] = {&sets[0], &sets[1]};
    static const char *const names[] = {"default", "wide"};
    assert_good(mien_hdf5_write(support_temp_path("films.h5"), 2, names, both));
    fixture_text("b.csv", "7\n8\n");
    fixture_text("c.csv", "1,nan\n1,inf\n");
}

static mien_trials *table_of(const char *rows) {
    char text[2000] = HEAD;
    mien_trials *t = NULL;
    strcat(text, rows);
    make_files();
    fixture_text("t.json", SIDECAR);
    fixture_text("t.tsv", text);
    assert_good(mien_trials_open(support_temp_path("t.tsv"), &t));
    return t;
}

static void rows_are_read_in_the_order_asked_for(void **state) {
    (void)state;
    static const int64_t rows[] = {3, 1, 0, 2, 3};
    static const float want[] = {0, 1, 0, 0, 20, 21, 7, 8, 0, 1};
    float *values = NULL;
    bool *present = NULL;
    int64_t width = 0;
    mien_trials *t = table_of("one\tBMI\t0\tfilms.h5#2\n"
                              "two\tBMI\t0\tn/a\n"
                              "three\tLOR\t0\tb.csv\n"
                              "four\tLOR\t0\tfilms.h5#default:0\n");
    assert_good(mien_trials_features(t, "a", rows, 5, &values, &present, &width));
    assert_int_equal(width, 2);
    assert_close(values, want, 10, 0, 0);
    for (int i = 0; i < 5; i++) {
        assert_true(present[i] == (i != 1));
    }
    mien_free(values);
    mien_free(present);
    mien_trials_close(&t);
}

static void rows_without_any_learn_the_width_from_others(void **state) {
    (void)state;
    static const int64_t rows[] = {0, 0};
    static const float want[4];
    float *values = NULL;
    bool *present = NULL;
    int64_t width = 0;
    mien_trials *t = table_of("one\tBMI\t0\tn/a\ntwo\tBMI\t0\tfilms.h5#2\n");
    assert_good(mien_trials_features(t, "a", rows, 2, &values, &present, &width));
    assert_int_equal(width, 2);
    assert_close(values, want, 4, 0, 0);
    assert_false(present[0] || present[1]);
    mien_free(values);
    mien_free(present);
    mien_trials_close(&t);
}

static void assert_refused(
    const char *rows, int64_t count, mien_status status, const char *part) {
    static const int64_t order[] = {0, 1, 2};
    float *values = NULL;
    bool *present = NULL;
    int64_t width = -7;
    mien_trials *t = table_of(rows);
    assert_fails(mien_trials_features(t, "a", order, count, &values, &present, &width),
        status, part);
    assert_null(values);
    assert_null(present);
    assert_int_equal(width, -7);
    mien_trials_close(&t);
}

static void mistakes_name_file_row_trial_and_group(void **state) {
    (void)state;
    assert_refused("one\tBMI\t0\tfilms.h5#3\n", 1, MIEN_ENOTFOUND,
        "t.tsv:2: features.a of trial \"one\" (group \"BMI\"): ");
    assert_refused("one\tBMI\t0\tfilms.h5#3\n", 1, MIEN_ENOTFOUND,
        "films.h5: there is no row 3; it has 3");
    assert_refused("one\tn/a\t0\tno.h5#3\n", 1, MIEN_EIO, "of trial \"one\": ");
    assert_refused("one\tn/a\t0\tfilms.h5#no:0\n", 1, MIEN_ENOTFOUND, "there are");
    assert_refused("one\tA\t0\tfilms.h5#0\ntwo\tB\t0\tfilms.h5#wide:0\n", 2,
        MIEN_ESHAPE, "trial \"two\" (group \"B\"): ");
    assert_refused("one\tA\t0\tfilms.h5#0\ntwo\tB\t0\tfilms.h5#wide:0\n", 2,
        MIEN_ESHAPE, "#wide: 3 values where input a has 2");
    assert_refused("one\tA\t0\tc.csv#0\n", 1, MIEN_ENUMBER, "value 1 of row 0 is NaN");
    assert_refused("one\tA\t0\tc.csv#1\n", 1, MIEN_ENUMBER, "row 1 is infinite");
    static const char *const cells[] = {
        "x.h5#", "x.h5#a:", "x.h5#a:b", "x.h5#:1", "x.h5#99999999999999999999"};
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        char row[100];
        snprintf(row, sizeof row, "one\tA\t0\t%s\n", cells[i]);
        assert_refused(row, 1, MIEN_EFORMAT, "is not PATH, PATH#ROW");
    }
}

static void nothing_to_read_is_an_error(void **state) {
    (void)state;
    static const int64_t rows[] = {0, 9};
    float *values = NULL;
    bool *present = NULL;
    int64_t width = 0;
    assert_refused("one\tA\t0\tn/a\n", 1, MIEN_ENOTFOUND, "no trial has features.a");
    mien_trials *t = table_of("one\tA\t0\tfilms.h5#0\n");
    assert_fails(mien_trials_features(t, "b", rows, 1, &values, &present, &width),
        MIEN_ENOTFOUND, "no column \"features.b\"");
    assert_fails(mien_trials_features(t, "a", rows, 2, &values, &present, &width),
        MIEN_EINVAL, "no row 9");
    mien_trials_close(&t);
}

static mien_status read_some(void *context) {
    static const int64_t rows[] = {0, 1, 2};
    float *values = NULL;
    bool *present = NULL;
    int64_t width = 0;
    mien_status status =
        mien_trials_features(context, "a", rows, 3, &values, &present, &width);
    mien_free(values);
    mien_free(present);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    mien_trials *t =
        table_of("one\tA\t0\tfilms.h5#0\ntwo\tA\t0\tn/a\nthree\tA\t0\tb.csv\n");
    support_each_allocation_fails(read_some, t, 100);
    mien_trials_close(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_read_in_the_order_asked_for),
        cmocka_unit_test(rows_without_any_learn_the_width_from_others),
        cmocka_unit_test(mistakes_name_file_row_trial_and_group),
        cmocka_unit_test(nothing_to_read_is_an_error),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
