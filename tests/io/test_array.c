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

static void assert_rows(mien_array *array, int64_t rows, int64_t width, float first) {
    float got[8];
    assert_int_equal(mien_array_shape(array)[0], rows);
    assert_int_equal(mien_array_width(array), width);
    assert_good(mien_array_read(array, 0, 1, got));
    assert_true(got[0] == first || (isnan(first) && isnan(got[0])));
    mien_array_close(&array);
}

static void a_bad_first_row_is_no_header(void **state) {
    (void)state;
    assert_refused(text_file("null.csv", "null,0.2,0.3\n0.4,0.5,0.6\n"), MIEN_EFORMAT,
        "null.csv:1: column \"1\": \"null\" is not a number, but others in this line "
        "are");
    assert_refused(
        text_file("odd.csv", "a,2019,b\n1,2,3\n"), MIEN_EFORMAT, "odd.csv:1:");
    assert_rows(
        opened(text_file("blank.csv", ",0.2,0.3\n0.4,0.5,0.6\n")), 2, 3, (float)NAN);
    assert_rows(opened(text_file("na.csv", "n/a,0.2\n0.4,0.5\n")), 2, 2, (float)NAN);
}

static void names_that_count_from_0_are_a_header(void **state) {
    (void)state;
    assert_rows(opened(text_file("pd.csv", "0,1,2\n0.1,0.2,0.3\n4,5,6\n")), 2, 3, 0.1f);
    assert_rows(opened(text_file("pi.csv", ",0,1\n7,2,3\n8,4,5\n")), 2, 2, 2);
    assert_rows(opened(text_file("pn.csv", "frame,0,1\n7,2,3\n8,4,5\n")), 2, 3, 7);
}

/* Whole numbers below leave it open: they are kept, and the log says so. */
static void a_count_above_whole_numbers_is_values(void **state) {
    (void)state;
    assert_rows(opened(text_file("whole.csv", "0,1,2\n1,0,2\n")), 2, 3, 0);
    assert_rows(opened(text_file("two.csv", "0,1\n0.5,0.25\n")), 2, 2, 0);
    assert_rows(opened(text_file("time.csv", "0\n0.5\n1\n")), 3, 1, 0);
}

static void blanks_part_the_cells_of_a_txt_without_tabs(void **state) {
    (void)state;
    static const char *const texts[] = {"0.25 2e0 3\n 4  5   6 \n",
        "# a b c\n0.25 2 3\n4 5 6\n", "0.25, 2, 3\n4, 5, 6\n", "0.25;2;3\n4;5;6\n",
        "0.25\t2\t3\n4\t5\t6\n", "a b c\r\n0.25 2 3\r\n4 5 6\r\n",
        "#x\r\n#y\r\n0.25 2 3\r\n4 5 6\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        float got[6], want[] = {0.25f, 2, 3, 4, 5, 6};
        mien_array *array = opened(text_file("x.txt", texts[i]));
        assert_int_equal(mien_array_width(array), 3);
        assert_good(mien_array_read(array, 0, 2, got));
        assert_close(got, want, 6, 0, 0);
        mien_array_close(&array);
    }
    assert_rows(opened(text_file("one.txt", "1e-1 2e-1 3e-1\n")), 1, 3, 0.1f);
    assert_refused(
        text_file("line.txt", "# a\n\n1 2\n3 x\n"), MIEN_EFORMAT, "line.txt:2");
    assert_refused(text_file("bad.txt", "# a\n1 2\n3 x\n"), MIEN_EFORMAT, "bad.txt:3:");
    assert_refused(text_file("none.txt", "# a\n"), MIEN_EFORMAT, "empty");
}

static void decimal_commas_are_read_where_nothing_else_is_meant(void **state) {
    (void)state;
    static const char *const texts[] = {"a;b;c\n0,25;2;-3,0\n4;5,5;6e-1\n",
        "0,25 2 -3,0\n4 5,5 6e-1\n", "0,25\t2,000\t-3,0\n4\t 5,5 \t6e-1\n",
        "\"0,25\",\"2\",\"-3,0\"\n4,\"5,5\",6e-1\n", "1;2;3\n0,250;2;-3\n4;5,5;0,6\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        float got[6], want[] = {0.25f, 2, -3, 4, 5.5f, 0.6f};
        mien_array *array = opened(text_file("x.txt", texts[i]));
        int64_t rows = mien_array_shape(array)[0];
        assert_int_equal(mien_array_width(array), 3);
        assert_good(mien_array_read(array, rows - 2, 2, got));
        assert_close(got, want, 6, 0, 0);
        mien_array_close(&array);
    }
    assert_refused(text_file("t.tsv", "a\tb\n1,797\t2\n1,250\t3\n"), MIEN_EFORMAT,
        "t.tsv:2: column \"1\": \"1,797\" is not a number (a decimal comma?");
    assert_refused(text_file("m.csv", "a;b\n1,5;2\n1.5;3\n"), MIEN_EFORMAT,
        "m.csv:2: column \"1\": \"1,5\" is not a number (a decimal comma?");
}

/* Made by others: see the folder's README. */
static void published_mistakes_read_right(void **state) {
    (void)state;
#define CASE(name) support_shared("cases/data/05-header-guessed/" name)
    assert_rows(opened(CASE("plain.csv")), 4, 3, 0.1f);
    assert_rows(opened(CASE("empty_first.csv")), 4, 3, (float)NAN);
    assert_rows(opened(CASE("pandas_index_false.csv")), 4, 3, 0.1f);
    assert_rows(opened(CASE("savetxt.txt")), 4, 3, 0.1f);
    assert_rows(opened(CASE("savetxt_one_row.txt")), 1, 3, 0.1f);
#undef CASE
}

static void assert_case(const char *name, int64_t rows, int n, const float *want) {
    char path[100] = "cases/data/13-arrays/";
    float got[400];
    strcat(path, name);
    mien_array *array = opened(support_shared(path));
    assert_int_equal(mien_array_shape(array)[0], rows);
    assert_int_equal(mien_array_width(array) * rows, n);
    assert_good(mien_array_read(array, 0, rows, got));
    assert_close(got, want, n, 0, 0);
    mien_array_close(&array);
}

static void published_arrays_read_as_numpy_does(void **state) {
    (void)state;
    static const float turned[] = {0, 2, 4, 1, 3, 5}, flags[] = {1, 0, 0, 1};
    float counted[400];
    for (int i = 0; i < 400; i++) {
        counted[i] = (float)i;
    }
    assert_case("fortran.npy", 2, 6, turned);
    assert_case("big_endian.npy", 2, 6, counted);
    assert_case("uint32.npy", 2, 6, counted);
    assert_case("bool.h5", 2, 4, flags);
    assert_case("lzf.h5", 20, 400, counted);
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
        cmocka_unit_test(a_bad_first_row_is_no_header),
        cmocka_unit_test(names_that_count_from_0_are_a_header),
        cmocka_unit_test(a_count_above_whole_numbers_is_values),
        cmocka_unit_test(blanks_part_the_cells_of_a_txt_without_tabs),
        cmocka_unit_test(decimal_commas_are_read_where_nothing_else_is_meant),
        cmocka_unit_test(published_mistakes_read_right),
        cmocka_unit_test(published_arrays_read_as_numpy_does),
        cmocka_unit_test(missing_cells_are_nan),
        cmocka_unit_test(a_file_named_with_a_hash_is_found),
        cmocka_unit_test(rows_that_are_not_there_are_refused),
        cmocka_unit_test(what_cannot_be_read_says_why),
        cmocka_unit_test(features_of_attend_affect_net_are_rows),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
