/* SPDX-License-Identifier: MIT */
/* A database keeps what it was given, and says who holds it. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/database.h"

static const char make[] = "CREATE TABLE t (n INTEGER, x REAL, s TEXT)";

static void add(mien_database *d, int64_t n, double x, const char *s) {
    const mien_database_value bound[] = {
        mien_database_whole(n), mien_database_number(x), mien_database_text(s)};
    assert_good(mien_database_run(d, "INSERT INTO t VALUES (?, ?, ?)", bound, 3));
}

typedef struct seen {
    int rows;
    int64_t n[4];
    double x[4];
    char s[4][16];
} seen;

static mien_status look(void *context, const mien_database_value *cells, int count) {
    seen *to = context;
    assert_int_equal(count, 3);
    assert_true(to->rows < 4);
    to->n[to->rows] = cells[0].whole;
    to->x[to->rows] =
        cells[1].kind == MIEN_DATABASE_NULL ? (double)NAN : cells[1].number;
    snprintf(to->s[to->rows++], 16, "%s", cells[2].text ? cells[2].text : "null");
    return MIEN_OK;
}

static void what_was_given_is_there_when_it_is_opened_again(void **state) {
    (void)state;
    const char *path = support_temp_path("kept.sqlite");
    mien_database *d = NULL;
    seen rows = {0};
    assert_good(mien_database_open(path, &d));
    assert_good(mien_database_run(d, make, NULL, 0));
    add(d, INT64_MAX, 0.1, "one");
    add(d, -2, (double)NAN, NULL);
    mien_database_close(&d);
    assert_null(d);
    assert_good(mien_database_open(path, &d));
    assert_good(
        mien_database_query(d, "SELECT * FROM t ORDER BY rowid", NULL, 0, look, &rows));
    assert_int_equal(rows.rows, 2);
    assert_true(rows.n[0] == INT64_MAX && rows.n[1] == -2);
    assert_true(rows.x[0] == 0.1 && isnan(rows.x[1]));
    assert_string_equal(rows.s[0], "one");
    assert_string_equal(rows.s[1], "null");
    mien_database_close(&d);
}

static void a_database_that_another_locks_is_told_and_then_free_again(void **state) {
    (void)state;
    const char *path = support_temp_path("locked.sqlite");
    mien_database *d = NULL, *other = NULL;
    assert_good(mien_database_open(path, &d));
    assert_good(mien_database_run(d, make, NULL, 0));
    assert_good(mien_database_open(path, &other));
    assert_good(mien_database_run(other, "BEGIN EXCLUSIVE", NULL, 0));
    mien_database_wait(d, 100);
    assert_fails(mien_database_run(d, "INSERT INTO t VALUES (1, 1, '')", NULL, 0),
        MIEN_EIO, "locked.sqlite: another program has locked");
    mien_database_close(&other);
    add(d, 1, 1, "");
    mien_database_close(&d);
}

static void a_file_that_is_no_database_is_told(void **state) {
    (void)state;
    char bytes[4096];
    mien_database *d = NULL;
    memset(bytes, 'x', sizeof bytes);
    const char *path = support_write("none.sqlite", bytes, sizeof bytes);
    assert_good(mien_database_open(path, &d));
    assert_fails(mien_database_run(d, make, NULL, 0), MIEN_EFORMAT, "is no database");
    mien_database_close(&d);
    assert_fails(
        mien_database_open(support_temp_path("no/folder/x"), &d), MIEN_EIO, "x: ");
    assert_null(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_given_is_there_when_it_is_opened_again),
        cmocka_unit_test(a_database_that_another_locks_is_told_and_then_free_again),
        cmocka_unit_test(a_file_that_is_no_database_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
