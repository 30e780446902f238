/* SPDX-License-Identifier: MIT */
/* Reading and changing tables: quotes, line ends, delimiters, mistakes with their line.
 */
#include "support/support.h"

#include "mien/io.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static mien_status parse(const char *name, const char *text, mien_table **table) {
    return mien_table_parse(name, text, strlen(text), NULL, table);
}

/* Cells of all rows joined by '|', rows by '/'. */
static void assert_cells(const mien_table *table, const char *want) {
    mien_string got;
    mien_string_init(&got);
    for (int64_t r = 0; r < mien_table_rows(table); r++) {
        mien_string_add(&got, r ? "/" : "");
        for (int c = 0; c < mien_table_columns(table); c++) {
            mien_string_add(&got, c ? "|" : "");
            mien_string_add(&got, mien_table_cell(table, r, c));
        }
    }
    assert_string_equal(got.text, want);
    mien_string_clear(&got);
}

static void assert_reads(const char *name, const char *text, const char *want) {
    mien_table *table = NULL;
    assert_good(parse(name, text, &table));
    assert_cells(table, want);
    mien_table_free(&table);
}

static void assert_refused(const char *text, const char *part) {
    mien_table *table = NULL;
    assert_fails(parse("t.csv", text, &table), MIEN_EFORMAT, part);
    assert_null(table);
}

static void line_ends_of_all_systems_read_the_same(void **state) {
    (void)state;
    assert_reads("t.csv", "a,b\n1,2\n3,4\n", "1|2/3|4");
    assert_reads("t.csv", "a,b\r\n1,2\r\n3,4", "1|2/3|4");
    assert_reads("t.csv", "a,b\r1,2\r3,4\r", "1|2/3|4");
    assert_reads("t.csv", "a,b\n1,2\n3,4\n\n\r\n\n", "1|2/3|4");
}

static void without_a_header_the_first_line_is_a_row(void **state) {
    (void)state;
    mien_table_options options = mien_table_options_default();
    mien_table *table = NULL;
    options.headerless = true;
    assert_good(mien_table_parse("t.csv", "1,1\n2,3\n", 8, &options, &table));
    assert_cells(table, "1|1/2|3");
    assert_string_equal(mien_table_name(table, 1), "2");
    assert_int_equal(mien_table_column(table, "1"), 0);
    assert_int_equal(mien_table_line(table, 0), 1);
    assert_int_equal(mien_table_line(table, 1), 2);
    mien_table_free(&table);
    assert_fails(mien_table_parse("t.csv", "1,1\n2\n", 6, &options, &table),
        MIEN_EFORMAT, "t.csv:2: 1 cells where the first line has 2");
    assert_fails(mien_table_parse("t.csv", "\n2\n", 3, &options, &table), MIEN_EFORMAT,
        "the first line is blank");
}

static void a_byte_order_mark_is_skipped(void **state) {
    (void)state;
    mien_table *table = NULL;
    assert_good(parse("t.csv",
        "\xef\xbb\xbf"
        "a,b\n1,2\n",
        &table));
    assert_string_equal(mien_table_name(table, 0), "a");
    mien_table_free(&table);
}

static void quotes_keep_delimiters_quotes_and_line_ends(void **state) {
    (void)state;
    assert_reads("t.csv", "a,b\n\"x,\"\"y\"\"\",\"1\n2\"\n", "x,\"y\"|1\n2");
    assert_reads("t.csv", "a,b\n5\" wide,\"\"\n", "5\" wide|");
    assert_reads("t.tsv", "a\tb\n\"x\ty\"\t2\n", "x\ty|2");
}

static void the_delimiter_is_found_or_told(void **state) {
    (void)state;
    assert_reads("t.csv", "a;b\n1,5;2\n", "1,5|2");
    assert_reads("t.csv", "\"a;x\"\tb\n1\t2\n", "1|2");
    assert_reads("t.txt", "a,b\n1,2\n", "1,2");
    assert_reads("t.dat", "a\n1\n", "1");
    mien_table_options o = mien_table_options_default();
    o.delimiter = '|';
    mien_table *table = NULL;
    assert_good(mien_table_parse("t.csv", "a|b,c\n1|2\n", 10, &o, &table));
    assert_string_equal(mien_table_name(table, 1), "b,c");
    mien_table_free(&table);
}

