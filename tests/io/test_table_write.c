/* SPDX-License-Identifier: MIT */
/* Writing tables: what is written reads back, and a full disk is told. */
#include "support/support.h"

#include "mien/io.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>

static void assert_file(const char *path, const char *want) {
    char *bytes = NULL;
    size_t count = 0;
    assert_good(mien_file_read(path, 10000, &bytes, &count));
    assert_string_equal(bytes, want);
    mien_free(bytes);
}

static const char *const names[] = {"id", "v"};

static void write_rows(const char *path, mien_table_format format) {
    mien_table_writer *writer = NULL;
    const char *first[] = {"a,\"b\"", "1.50"}, *second[] = {"x\ty\n", NULL};
    const char *third[] = {"\xff", "+.5"};
    assert_good(mien_table_writer_open(path, format, 2, names, &writer));
    mien_table_writer_numeric(writer, 1);
    assert_good(mien_table_writer_row(writer, first));
    assert_good(mien_table_writer_row(writer, second));
    assert_good(mien_table_writer_row(writer, third));
    assert_good(mien_table_writer_flush(writer));
    assert_good(mien_table_writer_close(&writer));
    assert_null(writer);
}

static void rows_are_written_in_each_format(void **state) {
    (void)state;
    const char *path = support_temp_path("rows");
    write_rows(path, MIEN_CSV);
    assert_file(path, "id,v\n\"a,\"\"b\"\"\",1.50\n\"x\ty\n\",n/a\n\xff,+.5\n");
    write_rows(path, MIEN_TSV);
    assert_file(path, "id\tv\n\"a,\"\"b\"\"\"\t1.50\n\"x\ty\n\"\tn/a\n\xff\t+.5\n");
    write_rows(path, MIEN_JSONL);
    assert_file(path, "{\"id\": \"a,\\\"b\\\"\", \"v\": 1.50}\n"
                      "{\"id\": \"x\\ty\\n\", \"v\": null}\n"
                      "{\"id\": \"\xef\xbf\xbd\", \"v\": 0.5}\n");
}

static void numbers_that_are_none_stay_text_in_json_lines(void **state) {
    (void)state;
    const char *path = support_temp_path("n.jsonl"), *name[] = {"v"};
    const char *cells[] = {"inf", "nan", "007", "1e5", "x", "-0"};
    mien_table_writer *writer = NULL;
    assert_good(mien_table_writer_open(path, MIEN_JSONL, 1, name, &writer));
    mien_table_writer_numeric(writer, 0);
    for (int i = 0; i < 6; i++) {
        assert_good(mien_table_writer_row(writer, &cells[i]));
    }
    assert_good(mien_table_writer_close(&writer));
    assert_file(path, "{\"v\": \"inf\"}\n{\"v\": null}\n{\"v\": 7.0}\n{\"v\": 1e5}\n"
                      "{\"v\": \"x\"}\n{\"v\": -0}\n");
}

static void a_table_reads_back_the_same(void **state) {
    (void)state;
    static const char text[] =
        "id,v\n\"a,\"\"b\"\"\",\"1\r\n2\"\n\" x \",\n\"\r\",n/a\n";
    mien_table *table = NULL, *back = NULL;
    const char *path = support_temp_path("back.csv");
    assert_good(mien_table_parse("t.csv", text, sizeof text - 1, NULL, &table));
    assert_good(mien_table_write(table, path, MIEN_CSV));
    assert_good(mien_table_read(path, NULL, &back));
    assert_int_equal(mien_table_rows(back), 3);
    for (int64_t r = 0; r < 3; r++) {
        for (int c = 0; c < 2; c++) {
            assert_string_equal(
                mien_table_cell(back, r, c), mien_table_cell(table, r, c));
        }
    }
    mien_table_free(&back);
    mien_table_free(&table);
}

static void an_empty_cell_alone_is_quoted(void **state) {
    (void)state;
    mien_table *table = NULL, *back = NULL;
    const char *name[] = {"a"}, *cell[] = {""};
    const char *path = support_temp_path("one.csv");
    assert_good(mien_table_new(1, name, &table));
    assert_good(mien_table_add_row(table, cell));
    assert_good(mien_table_write(table, path, MIEN_CSV));
    assert_good(mien_table_read(path, NULL, &back));
    assert_int_equal(mien_table_rows(back), 1);
    mien_table_free(&back);
    mien_table_free(&table);
}

static void whole_columns_of_numbers_are_numbers_in_json_lines(void **state) {
    (void)state;
    static const char text[] = "n,t\n1,1\nn/a,x\n-2.5,n/a\n";
    const char *path = support_temp_path("w.jsonl");
    mien_table *table = NULL;
    assert_good(mien_table_parse("t.csv", text, sizeof text - 1, NULL, &table));
    assert_good(mien_table_write(table, path, MIEN_JSONL));
    assert_file(path, "{\"n\": 1, \"t\": \"1\"}\n{\"n\": null, \"t\": \"x\"}\n"
                      "{\"n\": -2.5, \"t\": \"n/a\"}\n");
    mien_table_free(&table);
}

static void a_full_disk_is_an_error(void **state) {
    (void)state;
    mien_table_writer *writer = NULL;
    assert_fails(mien_table_writer_open("/dev/full", MIEN_CSV, 2, names, &writer),
        MIEN_EIO, "/dev/full");
    assert_null(writer);
    assert_good(mien_table_writer_open("/dev/full", MIEN_JSONL, 2, names, &writer));
    assert_fails(mien_table_writer_row(writer, names), MIEN_EIO, "/dev/full");
    assert_fails(mien_table_writer_row(writer, names), MIEN_EIO, "earlier");
    assert_fails(mien_table_writer_flush(writer), MIEN_EIO, "/dev/full");
    assert_fails(mien_table_writer_close(&writer), MIEN_EIO, "/dev/full");
    assert_null(writer);
    mien_table *table = NULL;
    assert_good(mien_table_new(2, names, &table));
    assert_fails(mien_table_write(table, "/dev/full", MIEN_TSV), MIEN_EIO, "/dev/full");
    mien_table_free(&table);
}

