/* SPDX-License-Identifier: MIT */
/* The eight orientations, and the bounded look into EXIF. */
#include "support/support.h"

#include <stdlib.h>
#include <string.h>

#include "media/orientation.h"

/* One directory at 8 with one entry: orientation 6, once in each byte order. */
static const uint8_t little[] =
    "II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
static const uint8_t big[] = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0";

static void both_byte_orders_are_read(void **state) {
    (void)state;
    assert_int_equal(mien_exif_orientation(little, 22), 6);
    assert_int_equal(mien_exif_orientation(big, 22), 6);
    uint8_t headed[32] = "Exif\0";
    memcpy(headed + 6, little, 22);
    assert_int_equal(mien_exif_orientation(headed, 28), 6);
}

static void what_is_cut_or_odd_is_upright(void **state) {
    (void)state;
    uint8_t bytes[22];
    for (size_t n = 0; n < 20; n++) {
        uint8_t *part = malloc(n ? n : 1);
        memcpy(part, little, n);
        assert_int_equal(mien_exif_orientation(part, n), 1);
        free(part);
    }
    memcpy(bytes, little, 22);
    bytes[18] = 9; /* no such orientation */
    assert_int_equal(mien_exif_orientation(bytes, 22), 1);
    memcpy(bytes, little, 22);
    memset(bytes + 4, 0xFF, 4); /* directory far outside */
    assert_int_equal(mien_exif_orientation(bytes, 22), 1);
    memcpy(bytes, little, 22);
    memset(bytes + 8, 0xFF, 4); /* 65535 entries, the first another tag */
    assert_int_equal(mien_exif_orientation(bytes, 22), 1);
}

static void turns_move_the_corners_where_exif_says(void **state) {
    (void)state;
    /* stored 3 × 2, pixels numbered row by row; the upright rows of each orientation,
     * as the EXIF standard draws them */
    static const uint8_t want[9][6] = {{0}, {0, 1, 2, 3, 4, 5}, {2, 1, 0, 5, 4, 3},
        {5, 4, 3, 2, 1, 0}, {3, 4, 5, 0, 1, 2}, {0, 3, 1, 4, 2, 5}, {3, 0, 4, 1, 5, 2},
        {5, 2, 4, 1, 3, 0}, {2, 5, 1, 4, 0, 3}};
    uint8_t from[18], to[18];
    for (int i = 0; i < 18; i++) {
        from[i] = (uint8_t)(i / 3 * 10 + i % 3);
    }
    for (int turn = 1; turn <= 8; turn++) {
        mien_orientation_apply(turn, from, 3 * 3, 3, 2, to);
        for (int i = 0; i < 18; i++) {
            assert_int_equal(to[i], want[turn][i / 3] * 10 + i % 3);
        }
        assert_int_equal(mien_orientation_swaps(turn), turn >= 5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_byte_orders_are_read),
        cmocka_unit_test(what_is_cut_or_odd_is_upright),
        cmocka_unit_test(turns_move_the_corners_where_exif_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
