/* SPDX-License-Identifier: MIT */
/* CRC-32C against the vectors of RFC 3720, B.4, and the usual check word. */
#include "support/support.h"

#include "io/crc32c.h"

#include <string.h>

static void checksums_equal_those_of_the_rfc(void **state) {
    (void)state;
    unsigned char bytes[32];
    assert_int_equal(mien_crc32c("123456789", 9), 0xe3069283);
    assert_int_equal(mien_crc32c("", 0), 0);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(mien_crc32c(bytes, sizeof bytes), 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(mien_crc32c(bytes, sizeof bytes), 0x62a8ab43);
    for (int i = 0; i < 32; i++) {
        bytes[i] = (unsigned char)i;
    }
    assert_int_equal(mien_crc32c(bytes, sizeof bytes), 0x46dd794e);
    for (int i = 0; i < 32; i++) {
        bytes[i] = (unsigned char)(31 - i);
    }
    assert_int_equal(mien_crc32c(bytes, sizeof bytes), 0x113fdb5c);
}

static void masked_is_rotated_by_15_and_shifted(void **state) {
    (void)state;
    assert_int_equal(mien_crc32c_masked("", 0), 0xa282ead8);
    uint32_t plain = mien_crc32c("foo", 3);
    uint32_t masked = mien_crc32c_masked("foo", 3) - 0xa282ead8;
    assert_int_equal(masked >> 17 | masked << 15, plain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksums_equal_those_of_the_rfc),
        cmocka_unit_test(masked_is_rotated_by_15_and_shifted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
