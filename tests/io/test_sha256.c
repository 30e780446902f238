/* SPDX-License-Identifier: MIT */
/* SHA-256 against the examples of FIPS 180-4. */
#include "support/support.h"

#include "mien/io.h"

#include <string.h>

#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void bytes_hash_as_published(void **state) {
    (void)state;
    char hex[65];
    assert_good(mien_sha256_bytes("abc", 3, hex));
    assert_string_equal(hex, ABC);
    assert_good(mien_sha256_bytes(NULL, 0, hex));
    assert_string_equal(hex, EMPTY);
}

static void parts_hash_as_the_whole(void **state) {
    (void)state;
    char hex[65];
    mien_sha256 *sha = NULL;
    assert_good(mien_sha256_new(&sha));
    mien_sha256_add(sha, "a", 1);
    mien_sha256_add(sha, "bc", 2);
    mien_sha256_take(&sha, hex);
    assert_null(sha);
    assert_string_equal(hex, ABC);
}

static void a_file_hashes_as_its_bytes(void **state) {
    (void)state;
    static char large[600000];
    memset(large, 'x', sizeof large);
    char hex[65], want[65];
    assert_good(mien_sha256_bytes(large, sizeof large, want));
    assert_good(mien_sha256_file(support_write("large", large, sizeof large), hex));
    assert_string_equal(hex, want);
    strcpy(hex, "kept");
    assert_fails(mien_sha256_file("no/such", hex), MIEN_EIO, "no/such");
    assert_fails(mien_sha256_file(support_temp(), hex), MIEN_EIO, "read");
    assert_string_equal(hex, "kept");
}

static mien_status hash_file(void *context) {
    char hex[65];
    return mien_sha256_file(context, hex);
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(hash_file, (void *)support_write("f", "abc", 3), 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_hash_as_published),
        cmocka_unit_test(parts_hash_as_the_whole),
        cmocka_unit_test(a_file_hashes_as_its_bytes),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