static void mistakes_are_told_with_their_line(void **state) {
    (void)state;
    assert_refused("a,b\n1,2\n3\n", "t.csv:3: 1 cells where the first line has 2");
    assert_refused("a,b\n\"x\ny\",2\n1,2,3\n", "t.csv:4: 3 cells");
    assert_refused("a,b\n1,\"2\n3,4\n", "t.csv:2: the quote");
    assert_refused("a,b\n1,\"2\"x\n", "t.csv:2: text after a closing quote");
    assert_refused("a,b\n1,2\n\n3,4\n", "t.csv:3: a blank line");
    assert_refused("a,b,a\n1,2,3\n", "t.csv:1: column name \"a\" appears twice");
    assert_refused("", "empty");
    assert_refused("\n1\n", "t.csv:1: the first line is blank");
    assert_refused("a\n\xff\n", "t.csv:2: byte 0xff is not UTF-8");
    assert_refused("\xff\xfe", "UTF-16");
    mien_table *table = NULL;
    assert_fails(mien_table_parse("t.csv", "a\n\0", 3, NULL, &table), MIEN_EFORMAT,
        "t.csv:2: a 0 byte");
}

static void a_blank_first_header_is_allowed_unless_told(void **state) {
    (void)state;
    mien_table *table = NULL;
    assert_good(parse("t.txt", "\tv\nA001.jpg\t4\n", &table));
    assert_string_equal(mien_table_name(table, 0), "");
    assert_int_equal(mien_table_column(table, ""), 0);
    mien_table_free(&table);
    mien_table_options o = mien_table_options_default();
    o.blank_header_name = false;
    assert_fails(mien_table_parse("t.txt", "\tv\n1\t4\n", 7, &o, &table), MIEN_EFORMAT,
        "column 1 has no name");
}

static void one_column_may_hold_empty_cells(void **state) {
    (void)state;
    assert_reads("t.csv", "a\n1\n\n2\n\n", "1//2");
    assert_reads("t.csv", "a\n1\n\"\"\n\n", "1/");
}

static void a_cell_can_be_replaced(void **state) {
    (void)state;
    mien_table *table = NULL;
    assert_good(parse("t.csv", "a,b\n1,2\n3,4\n", &table));
    assert_good(mien_table_set_cell(table, 1, 0, "x"));
    assert_good(mien_table_set_cell(table, 0, 1, NULL));
    assert_cells(table, "1|n/a/x|4");
    assert_fails(
        mien_table_set_cell(table, 2, 0, "x"), MIEN_EINVAL, "no cell at row 2");
    mien_table_free(&table);
}

static void limits_are_kept(void **state) {
    (void)state;
    mien_table *table = NULL;
    mien_table_options o = mien_table_options_default();
    o.rows_max = 2;
    assert_fails(mien_table_parse("t", "a\n1\n2\n3\n", 8, &o, &table), MIEN_ELIMIT,
        "t:4: more than 2 rows");
    o.bytes_max = 3;
    assert_fails(
        mien_table_parse("t", "a\n1\n", 4, &o, &table), MIEN_ELIMIT, "3 bytes");
    const char *path = support_write("t.csv", "a\n1\n", 4);
    assert_fails(mien_table_read(path, &o, &table), MIEN_ELIMIT, "3 bytes");
}

static void cells_are_numbers_missing_or_mistakes(void **state) {
    (void)state;
    mien_table *table = NULL;
    double x = 5;
    assert_good(
        parse("t.csv", "id,v\n1, 2.5 \n2,N/A\n3,nan\n4,\n5,x1\n6,-1e3\n", &table));
    assert_good(mien_table_number(table, 0, 1, &x));
    assert_near(x, 2.5, 0);
    for (int r = 1; r <= 3; r++) {
        x = 5;
        assert_good(mien_table_number(table, r, 1, &x));
        assert_true(isnan(x));
    }
    x = 5;
    assert_fails(mien_table_number(table, 4, 1, &x), MIEN_EFORMAT,
        "t.csv:6: column \"v\": \"x1\" is not a number");
    assert_near(x, 5, 0);
    assert_good(mien_table_number(table, 5, 1, &x));
    assert_near(x, -1000, 0);
    assert_fails(mien_table_number(table, 9, 1, &x), MIEN_EINVAL, "row 9");
    assert_null(mien_table_cell(table, 0, -1));
    assert_null(mien_table_cell(table, 0, 2));
    assert_int_equal(mien_table_column(table, "none"), -1);
    mien_table_free(&table);
}

