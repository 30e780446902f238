/* SPDX-License-Identifier: MIT */
/* LZF, unpacked by hand: what each piece of a stream becomes, and what is damage. */
#include "support/support.h"

#include "io/hdf5_lzf.h"

#include <stdlib.h>
#include <string.h>

static void assert_unpacks(
    const char *packed, size_t count, const char *want, size_t length) {
    unsigned char *to = malloc(length); /* the sanitizer sees a byte too many */
    const unsigned char *bytes = (const unsigned char *)packed;
    assert_int_equal(mien_lzf_length(bytes, count), length);
    mien_lzf_unpack(bytes, count, to);
    assert_memory_equal(to, want, length);
    free(to);
}

static void literals_are_copied(void **state) {
    (void)state;
    assert_unpacks("\0a\2bcd", 6, "abcd", 4);
}

/* length bits 1 stand for three bytes; distance byte 1 for two bytes back */
static void earlier_bytes_are_repeated(void **state) {
    (void)state;
    assert_unpacks("\3abcd\x20\1", 7, "abcdcdc", 7);
}

static void a_long_repetition_has_a_byte_more_of_length(void **state) {
    (void)state;
    char want[1 + 2 + 7 + 255];
    memset(want, 'z', sizeof want);
    assert_unpacks("\0z\xe0\xff\0", 5, want, sizeof want);
}

static void a_far_distance_has_high_bits(void **state) {
    (void)state;
    char packed[9 * 33 + 2], want[9 * 32 + 8];
    for (int i = 0; i < 9 * 32; i++) {
        packed[i / 32 * 33] = 31;
        packed[i / 32 * 33 + 1 + i % 32] = want[i] = (char)(i % 251);
    }
    /* length 6 + 2, 256 + 2 + 1 = 259 bytes back */
    memcpy(packed + 9 * 33, "\xc1\2", 2);
    memcpy(want + 9 * 32, want + 9 * 32 - 259, 8);
    assert_unpacks(packed, sizeof packed, want, sizeof want);
}

static void damage_is_seen_before_anything_is_written(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t count;
    } bad[] = {{"\1a", 2}, {"\x1f", 1}, {"\x20", 1}, {"\x20\0", 2}, {"\0a\x20\1", 4},
        {"\0a\xe0", 3}, {"\0a\xe0\0", 4}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        unsigned char *copy = malloc(bad[i].count);
        memcpy(copy, bad[i].bytes, bad[i].count);
        assert_true(mien_lzf_length(copy, bad[i].count) == SIZE_MAX);
        free(copy);
    }
    assert_int_equal(mien_lzf_length((const unsigned char *)"", 0), 0);
}

static void three_bytes_become_no_more_than_the_ratio_says(void **state) {
    (void)state;
    assert_int_equal(
        mien_lzf_length((const unsigned char *)"\0z\xe0\xff\0\xe0\xff\0", 8) - 1,
        2 * 3 * MIEN_LZF_RATIO_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_are_copied),
        cmocka_unit_test(earlier_bytes_are_repeated),
        cmocka_unit_test(a_long_repetition_has_a_byte_more_of_length),
        cmocka_unit_test(a_far_distance_has_high_bits),
        cmocka_unit_test(damage_is_seen_before_anything_is_written),
        cmocka_unit_test(three_bytes_become_no_more_than_the_ratio_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
