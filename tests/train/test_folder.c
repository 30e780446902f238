/* SPDX-License-Identifier: MIT */
/* What all run folders have. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

#include "train/run/folder.h"

static bool has(const char *folder, const char *name) {
    char *path = mien_path_join(folder, name);
    bool there = mien_file_exists(path);
    mien_free(path);
    return there;
}

static const char *folder(const char *name) {
    const char *path = support_temp_path(name);
    assert_good(mien_directory_make(path));
    return path;
}

static void only_an_empty_folder_is_made(void **state) {
    (void)state;
    const char *run = folder("full");
    mien_folder_lock *folder_lock = NULL;
    support_write("full/letter.txt", "x", 1);
    assert_fails(
        mien_folder_make(run, &folder_lock), MIEN_EINVAL, "not empty (letter.txt");
    assert_false(has(run, MIEN_CLAIM_FILE));
    support_write("full/" MIEN_CLAIM_FILE, "1\n", 2);
    assert_fails(
        mien_folder_make(run, &folder_lock), MIEN_EINVAL, "not empty (letter.txt");
    assert_null(folder_lock);
}

static void files_that_were_never_finished_are_swept_away(void **state) {
    (void)state;
    const char *run = folder("parts");
    support_write("parts/.mien-0123456789abcdef.part", "half", 4);
    support_write("parts/.mien-0123456789abcdef.part.tsv", "mine", 4);
    support_write("parts/.part", "mine", 4);
    support_write("parts/letter.part", "mine", 4);
    assert_good(mien_folder_sweep(run));
    assert_false(has(run, ".mien-0123456789abcdef.part"));
    assert_true(has(run, ".mien-0123456789abcdef.part.tsv"));
    assert_true(has(run, ".part"));
    assert_true(has(run, "letter.part"));
    assert_fails(mien_folder_sweep(support_temp_path("none")), MIEN_EIO, "none");
}

/* SHA-256 of "abc", FIPS 180-2, appendix B.1. */
static void sums_are_those_of_sha256sum(void **state) {
    (void)state;
    static const char *const files[] = {"a.txt", "b.txt"};
    static const char want[] =
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.txt\n"
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b.txt\n";
    const char *run = folder("sums");
    char *text = NULL;
    size_t length = 0;
    support_write("sums/a.txt", "abc", 3);
    support_write("sums/b.txt", "abc", 3);
    assert_good(mien_folder_sums(run, files, 2));
    char *path = mien_path_join(run, "SHA256SUMS");
    assert_good(mien_file_read(path, 1000, &text, &length));
    assert_string_equal(text, want);
    mien_free(text);
    mien_free(path);
    static const char *const missing[] = {"c.txt"};
    assert_fails(mien_folder_sums(run, missing, 1), MIEN_EIO, "c.txt");
}

static void closing_rows_tells_the_first_failure(void **state) {
    (void)state;
    static const char *const names[] = {"a"};
    mien_table_writer *writer = NULL;
    assert_good(mien_table_writer_open(
        support_temp_path("rows.csv"), MIEN_CSV, 1, names, &writer));
    mien_status status = mien_fail(MIEN_ENUMBER, "the first");
    assert_fails(mien_folder_rows_close(&writer, status), MIEN_ENUMBER, "the first");
    assert_null(writer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_an_empty_folder_is_made),
        cmocka_unit_test(files_that_were_never_finished_are_swept_away),
        cmocka_unit_test(sums_are_those_of_sha256sum),
        cmocka_unit_test(closing_rows_tells_the_first_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
