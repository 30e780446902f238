/* SPDX-License-Identifier: MIT */
/* PBM, PGM and PPM in digits and bytes. Expected values by the definition of the
 * formats.
 */
#include "support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mien/media.h"

/* Two pixels side by side, or one above the other. */
static void check(const char *text, size_t n, int64_t width, const uint8_t want[6]) {
    mien_tensor *image = NULL;
    assert_good(mien_image_parse("two.pnm", text, n, NULL, &image));
    assert_int_equal(image->shape[1], width);
    assert_int_equal(image->shape[0], 2 / width);
    assert_memory_equal(image->data, want, 6);
    mien_tensor_free(&image);
}

#define TEXT(text) text, sizeof(text) - 1

static void pixels_are_those_written(void **state) {
    (void)state;
    const uint8_t colours[6] = {1, 2, 3, 250, 251, 252};
    const uint8_t greys[6] = {7, 7, 7, 200, 200, 200};
    const uint8_t black_white[6] = {0, 0, 0, 255, 255, 255};
    check(TEXT("P3 2 1 255 1 2 3 250 251 252"), 2, colours);
    check(
        TEXT("P3\n# a remark\n1 # another\n2\n255\n1 2 3\n250 251 252\n"), 1, colours);
    check(TEXT("P6\n2 1\n255\n\1\2\3\xFA\xFB\xFC"), 2, colours);
    check(TEXT("P6#remark\n2 1 255\r\1\2\3\xFA\xFB\xFCmore"), 2, colours);
    check(TEXT("P2 2 1 255 7 200"), 2, greys);
    check(TEXT("P5 2 1 255 \7\xC8"), 2, greys);
    check(TEXT("P1 2 1 10"), 2, black_white); /* 1 is black */
    check(TEXT("P1 1 2 1\n#0\n0"), 1, black_white);
    check(TEXT("P4 2 1 \x80"), 2, black_white);
    check(TEXT("P4 1 2 \x80\x7F"), 1, black_white); /* each row begins a byte */
}

static void values_are_stretched_to_the_range_of_a_byte(void **state) {
    (void)state;
    const uint8_t ends[6] = {0, 0, 0, 255, 255, 255};
    const uint8_t high[6] = {0x12, 0x12, 0x12, 0xFF, 0xFF, 0xFF};
    const uint8_t third[6] = {85, 85, 85, 170, 170, 170};
    const uint8_t half[6] = {128, 128, 128, 64, 64, 64};
    check(TEXT("P2 2 1 1 0 1"), 2, ends);
    check(TEXT("P2 2 1 3 1 2"), 2, third);
    check(TEXT("P5 2 1 65535 \x12\xFF\xFF\0"), 2, high);
    check(TEXT("P2 2 1 65535 4863 65535"), 2, high);
    check(TEXT("P5 2 1 1023 \2\1\1\1"), 2, half); /* 513 and 257 of 1023 */
    check(TEXT("P5 2 1 100 \x32\x19"), 2, half);
}

static void what_is_not_there_is_an_error(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        mien_status status;
        const char *part;
    } cases[] = {
        {TEXT("P6\n2 1\n255\n\1\2\3\xFA\xFB"), MIEN_EFORMAT, "cut short"},
        {TEXT("P6\n2 1\n255"), MIEN_EFORMAT, "cut short"},
        {TEXT("P3 2 1 255 1 2 3 250 251"), MIEN_EFORMAT, "cut short"},
        {TEXT("P3 2 1 255 1 2 3 250 251 256"), MIEN_EFORMAT, "cut short"},
        {TEXT("P3 2 1 255 1 2 3 256 251 250"), MIEN_EFORMAT, "out of range"},
        {TEXT("P3 2 1 255 1 2 x 250 251 250"), MIEN_EFORMAT, "out of range"},
        {TEXT("P1 2 1 12"), MIEN_EFORMAT, "cut short"},
        {TEXT("P1 2 1 "), MIEN_EFORMAT, "cut short"},
        {TEXT("P4 9 2 \1\2\3"), MIEN_EFORMAT, "cut short"},
        {TEXT("P5 2 1 65535 \1\2\3"), MIEN_EFORMAT, "cut short"},
        {TEXT("P5 2 1 65536 \1\2\3\4\5\6"), MIEN_EFORMAT, "largest value"},
        {TEXT("P5 2 1 0 \1\2\3\4\5\6"), MIEN_EFORMAT, "largest value"},
        {TEXT("P5 2 -1 255 \1\2\3\4"), MIEN_EFORMAT, "largest value"},
        {TEXT("P5 2"), MIEN_EFORMAT, "largest value"},
        {TEXT("P5 12345678901 1 255 \1"), MIEN_EFORMAT, "largest value"},
        {TEXT("P5 0 1 255 \1"), MIEN_EFORMAT, "0 × 1"},
        {TEXT("P5 999999999 999999999 255 \1"), MIEN_ELIMIT, "999999999"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_tensor *image = NULL;
        assert_fails(
            mien_image_parse("bad.pnm", cases[i].text, cases[i].n, NULL, &image),
            cases[i].status, cases[i].part);
        assert_null(image);
    }
}

/* In memory that ends where the picture does, so that no byte behind it is read. */
static void cuts_at_every_byte_are_errors(void **state) {
    (void)state;
    static const char *const pictures[] = {"P3 2 1 9 1 2 3 4 5 6", "P6 2 1 9 abcdef",
        "P5 2 1 900 abcd", "P4 9 2 abcd", "P1 2 2 1010", "P2 # x\n 2 1 9 1 2"};
    for (size_t p = 0; p < sizeof pictures / sizeof *pictures; p++) {
        size_t count = strlen(pictures[p]);
        for (size_t n = 4; n <= count; n++) {
            char *part = malloc(n);
            mien_tensor *image = NULL;
            memcpy(part, pictures[p], n);
            mien_status status = mien_image_parse("cut.pnm", part, n, NULL, &image);
            assert_int_equal(status, n == count ? MIEN_OK : MIEN_EFORMAT);
            mien_tensor_free(&image);
            free(part);
        }
    }
}

static void a_probe_tells_the_size(void **state) {
    (void)state;
    mien_image_info info;
    assert_good(mien_image_probe(support_write("p.pgm", TEXT("P5 7 3 255 ")), &info));
    assert_int_equal(info.width, 7);
    assert_int_equal(info.height, 3);
    assert_string_equal(info.format, "pgm");
}

static mien_status parse_one(void *context) {
    mien_tensor *image = NULL;
    mien_status status =
        mien_image_parse("one.ppm", context, strlen(context), NULL, &image);
    mien_tensor_free(&image);
    return status;
}

static void every_failed_allocation_is_reported(void **state) {
    (void)state;
    char text[] = "P3 2 1 255 1 2 3 250 251 252";
    support_each_allocation_fails(parse_one, text, 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_are_those_written),
        cmocka_unit_test(values_are_stretched_to_the_range_of_a_byte),
        cmocka_unit_test(what_is_not_there_is_an_error),
        cmocka_unit_test(cuts_at_every_byte_are_errors),
        cmocka_unit_test(a_probe_tells_the_size),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
