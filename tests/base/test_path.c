/* SPDX-License-Identifier: MIT */
/* Parts of paths, natural order, edit distance. */
#include "support/support.h"

#include <string.h>

static void check_join(const char *directory, const char *name, const char *want) {
    char *got = mien_path_join(directory, name);
    assert_string_equal(got, want);
    mien_free(got);
}

static void paths_join_with_one_slash(void **state) {
    (void)state;
    check_join("a", "b", "a/b");
    check_join("a/", "b", "a/b");
    check_join("", "b", "b");
    check_join(NULL, "b", "b");
    check_join("a", "/b", "/b");
    check_join("/", "b", "/b");
}

static void check_directory(const char *path, const char *want) {
    char *got = mien_path_directory(path);
    assert_string_equal(got, want);
    mien_free(got);
}

static void a_path_has_directory_base_and_extension(void **state) {
    (void)state;
    check_directory("a/b/c.txt", "a/b");
    check_directory("c.txt", ".");
    check_directory("/c.txt", "/");
    check_directory("a//c", "a");
    assert_string_equal(mien_path_base("a/b.c"), "b.c");
    assert_string_equal(mien_path_base("b"), "b");
    assert_string_equal(mien_path_extension("a/b.tar.gz"), "gz");
    assert_string_equal(mien_path_extension("a.b/c"), "");
    assert_string_equal(mien_path_extension(".hidden"), "");
    assert_string_equal(mien_path_extension("a."), "");
}

static void names_order_as_people_order_them(void **state) {
    (void)state;
    static const char *const names[] = {"a", "Dog 1", "dog 1b", "Dog 2", "Dog 10",
        "Dog 10.5", "dog 99999999999999999999", "dog 100000000000000000000", "Dogs",
        "x01", "x1", "x1y"};
    int count = (int)(sizeof names / sizeof *names);
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < count; j++) {
            int order = mien_natural_compare(names[i], names[j]);
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

static void different_names_never_compare_equal(void **state) {
    (void)state;
    assert_true(mien_natural_compare("A", "a") != 0);
    assert_true(mien_natural_compare("A", "a") == -mien_natural_compare("a", "A"));
    assert_true(mien_natural_compare("007", "7") != 0);
}

static void edit_distance_counts_single_changes(void **state) {
    (void)state;
    assert_int_equal(mien_edit_distance("", ""), 0);
    assert_int_equal(mien_edit_distance("", "abc"), 3);
    assert_int_equal(mien_edit_distance("kitten", "sitting"), 3);
    assert_int_equal(mien_edit_distance("theme", "thmee"), 1);
    assert_int_equal(mien_edit_distance("thread", "threads"), 1);
    assert_int_equal(mien_edit_distance("every", "every"), 0);
    assert_int_equal(mien_edit_distance("ca", "abc"), 3);
}

static void edit_distance_of_long_names_stays_in_its_table(void **state) {
    (void)state;
    char a[1001], b[301];
    memset(a, 'a', 1000);
    memset(b, 'a', 300);
    a[1000] = b[300] = '\0';
    assert_int_equal(mien_edit_distance(a, a), 745);
    assert_true(mien_edit_distance(a, b) >= 700);
    assert_int_equal(mien_edit_distance(a, ""), 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_join_with_one_slash),
        cmocka_unit_test(a_path_has_directory_base_and_extension),
        cmocka_unit_test(names_order_as_people_order_them),
        cmocka_unit_test(different_names_never_compare_equal),
        cmocka_unit_test(edit_distance_counts_single_changes),
        cmocka_unit_test(edit_distance_of_long_names_stays_in_its_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
