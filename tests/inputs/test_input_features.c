/* SPDX-License-Identifier: MIT */
/* Rows of features: one rule for what is missing and what is wrong. */
#include "support/support.h"

#include "mien/inputs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char csv[] = "1,2,3\n4,nan,6\nnan,nan,nan\n7,8,inf\n";

static mien_reader *open_reader(bool standardise, const char **path) {
    mien_input input;
    mien_reader *reader = NULL;
    *path = support_write("rows.csv", csv, strlen(csv));
    mien_place first = {.file = *path, .row = 0};
    assert_good(mien_input_init(&input, "features", "x"));
    assert_string_equal(input.column, "features.x");
    assert_good(mien_input_measure(&input, &first));
    assert_int_equal(input.shape.size[0], 3);
    input.standardise = standardise;
    assert_good(mien_reader_open(&input, NULL, &reader));
    return reader;
}

static mien_status load(mien_reader *reader, const char *path, int64_t row, float *x) {
    mien_place place = mien_place_of(path);
    place.row = row;
    return mien_reader_load(reader, &place, x);
}

static void a_row_is_read_and_one_of_nan_alone_is_missing(void **state) {
    (void)state;
    const char *path;
    float x[3], y[3];
    mien_reader *reader = open_reader(false, &path);
    assert_int_equal(mien_reader_bytes(reader), sizeof x);
    assert_good(load(reader, path, 0, x));
    assert_good(mien_reader_make(reader, x, NULL, y, NULL));
    assert_true(y[0] == 1 && y[2] == 3);
    assert_int_equal(load(reader, path, 2, x), MIEN_END);
    mien_reader_close(&reader);
}

static void a_single_nan_is_an_error_unless_it_will_be_filled(void **state) {
    (void)state;
    const char *path;
    float x[3];
    mien_reader *reader = open_reader(false, &path);
    assert_fails(load(reader, path, 1, x), MIEN_ENUMBER, "value 1 of row 1 is NaN");
    mien_reader_close(&reader);
    reader = open_reader(true, &path);
    assert_good(load(reader, path, 1, x));
    assert_true(isnan(x[1]) && x[2] == 6);
    assert_fails(
        load(reader, path, 3, x), MIEN_ENUMBER, "value 2 of row 3 is infinite");
    mien_reader_close(&reader);
}

static void rows_in_one_go_are_those_one_by_one(void **state) {
    (void)state;
    const char *path;
    float values[3 * 3], one[3], seen[3];
    mien_reader *reader = open_reader(true, &path);
    mien_place place = mien_place_of(path);
    place.row = 0;
    assert_good(mien_reader_load_rows(reader, &place, 3, values, seen));
    assert_true(seen[0] == 1 && seen[1] == 1 && seen[2] == 0);
    for (int r = 0; r < 2; r++) {
        assert_good(load(reader, path, r, one));
        assert_memory_equal(one, values + 3 * r, sizeof one);
    }
    place.row = 2;
    assert_fails(mien_reader_load_rows(reader, &place, 2, values, seen), MIEN_ENUMBER,
        "value 2 of row 3 is infinite");
    assert_fails(mien_reader_load_rows(reader, &place, 3, values, seen), MIEN_ENOTFOUND,
        "rows.csv");
    mien_reader_close(&reader);
}

/* More files than stay open, in turns. */
static void files_that_take_turns_keep_their_rows(void **state) {
    (void)state;
    enum { FILES = 11, ROUNDS = 3 };
    char path[FILES][4096];
    const char *first;
    float x[3];
    mien_reader *reader = open_reader(false, &first);
    for (int f = 0; f < FILES; f++) {
        char name[32], text[64];
        snprintf(name, sizeof name, "turn%d.csv", f);
        snprintf(text, sizeof text, "%d,0.5,2\n%d,0.5,3\n", f, 100 + f);
        snprintf(
            path[f], sizeof path[f], "%s", support_write(name, text, strlen(text)));
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int f = 0; f < FILES; f++) {
            int at = (f * (round + 3)) % FILES;
            assert_good(load(reader, path[at], round % 2, x));
            assert_near(x[0], at + 100 * (round % 2), 0);
        }
    }
    mien_reader_close(&reader);
}

static void a_whole_file_of_one_item_has_all_its_values(void **state) {
    (void)state;
    static const char text[] = "1,2\n3,4\n";
    const char *path = support_write("whole.csv", text, strlen(text));
    mien_place place = mien_place_of(path);
    mien_input input;
    mien_reader *reader = NULL;
    float x[4];
    assert_good(mien_input_init(&input, "features", "x"));
    assert_good(mien_input_measure(&input, &place));
    assert_int_equal(input.shape.size[0], 4);
    assert_good(mien_reader_open(&input, NULL, &reader));
    assert_good(mien_reader_load(reader, &place, x));
    assert_true(x[3] == 4);
    mien_reader_close(&reader);
}

static void another_width_and_no_file_are_told(void **state) {
    (void)state;
    static const char text[] = "1,2\n3,4\n";
    const char *path, *other = support_write("other.csv", text, strlen(text));
    float x[3];
    mien_reader *reader = open_reader(false, &path);
    assert_fails(
        load(reader, other, 0, x), MIEN_ESHAPE, "2 values where input x has 3");
    assert_int_not_equal(load(reader, support_temp_path("gone.csv"), 0, x), MIEN_OK);
    assert_good(load(reader, path, 0, x)); /* it goes on with a good one */
    mien_reader_close(&reader);
}

static void augmentation_of_features_is_refused(void **state) {
    (void)state;
    mien_input input;
    mien_augment *augment = NULL;
    mien_reader *reader = NULL;
    assert_good(mien_augment_new(&augment));
    assert_good(mien_input_features("x", 3, &input));
    assert_fails(mien_reader_open(&input, augment, &reader), MIEN_EINVAL, "features");
    mien_augment_free(&augment);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_read_and_one_of_nan_alone_is_missing),
        cmocka_unit_test(a_single_nan_is_an_error_unless_it_will_be_filled),
        cmocka_unit_test(rows_in_one_go_are_those_one_by_one),
        cmocka_unit_test(files_that_take_turns_keep_their_rows),
        cmocka_unit_test(a_whole_file_of_one_item_has_all_its_values),
        cmocka_unit_test(another_width_and_no_file_are_told),
        cmocka_unit_test(augmentation_of_features_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