static void a_row_that_does_not_fit_is_not_left_torn(void **state) {
    (void)state;
    const char *path = support_temp_path("small.csv");
    mien_table_writer *writer = NULL;
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 12;
    void (*before)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_good(mien_table_writer_open(path, MIEN_CSV, 2, names, &writer));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const char *cells[] = {"1", "2"}, *more[] = {"33333", "4"};
    mien_status good = mien_table_writer_row(writer, cells);
    mien_status torn = mien_table_writer_row(writer, more);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, before);
    assert_int_equal(good, MIEN_OK);
    assert_int_equal(torn, MIEN_EIO);
    assert_int_equal(mien_table_writer_close(&writer), MIEN_EIO);
    assert_file(path, "id,v\n1,2\n");
}

static void formats_have_names(void **state) {
    (void)state;
    mien_table_format format = MIEN_CSV;
    assert_good(mien_table_format_parse("jsonl", &format));
    assert_int_equal(format, MIEN_JSONL);
    assert_fails(
        mien_table_format_parse("xls", &format), MIEN_EINVAL, "csv, tsv or jsonl");
}

static mien_status write_both(void *context) {
    mien_table_writer *writer = NULL;
    mien_table *table = NULL;
    mien_status status = mien_table_writer_open(context, MIEN_CSV, 2, names, &writer);
    if (status == MIEN_OK) {
        status = mien_table_writer_row(writer, names);
        mien_table_writer_close(&writer);
    }
    if (status == MIEN_OK) {
        status = mien_table_new(2, names, &table);
    }
    if (status == MIEN_OK) {
        status = mien_table_write(table, context, MIEN_TSV);
    }
    mien_table_free(&table);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(write_both, (void *)support_temp_path("alloc"), 100);
}

static mien_table_writer *two_rows(const char *path) {
    const char *const head[] = {"a"}, *const one[] = {"1"}, *const two[] = {"2"};
    mien_table_writer *writer = NULL;
    assert_good(mien_table_writer_open(path, MIEN_CSV, 1, head, &writer));
    assert_good(mien_table_writer_row(writer, one));
    assert_good(mien_table_writer_row(writer, two));
    return writer;
}

static void an_earlier_table_stays_until_the_new_one_is_closed(void **state) {
    (void)state;
    const char *path = support_write("earlier.csv", "old\n", 4);
    mien_table_writer *writer = two_rows(path);
    assert_file(path, "old\n");
    mien_table_writer_abandon(&writer);
    assert_null(writer);
    assert_file(path, "old\n");
    writer = two_rows(path);
    assert_good(mien_table_writer_close(&writer));
    assert_file(path, "a\n1\n2\n");
}

static void rows_of_a_table_that_is_not_complete_are_kept_and_named(void **state) {
    (void)state;
    const char *path = support_write("whole.csv", "old\n", 4);
    mien_table_writer *writer = two_rows(path);
    mien_fail(MIEN_EINTERRUPTED, "interrupted");
    assert_int_equal(
        mien_table_writer_keep(&writer, MIEN_EINTERRUPTED), MIEN_EINTERRUPTED);
    assert_null(writer);
    assert_file(path, "old\n");
    const char *said =
        strstr(mien_error(), "interrupted; the 2 rows done until then are in ");
    assert_non_null(said);
    char kept[4096];
    snprintf(kept, sizeof kept, "%s", strrchr(mien_error(), ' ') + 1);
    assert_file(kept, "a\n1\n2\n");
    /* nothing was there: the rows are where they were asked for */
    path = support_temp_path("fresh.csv");
    writer = two_rows(path);
    mien_fail(MIEN_EINTERRUPTED, "interrupted");
    mien_table_writer_keep(&writer, MIEN_EINTERRUPTED);
    assert_file(path, "a\n1\n2\n");
    assert_non_null(strstr(mien_error(), path));
}

static void a_table_without_rows_leaves_nothing_where_it_fails(void **state) {
    (void)state;
    const char *const head[] = {"a"};
    const char *path = support_temp_path("nothing.csv");
    mien_table_writer *writer = NULL;
    assert_good(mien_table_writer_open(path, MIEN_CSV, 1, head, &writer));
    mien_fail(MIEN_EIO, "no weights");
    assert_int_equal(mien_table_writer_keep(&writer, MIEN_EIO), MIEN_EIO);
    assert_string_equal(mien_error(), "no weights");
    assert_false(mien_file_exists(path));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_written_in_each_format),
        cmocka_unit_test(numbers_that_are_none_stay_text_in_json_lines),
        cmocka_unit_test(a_table_reads_back_the_same),
        cmocka_unit_test(an_empty_cell_alone_is_quoted),
        cmocka_unit_test(whole_columns_of_numbers_are_numbers_in_json_lines),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(an_earlier_table_stays_until_the_new_one_is_closed),
        cmocka_unit_test(rows_of_a_table_that_is_not_complete_are_kept_and_named),
        cmocka_unit_test(a_table_without_rows_leaves_nothing_where_it_fails),
        cmocka_unit_test(a_row_that_does_not_fit_is_not_left_torn),
        cmocka_unit_test(formats_have_names),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
