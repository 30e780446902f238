/* SPDX-License-Identifier: MIT */
/* UTF-8 by the book, JSON numbers, lines; and the index from names to numbers. */
#include "support/support.h"

#include "io/index.h"
#include "io/text.h"

#include <stdio.h>
#include <string.h>

static void utf8_is_checked_as_rfc_3629_says(void **state) {
    (void)state;
    static const char *const good[] = {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf",
        "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2",
        "\xc2\x7f", "\xe0\x9f\xbf", "\xe1\x80", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(mien_utf8_check(good[i], strlen(good[i])), strlen(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(mien_utf8_check(bad[i], strlen(bad[i])), 0);
    }
    assert_int_equal(mien_utf8_check("ab\xff", 3), 2);
}

static void json_numbers_follow_the_grammar(void **state) {
    (void)state;
    static const char *const good[] = {
        "0", "-0", "12", "1.5", "1e5", "1E+5", "-0.0e-1"};
    static const char *const bad[] = {
        "", "-", "+1", "01", ".5", "1.", "1e", "1e+", "0x1", "1 ", "nan", "inf", "--1"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(mien_json_is_number(good[i]));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(mien_json_is_number(bad[i]));
    }
}

static void lines_end_in_any_way(void **state) {
    (void)state;
    static const char text[] = "a\nb\r\nc\rd";
    assert_int_equal(mien_line_of(text, 0), 1);
    assert_int_equal(mien_line_of(text, 2), 2);
    assert_int_equal(mien_line_of(text, 5), 3);
    assert_int_equal(mien_line_of(text, 7), 4);
}

static void an_index_finds_every_name(void **state) {
    (void)state;
    static char names[1000][16];
    mien_index index = {0};
    assert_int_equal(mien_index_find(&index, "n0", 2), -1);
    for (int i = 0; i < 1000; i++) {
        snprintf(names[i], sizeof names[i], "n%d", i);
        assert_good(mien_index_add(&index, names[i], strlen(names[i]), i));
    }
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(mien_index_find(&index, names[i], strlen(names[i])), i);
    }
    assert_int_equal(mien_index_find(&index, "n1000", 5), -1);
    assert_int_equal(mien_index_find(&index, "n1", 1), -1);
    assert_int_equal(mien_index_find(&index, "", 0), -1);
    assert_good(mien_index_add(&index, "", 0, 7));
    assert_int_equal(mien_index_find(&index, "", 0), 7);
    mien_index_clear(&index);
    mien_alloc_fail_at(1);
    mien_status status = mien_index_add(&index, "a", 1, 0);
    mien_alloc_fail_at(0);
    assert_int_equal(status, MIEN_ENOMEM);
    mien_index_clear(&index);
}

static void a_comma_may_stand_for_the_point_of_a_number(void **state) {
    (void)state;
    static const char *const yes[] = {"1,797", "-0,5", "+,5", "2,", "1,5e3"};
    static const char *const no[] = {"1.5", "1,2,3", ",", "a,b", "", "1,5x", "15"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        assert_true(mien_text_decimal_comma(yes[i]));
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        assert_false(mien_text_decimal_comma(no[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_checked_as_rfc_3629_says),
        cmocka_unit_test(json_numbers_follow_the_grammar),
        cmocka_unit_test(lines_end_in_any_way),
        cmocka_unit_test(an_index_finds_every_name),
        cmocka_unit_test(a_comma_may_stand_for_the_point_of_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
