/* SPDX-License-Identifier: MIT */
/* Gzip files: what was written comes back, and nothing else is in them. */
#include "support/support.h"

#include <string.h>

#include "io/gzip.h"
#include "io/lines.h"

static void lines_come_back(void **state) {
    (void)state;
    mien_gzip *g = NULL;
    mien_lines *l = NULL;
    char *line = NULL;
    size_t length = 0;
    assert_good(mien_gzip_open(support_temp_path("a.gz"), &g));
    for (int i = 0; i < 100000; i++) {
        assert_good(mien_gzip_write(g, "some text\n", 10));
    }
    assert_good(mien_gzip_close(&g, MIEN_OK));
    assert_null(g);
    assert_good(mien_lines_open(support_temp_path("a.gz"), &l));
    for (int i = 0; i < 100000; i++) {
        assert_good(mien_lines_next(l, &line, &length));
        assert_string_equal(line, "some text");
    }
    assert_good(mien_lines_next(l, &line, &length));
    assert_null(line);
    assert_int_equal(mien_lines_number(l), 100000);
    mien_lines_close(&l);
}

static void no_time_is_in_the_head(void **state) {
    (void)state;
    mien_gzip *g = NULL;
    char *bytes = NULL;
    size_t count = 0;
    assert_good(mien_gzip_open(support_temp_path("b.gz"), &g));
    assert_good(mien_gzip_write(g, "x", 1));
    assert_good(mien_gzip_close(&g, MIEN_OK));
    assert_good(mien_file_read(support_temp_path("b.gz"), 1000, &bytes, &count));
    static const char head[] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0};
    assert_memory_equal(bytes, head, sizeof head);
    mien_free(bytes);
}

static void what_failed_leaves_no_file(void **state) {
    (void)state;
    mien_gzip *g = NULL;
    assert_good(mien_gzip_open(support_temp_path("c.gz"), &g));
    assert_int_equal(mien_gzip_close(&g, MIEN_EFORMAT), MIEN_EFORMAT);
    assert_false(mien_file_exists(support_temp_path("c.gz")));
    assert_int_equal(mien_gzip_close(&g, MIEN_OK), MIEN_OK);
}

static void cells_are_cut_and_read(void **state) {
    (void)state;
    char line[] = "a;\"b;\"\"c\"\"\";;1.25", open[] = "\"x";
    const char *cell[4];
    double value = 0;
    assert_int_equal(mien_line_cells(line, ';', cell, 4), 4);
    assert_string_equal(cell[1], "b;\"c\"");
    assert_string_equal(cell[2], "");
    assert_int_equal(mien_line_cells(open, ';', cell, 4), -1);
    static const struct {
        const char *text;
        double value;
    } numbers[] = {{"1.25", 1.25}, {"-0.1", -0.1}, {"12.963866", 12.963866},
        {"123456789012345", 123456789012345.0},
        {"1234567890.123456", 1234567890.123456}, {"1e-3", 1e-3}, {".5", .5}, {"5.", 5},
        {"0.000000000000001", 1e-15}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        assert_true(mien_cell_number(numbers[i].text, &value));
        assert_near(value, numbers[i].value, 0);
    }
    assert_false(mien_cell_number("", &value));
    assert_false(mien_cell_number("-", &value));
    assert_false(mien_cell_number("1.2.3", &value));
    assert_false(mien_cell_number("1x", &value));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_back),
        cmocka_unit_test(no_time_is_in_the_head),
        cmocka_unit_test(what_failed_leaves_no_file),
        cmocka_unit_test(cells_are_cut_and_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
