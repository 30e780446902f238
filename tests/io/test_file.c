/* SPDX-License-Identifier: MIT */
/* Whole files: reading within limits, writing that keeps the old file, directories. */
#include "support/support.h"

#include "io/file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_content(const char *path, const char *want) {
    char *bytes = NULL;
    size_t count = 0;
    assert_good(mien_file_read(path, 1000, &bytes, &count));
    assert_int_equal(count, strlen(want));
    assert_string_equal(bytes, want);
    mien_free(bytes);
}

static void a_file_reads_back_what_was_written(void **state) {
    (void)state;
    const char *path = support_temp_path("a.txt");
    assert_good(mien_file_write(path, "one", 3));
    assert_content(path, "one");
    assert_good(mien_file_write(path, "", 0));
    assert_content(path, "");
    assert_int_equal(mien_file_size(path), 0);
}

static void a_missing_file_is_named(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 7;
    assert_fails(mien_file_read("no/such", 10, &bytes, &count), MIEN_EIO, "no/such");
    assert_int_equal(count, 7);
    assert_fails(
        mien_file_read(support_temp(), 10, &bytes, &count), MIEN_EIO, "directory");
    assert_int_equal(mien_file_size("no/such"), -1);
    assert_false(mien_file_exists("no/such"));
}

static void a_file_over_the_limit_is_refused(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    const char *path = support_write("ten", "0123456789", 10);
    assert_fails(mien_file_read(path, 9, &bytes, &count), MIEN_ELIMIT, "9 bytes");
    assert_good(mien_file_read(path, 10, &bytes, &count));
    mien_free(bytes);
    assert_fails(
        mien_file_read("/dev/zero", 70000, &bytes, &count), MIEN_ELIMIT, "zero");
}

static void a_file_that_claims_no_size_is_read_whole(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    if (!mien_file_exists("/proc/self/status")) {
        skip();
    }
    assert_good(mien_file_read("/proc/self/status", 1 << 20, &bytes, &count));
    assert_true(count > 100);
    mien_free(bytes);
}

static void a_full_disk_is_an_error(void **state) {
    (void)state;
    assert_fails(mien_file_write("/dev/full", "x", 1), MIEN_EIO, "/dev/full");
    static char large[1 << 20];
    assert_fails(
        mien_file_write("/dev/full", large, sizeof large), MIEN_EIO, "/dev/full");
}

static void a_failed_write_keeps_the_old_file_and_leaves_nothing(void **state) {
    (void)state;
    const char *path = support_temp_path("kept/old.txt");
    assert_good(mien_directory_make(support_temp_path("kept")));
    assert_good(mien_file_write(path, "old", 3));
    mien_out *out = NULL;
    assert_good(mien_out_open(path, &out));
    assert_good(mien_out_write(out, "new", 3));
    mien_out_abandon(&out);
    assert_content(path, "old");
    char **names = NULL;
    int64_t count = 0;
    assert_good(mien_directory_list(support_temp_path("kept"), &names, &count));
    assert_int_equal(count, 1);
    mien_names_free(&names, count);
}

static void a_link_stays_a_link(void **state) {
    (void)state;
    const char *target = support_write("target", "1", 1);
    const char *link = support_temp_path("link");
    assert_int_equal(symlink("target", link), 0);
    assert_good(mien_file_write(link, "22", 2));
    assert_content(target, "22");
    struct stat info;
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
}

static void permissions_stay(void **state) {
    (void)state;
    const char *path = support_write("mode", "1", 1);
    assert_int_equal(chmod(path, 0640), 0);
    assert_good(mien_file_write(path, "2", 1));
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
}

static void a_directory_is_made_with_its_parents(void **state) {
    (void)state;
    const char *path = support_temp_path("a/b//c/");
    assert_good(mien_directory_make(path));
    assert_true(mien_file_is_directory(path));
    assert_good(mien_directory_make(path));
    const char *file = support_write("file", "", 0);
    assert_fails(mien_directory_make(file), MIEN_EIO, "file");
    assert_fails(mien_directory_make(""), MIEN_EINVAL, "name");
}

static void names_come_in_natural_order(void **state) {
    (void)state;
    assert_good(mien_directory_make(support_temp_path("list")));
    support_write("list/Dog 10", "", 0);
    support_write("list/Dog 2", "", 0);
    char **names = NULL;
    int64_t count = 0;
    assert_good(mien_directory_list(support_temp_path("list"), &names, &count));
    assert_int_equal(count, 2);
    assert_string_equal(names[0], "Dog 2");
    mien_names_free(&names, count);
    assert_null(names);
    assert_fails(mien_directory_list("no/such", &names, &count), MIEN_EIO, "no/such");
}

static void the_cache_folder_follows_the_environment(void **state) {
    (void)state;
    char *path = NULL;
    setenv("MIEN_CACHE", "/x/y", 1);
    assert_good(mien_cache_directory(&path));
    assert_string_equal(path, "/x/y");
    mien_free(path);
    unsetenv("MIEN_CACHE");
    setenv("XDG_CACHE_HOME", "/c", 1);
    assert_good(mien_cache_directory(&path));
    assert_string_equal(path, "/c/mien");
    mien_free(path);
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", "/h", 1);
    assert_good(mien_cache_directory(&path));
    assert_string_equal(path, "/h/.cache/mien");
    mien_free(path);
}

static mien_status all_calls(void *context) {
    const char *path = context;
    char *bytes = NULL, **names = NULL;
    size_t size = 0;
    int64_t count = 0;
    mien_status status = mien_file_write(path, "abc", 3);
    if (status == MIEN_OK) {
        status = mien_file_read(path, 100, &bytes, &size);
        mien_free(bytes);
    }
    if (status == MIEN_OK) {
        status = mien_directory_list(support_temp(), &names, &count);
        mien_names_free(&names, count);
    }
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(all_calls, (void *)support_temp_path("alloc"), 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_reads_back_what_was_written),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(a_file_over_the_limit_is_refused),
        cmocka_unit_test(a_file_that_claims_no_size_is_read_whole),
        cmocka_unit_test(a_full_disk_is_an_error),
        cmocka_unit_test(a_failed_write_keeps_the_old_file_and_leaves_nothing),
        cmocka_unit_test(a_link_stays_a_link),
        cmocka_unit_test(permissions_stay),
        cmocka_unit_test(a_directory_is_made_with_its_parents),
        cmocka_unit_test(names_come_in_natural_order),
        cmocka_unit_test(the_cache_folder_follows_the_environment),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
