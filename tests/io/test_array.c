/* SPDX-License-Identifier: MIT */
/* Files of numbers in every format: the same rows, and mistakes with file and row. */
#include "support/support.h"

#include "mien/io.h"

#include <math.h>
#include <string.h>

#define GOLDEN "tests/golden/arrays/"

static mien_array *opened(const char *path) {
    mien_array *array = NULL;
    assert_good(mien_array_open(path, &array));
    return array;
}

static mien_array *golden(const char *name) {
    char path[200] = GOLDEN;
    strcat(path, name);
    return opened(support_source(path));
}

static void assert_refused(const char *path, mien_status status, const char *part) {
    mien_array *array = NULL;
    assert_fails(mien_array_open(path, &array), status, part);
    assert_null(array);
}

static const char *text_file(const char *name, const char *text) {
    return support_write(name, text, strlen(text));
}

/* The golden arrays are [3, 2, 2] with value i / 4. */
static void assert_quarters(mien_array *array, int rank) {
    float want[12], got[12];
    for (int i = 0; i < 12; i++) {
        want[i] = (float)i / 4;
    }
    assert_int_equal(mien_array_rank(array), rank);
    assert_int_equal(mien_array_shape(array)[0], 3);
    assert_int_equal(mien_array_width(array), 4);
    assert_good(mien_array_read(array, 0, 3, got));
    assert_close(got, want, 12, 0, 0);
    memset(got, 0, sizeof got);
    assert_good(mien_array_read(array, 1, 1, got));
    assert_close(got, want + 4, 4, 0, 0);
    mien_array_close(&array);
    assert_null(array);
}

static void every_format_gives_the_same_rows(void **state) {
    (void)state;
    assert_quarters(golden("f4.npy"), 3);
    assert_quarters(golden("f8.npy"), 3);
    assert_quarters(golden("one.npz"), 3);
    assert_quarters(golden("packed.npz"), 3);
    assert_quarters(golden("packed.npz#f8"), 3);
    assert_quarters(golden("many.h5"), 3);
    assert_quarters(golden("many.h5#group/other"), 3);
    assert_quarters(golden("pandas.csv"), 2);
    assert_quarters(golden("header.tsv"), 2);
    assert_quarters(golden("plain.csv"), 2);
}

static void one_dimension_is_rows_of_one_value(void **state) {
    (void)state;
    float got[3];
    static const float want[] = {5, 6, 7};
    mien_array *array = opened(text_file("one.csv", "5\n6\n7\n"));
    assert_int_equal(mien_array_width(array), 1);
    assert_good(mien_array_read(array, 0, 3, got));
    assert_close(got, want, 3, 0, 0);
    mien_array_close(&array);
    array = golden("vector.npy");
    assert_int_equal(mien_array_rank(array), 1);
    assert_int_equal(mien_array_width(array), 1);
    assert_good(mien_array_read(array, 2, 1, got));
    assert_true(got[0] == 2);
    mien_array_close(&array);
}

static void missing_cells_are_nan(void **state) {
    (void)state;
    float got[4];
    mien_array *array = opened(text_file("gaps.csv", "a,b\n1,n/a\n,4\n"));
    assert_good(mien_array_read(array, 0, 2, got));
    assert_true(got[0] == 1 && isnan(got[1]) && isnan(got[2]) && got[3] == 4);
    mien_array_close(&array);
    array = opened(text_file("first.csv", "1, nan\n 2, 4\n"));
    assert_int_equal(mien_array_shape(array)[0], 2);
    mien_array_close(&array);
}

static void a_file_named_with_a_hash_is_found(void **state) {
    (void)state;
    mien_array *array = opened(text_file("take#1.csv", "1,2\n"));
    assert_int_equal(mien_array_width(array), 2);
    mien_array_close(&array);
}

static void rows_that_are_not_there_are_refused(void **state) {
    (void)state;
    float got[12];
    mien_array *array = golden("f4.npy");
    assert_fails(mien_array_read(array, 3, 1, got), MIEN_ENOTFOUND,
        "f4.npy: there is no row 3; it has 3");
    assert_fails(mien_array_read(array, 2, 2, got), MIEN_ENOTFOUND, "no row 3");
    assert_fails(mien_array_read(array, -1, 1, got), MIEN_ENOTFOUND, "no row -1");
    assert_fails(mien_array_read(array, 0, INT64_MAX, got), MIEN_ENOTFOUND, "no row 3");
    assert_good(mien_array_read(array, 3, 0, got));
    mien_array_close(&array);
}

static void what_cannot_be_read_says_why(void **state) {
    (void)state;
    assert_refused("x.mat", MIEN_EUNSUPPORTED, "x.mat: numbers are read from .npy");
    assert_refused("no/such.npy", MIEN_EIO, "no/such.npy");
    assert_refused("no/such.npz#a", MIEN_EIO, "no/such.npz");
    assert_refused(
        text_file("bad.csv", "a,b\n1,2\n3,x\n"), MIEN_EFORMAT, "bad.csv:3: column");
    assert_refused(text_file("short.csv", "1,2\n3\n"), MIEN_EFORMAT, "short.csv:2:");
    assert_refused(text_file("not.npz", "hello"), MIEN_EFORMAT, "not.npz");
    assert_refused(support_source(GOLDEN "f4.npy#x"), MIEN_EINVAL, "holds one array");
    assert_refused(support_source(GOLDEN "single.npy"), MIEN_ESHAPE, "single value");
    assert_refused(support_source(GOLDEN "packed.npz#no"), MIEN_ENOTFOUND,
        "no array \"no\"; there are: data.npy, f8.npy");
    assert_refused(
        support_source(GOLDEN "two.npz"), MIEN_ENOTFOUND, "name one of a.npy, b.npy");
    assert_refused(support_source(GOLDEN "many.h5#no"), MIEN_ENOTFOUND, "there are");
    assert_refused(support_source(GOLDEN "bomb.npz"), MIEN_ELIMIT, "claims");
}

static void features_of_attend_affect_net_are_rows(void **state) {
    (void)state;
    float last[1582];
    mien_array *array =
        opened(support_shared("data/attendaffectnet/emobase_sample.h5"));
    assert_int_equal(mien_array_shape(array)[0], 10);
    assert_int_equal(mien_array_width(array), 1582);
    assert_good(mien_array_read(array, 9, 1, last));
    assert_near((double)last[1581], 0.32, 1e-6);
    mien_array_close(&array);
}

static mien_status open_and_read(void *context) {
    mien_array *array = NULL;
    float row[4];
    mien_status status = mien_array_open(context, &array);
    if (status == MIEN_OK) {
        status = mien_array_read(array, 0, 1, row);
    }
    mien_array_close(&array);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    static const char *const names[] = {
        "f8.npy", "packed.npz#f8", "many.h5#group/other", "pandas.csv", "plain.csv"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[200] = GOLDEN;
        strcat(path, names[i]);
        support_each_allocation_fails(open_and_read, (void *)support_source(path), 100);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_gives_the_same_rows),
        cmocka_unit_test(one_dimension_is_rows_of_one_value),
        cmocka_unit_test(missing_cells_are_nan),
        cmocka_unit_test(a_file_named_with_a_hash_is_found),
        cmocka_unit_test(rows_that_are_not_there_are_refused),
        cmocka_unit_test(what_cannot_be_read_says_why),
        cmocka_unit_test(features_of_attend_affect_net_are_rows),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
