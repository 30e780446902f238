/* SPDX-License-Identifier: MIT */
/* MD5 of files. */
#include "support/support.h"

#include "mien/io.h"

static void digests_are_those_of_rfc_1321(void **state) {
    (void)state;
    char hex[33];
    assert_good(mien_md5_file(support_write("empty", "", 0), hex));
    assert_string_equal(hex, "d41d8cd98f00b204e9800998ecf8427e");
    assert_good(mien_md5_file(support_write("text", "message digest", 14), hex));
    assert_string_equal(hex, "f96b697d7cb7938d525a2f31aaf161d0");
    assert_fails(mien_md5_file("no/such", hex), MIEN_EIO, "no/such");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_rfc_1321),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
