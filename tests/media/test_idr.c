/* SPDX-License-Identifier: MIT */
/* Whether decoding can begin afresh at an H.264 packet. */
#include "support/support.h"

#include "media/idr.h"

static const uint8_t four_byte_lengths[] = {1, 100, 0, 31, 0xFF};

static bool framed(const char *bytes, int64_t count) {
    return mien_h264_is_idr(four_byte_lengths, 5, (const uint8_t *)bytes, count);
}

static bool marked(const char *bytes, int64_t count) {
    return mien_h264_is_idr(NULL, 0, (const uint8_t *)bytes, count);
}

static void the_first_slice_decides(void **state) {
    (void)state;
    assert_true(framed("\0\0\0\x02\x06x\0\0\0\x02\x65x", 12)); /* SEI, IDR slice */
    assert_false(framed("\0\0\0\x02\x06x\0\0\0\x02\x41x\0\0\0\x02\x65x", 18));
    assert_true(
        marked("\0\0\0\x01\x67xx\0\0\x01\x65x", 12)); /* parameters, IDR slice */
    assert_false(marked("\0\0\x01\x41x\0\0\x01\x65x", 10));
}

static void broken_units_are_no_beginning(void **state) {
    (void)state;
    assert_false(framed("", 0));
    assert_false(framed("\xFF\xFF\xFF\xFF\x06x", 6));
    assert_false(framed("\0\0\0", 3));
    assert_false(marked("\0\0\x01", 3));
    assert_false(marked("no unit at all", 14));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_slice_decides),
        cmocka_unit_test(broken_units_are_no_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
