/* SPDX-License-Identifier: MIT */
/* Files without a name. */
#include "io/nameless.h"

#include <errno.h>
#include <string.h>

#include "mien/io.h"
#include "support/support.h"

static void what_is_written_is_read_through_the_map(void **state) {
    (void)state;
    mien_nameless file = {0};
    char **names = NULL;
    int64_t count = 0;
    const char *folder = support_temp_path("nameless");
    assert_good(mien_directory_make(folder));
    assert_good(mien_nameless_open(&file, folder, "some", 8));
    assert_true(mien_nameless_write(&file, 4, "efgh", 4));
    assert_true(mien_nameless_write(&file, 0, "abcd", 4));
    assert_memory_equal(file.map, "abcdefgh", 8);
    assert_good(mien_directory_list(folder, &names, &count));
    assert_int_equal(count, 0);
    mien_names_free(&names, count);
    mien_nameless_close(&file);
    assert_null(file.map);
    mien_nameless_close(&file); /* nothing is open any more */
}

static void a_folder_that_is_not_there_says_why(void **state) {
    (void)state;
    mien_nameless file = {0};
    errno = 0;
    assert_int_equal(
        mien_nameless_open(&file, support_temp_path("none"), "some", 8), MIEN_EIO);
    assert_int_equal(errno, ENOENT);
    assert_null(file.map);
    mien_nameless_close(&file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_through_the_map),
        cmocka_unit_test(a_folder_that_is_not_there_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
