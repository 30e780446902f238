/* SPDX-License-Identifier: MIT */
/* Members of zip archives: found, limited, checked against their CRC. */
#include "support/support.h"

#include "io/zip_file.h"

#include <stdlib.h>
#include <string.h>

#define FILE_NAME "tests/golden/torch/plain_zip.pth"

static void a_member_reads(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    const char *path = support_source(FILE_NAME);
    assert_good(mien_zip_read_member(path, "plain_zip/byteorder", 100, &bytes, &count));
    assert_int_equal(count, 6);
    assert_string_equal(bytes, "little");
    mien_free(bytes);
}

static void what_is_absent_or_too_large_is_named(void **state) {
    (void)state;
    char *bytes = NULL;
    size_t count = 0;
    const char *path = support_source(FILE_NAME);
    assert_fails(mien_zip_read_member(path, "none", 100, &bytes, &count),
        MIEN_ENOTFOUND, "holds no file none");
    assert_fails(mien_zip_read_member(path, "plain_zip/byteorder", 5, &bytes, &count),
        MIEN_ELIMIT, "more than 5 bytes");
    assert_fails(
        mien_zip_read_member("no/such", "a", 5, &bytes, &count), MIEN_EIO, "such");
    const char *text = support_write("text.zip", "hello", 5);
    assert_fails(
        mien_zip_read_member(text, "a", 5, &bytes, &count), MIEN_EFORMAT, "zip");
    const char *empty = support_write("empty.zip", "", 0);
    assert_fails(
        mien_zip_read_member(empty, "a", 5, &bytes, &count), MIEN_EFORMAT, "zip");
    assert_null(bytes);
}

static void a_damaged_member_is_told(void **state) {
    (void)state;
    char *bytes = NULL, *member = NULL;
    size_t count = 0, size = 0;
    assert_good(mien_file_read(support_source(FILE_NAME), 100000, &bytes, &count));
    for (size_t i = 0; i + 6 < count; i++) {
        if (!memcmp(bytes + i, "little", 6)) {
            bytes[i] = 'L';
            break;
        }
    }
    const char *path = support_write("damaged.zip", bytes, count);
    assert_fails(mien_zip_read_member(path, "plain_zip/byteorder", 100, &member, &size),
        MIEN_EFORMAT, "CRC");
    mien_free(bytes);
}

static void parts_of_a_member_read_in_any_order(void **state) {
    (void)state;
    char *bytes = NULL, part[6] = "";
    size_t count = 0;
    mien_zip *zip = NULL;
    assert_good(mien_file_read(support_source(FILE_NAME), 100000, &bytes, &count));
    assert_good(mien_zip_open("a.zip", bytes, count, &zip));
    int64_t index = mien_zip_find(zip, "plain_zip/byteorder");
    for (int round = 0; round < 3; round++) {
        for (size_t skip = 0; skip < 6; skip++) {
            assert_good(mien_zip_read(zip, index, skip, part, 6 - skip));
            assert_memory_equal(part, &"little"[skip], 6 - skip);
            assert_good(mien_zip_read(zip, index, skip, part, 1));
            assert_int_equal(part[0], "little"[skip]);
        }
        assert_fails(
            mien_zip_read(zip, index, 3, part, 4), MIEN_EFORMAT, "ends too early");
    }
    mien_zip_close(&zip);
    mien_free(bytes);
}

static mien_status read_member(void *context) {
    char *bytes = NULL;
    size_t count = 0;
    mien_status status =
        mien_zip_read_member(context, "plain_zip/byteorder", 100, &bytes, &count);
    mien_free(bytes);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(read_member, (void *)support_source(FILE_NAME), 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_reads),
        cmocka_unit_test(what_is_absent_or_too_large_is_named),
        cmocka_unit_test(a_damaged_member_is_told),
        cmocka_unit_test(parts_of_a_member_read_in_any_order),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
