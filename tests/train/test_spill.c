/* SPDX-License-Identifier: MIT */
/* What is written once and read often, in memory and in a file. */
#include "train/dataset/spill.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "mien/io.h"
#include "support/support.h"

static void keeps(const char *folder) {
    mien_spill *s = NULL;
    assert_good(mien_spill_new(10, folder, &s));
    assert_good(mien_spill_add(s, "abcd", 4));
    assert_good(mien_spill_add(s, "efghij", 6));
    assert_memory_equal(mien_spill_data(s), "abcdefghij", 10);
    assert_fails(mien_spill_add(s, "k", 1), MIEN_ELIMIT, "0 are left");
    mien_spill_free(&s);
    assert_null(s);
}

static void memory_and_file_keep_what_they_are_given(void **state) {
    (void)state;
    char **names = NULL;
    int64_t count = 0;
    const char *folder = support_temp_path("scratch");
    assert_good(mien_directory_make(folder));
    keeps(NULL);
    keeps(folder);
    assert_good(mien_directory_list(folder, &names, &count));
    assert_int_equal(count, 0); /* its file has no name */
    mien_names_free(&names, count);
}

static void a_folder_that_is_not_there_is_named(void **state) {
    (void)state;
    mien_spill *s = NULL;
    assert_fails(mien_spill_new(10, support_temp_path("none"), &s), MIEN_EIO, "none");
    assert_null(s);
}

static void a_full_disk_is_an_error_and_no_signal(void **state) {
    (void)state;
    const struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY},
                        small = {8192, RLIM_INFINITY};
    char bytes[4096] = {0};
    mien_spill *s = NULL;
    const char *folder = support_temp_path("full");
    assert_good(mien_directory_make(folder));
    assert_good(mien_spill_new(16384, folder, &s));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    mien_status status = MIEN_OK;
    for (int i = 0; i < 4 && status == MIEN_OK; i++) {
        status = mien_spill_add(s, bytes, sizeof bytes);
    }
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_int_equal(status, MIEN_EIO);
    assert_non_null(strstr(mien_error(), folder));
    mien_spill_free(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_and_file_keep_what_they_are_given),
        cmocka_unit_test(a_folder_that_is_not_there_is_named),
        cmocka_unit_test(a_full_disk_is_an_error_and_no_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