static void rows_know_their_line(void **state) {
    (void)state;
    mien_table *table = NULL;
    assert_good(parse("t.csv", "a,b\r\n1,\"x\r\ny\"\r\n2,3\r\n", &table));
    assert_int_equal(mien_table_line(table, 0), 2);
    assert_int_equal(mien_table_line(table, 1), 4);
    assert_string_equal(mien_table_file(table), "t.csv");
    mien_table_free(&table);
}

static void a_table_can_be_made_and_widened(void **state) {
    (void)state;
    mien_table *table = NULL;
    const char *names[] = {"a", "b"}, *row[] = {"1", NULL}, *column[] = {"x", "y"};
    assert_good(mien_table_new(2, names, &table));
    assert_good(mien_table_add_row(table, row));
    assert_good(mien_table_add_row(table, row));
    assert_good(mien_table_add_column(table, "c", column));
    assert_cells(table, "1|n/a|x/1|n/a|y");
    const char *wide[] = {"5", "6", "7"};
    for (int i = 0; i < 100; i++) {
        assert_good(mien_table_add_row(table, wide));
    }
    assert_string_equal(mien_table_cell(table, 101, 2), "7");
    assert_fails(mien_table_add_column(table, "a", column), MIEN_EINVAL, "\"a\"");
    mien_table_free(&table);
    const char *twice[] = {"a", "a"};
    assert_fails(mien_table_new(2, twice, &table), MIEN_EINVAL, "twice");
    assert_fails(mien_table_new(0, NULL, &table), MIEN_EINVAL, "column");
}

static void a_table_cut_anywhere_reads_or_says_why(void **state) {
    (void)state;
    static const char text[] = "id,\"a \"\"b\"\"\"\r\n1,\"x,\r\ny\"\r\n2,z\r\n";
    for (size_t n = 0; n < sizeof text; n++) {
        mien_table *table = NULL;
        char *exact = malloc(n ? n : 1); /* the sanitizer sees any read past its end */
        memcpy(exact, text, n);
        mien_status status = mien_table_parse("t.csv", exact, n, NULL, &table);
        assert_true(status == MIEN_OK || status == MIEN_EFORMAT);
        mien_table_free(&table);
        free(exact);
    }
}

static void the_oasis_table_reads(void **state) {
    (void)state;
    mien_table *table = NULL;
    assert_good(mien_table_read(support_shared("data/oasis/OASIS.csv"), NULL, &table));
    assert_true(mien_table_rows(table) >= 500);
    assert_true(mien_table_column(table, "Valence_mean") > 0);
    double sum = 0, x;
    int column = mien_table_column(table, "Valence_mean");
    for (int64_t r = 0; r < mien_table_rows(table); r++) {
        assert_good(mien_table_number(table, r, column, &x));
        sum += x;
    }
    assert_near(sum / (double)mien_table_rows(table), 4.3, 0.3);
    mien_table_free(&table);
}

static mien_status read_and_change(void *context) {
    mien_table *table = NULL;
    const char *cells[] = {"x", "y", "z"};
    mien_status status = parse(context, "a,b\n\"1\",2\n3,4\n", &table);
    if (status == MIEN_OK) {
        status = mien_table_add_column(table, "c", cells);
    }
    if (status == MIEN_OK) {
        status = mien_table_add_row(table, cells);
    }
    mien_table_free(&table);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(read_and_change, (void *)"t.csv", 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_ends_of_all_systems_read_the_same),
        cmocka_unit_test(without_a_header_the_first_line_is_a_row),
        cmocka_unit_test(a_byte_order_mark_is_skipped),
        cmocka_unit_test(quotes_keep_delimiters_quotes_and_line_ends),
        cmocka_unit_test(the_delimiter_is_found_or_told),
        cmocka_unit_test(mistakes_are_told_with_their_line),
        cmocka_unit_test(a_blank_first_header_is_allowed_unless_told),
        cmocka_unit_test(one_column_may_hold_empty_cells),
        cmocka_unit_test(a_cell_can_be_replaced),
        cmocka_unit_test(limits_are_kept),
        cmocka_unit_test(cells_are_numbers_missing_or_mistakes),
        cmocka_unit_test(rows_know_their_line),
        cmocka_unit_test(a_table_can_be_made_and_widened),
        cmocka_unit_test(a_table_cut_anywhere_reads_or_says_why),
        cmocka_unit_test(the_oasis_table_reads),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
