/* SPDX-License-Identifier: MIT */
/* Numbers to text and back. */
#include "support/support.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <string.h>

static void whole_numbers_and_decimals_parse(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double want;
    } cases[] = {{"1", 1}, {"-2.5", -2.5}, {"+.5", 0.5}, {"3.", 3}, {"1e3", 1000},
        {"1E-2", 0.01}, {"-0", 0}, {"4.685185185", 4.685185185}, {"5e-324", 5e-324},
        {"1e-999", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got = -1;
        assert_true(mien_parse_number(cases[i].text, &got));
        assert_true(got == cases[i].want);
    }
}

static void names_of_no_number_and_infinity_parse(void **state) {
    (void)state;
    double x;
    assert_true(mien_parse_number("NaN", &x) && isnan(x));
    assert_true(mien_parse_number("-nan", &x) && isnan(x));
    assert_true(mien_parse_number("inf", &x) && x > DBL_MAX);
    assert_true(mien_parse_number("-Infinity", &x) && x < -DBL_MAX);
}

static void anything_else_is_no_number(void **state) {
    (void)state;
    static const char *const bad[] = {"", " ", "1 ", " 1", "1,5", "0x10", "1e", "1e+",
        ".", "-", "+-1", "nan(1)", "1e999", "-1e999", "infinit", "1_000", "--1",
        "1.2.3", "1d3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double x = 7;
        if (mien_parse_number(bad[i], &x)) {
            fail_msg("\"%s\" parsed as %g", bad[i], x);
        }
        assert_true(x == 7);
    }
}

static void whole_numbers_stay_exact_to_the_ends(void **state) {
    (void)state;
    int64_t n = 0;
    assert_true(mien_parse_int("9223372036854775807", &n) && n == INT64_MAX);
    assert_true(mien_parse_int("-9223372036854775808", &n) && n == INT64_MIN);
    assert_true(mien_parse_int("+12", &n) && n == 12);
    assert_true(mien_parse_int("007", &n) && n == 7);
    static const char *const bad[] = {
        "", "-", "1.0", "9223372036854775808", "1e3", " 1", "1 ", "0x1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(mien_parse_int(bad[i], &n));
    }
}

static void check_double(double value, const char *want) {
    char buffer[32];
    assert_string_equal(mien_format_double(value, buffer), want);
}

static void doubles_are_written_as_short_as_they_read_back(void **state) {
    (void)state;
    check_double(0.1, "0.1");
    check_double(1.0 / 3.0, "0.3333333333333333");
    check_double(0.1 + 0.2, "0.30000000000000004");
    check_double(100, "100");
    check_double(-0.0, "-0");
    check_double(5e-324, "5e-324");
    check_double(DBL_MAX, "1.7976931348623157e+308");
    check_double(-DBL_MIN, "-2.2250738585072014e-308");
    check_double((double)NAN, "nan");
    check_double((double)INFINITY, "inf");
    check_double(-(double)INFINITY, "-inf");
}

static void floats_are_written_as_short_as_they_read_back(void **state) {
    (void)state;
    char buffer[32];
    assert_string_equal(mien_format_float(0.1F, buffer), "0.1");
    assert_string_equal(mien_format_float(16777216.0F, buffer), "16777216");
    assert_string_equal(mien_format_float(1.0F / 3.0F, buffer), "0.33333334");
    assert_string_equal(mien_format_float(1e-45F, buffer), "1e-45");
    assert_string_equal(mien_format_float(-INFINITY, buffer), "-inf");
}

static void every_double_reads_back_to_its_bits(void **state) {
    (void)state;
    mien_stream s;
    mien_stream_init(&s, 1, 2, 3);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = mien_stream_word(&s);
        double value, back = 0;
        memcpy(&value, &bits, sizeof value);
        char buffer[32];
        if (isfinite(value)) {
            assert_true(mien_parse_number(mien_format_double(value, buffer), &back));
            assert_memory_equal(&back, &value, sizeof value);
            assert_true(strlen(buffer) < 25);
        }
        float single, single_back;
        uint32_t low = (uint32_t)bits;
        memcpy(&single, &low, sizeof single);
        if (isfinite(single)) {
            assert_true(mien_parse_number(mien_format_float(single, buffer), &back));
            single_back = (float)back;
            assert_memory_equal(&single_back, &single, sizeof single);
        }
    }
}

static void numbers_do_not_follow_the_locale(void **state) {
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof *names && !found; i++) {
        found = setlocale(LC_ALL, names[i]) != NULL;
    }
    if (!found) {
        print_message("SKIPPED: no locale with a decimal comma is installed\n");
        skip();
    }
    double x = 0;
    char buffer[32];
    bool parsed = mien_parse_number("1.5", &x);
    mien_format_double(2.5, buffer);
    setlocale(LC_ALL, "C");
    assert_true(parsed && x == 1.5);
    assert_string_equal(buffer, "2.5");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_numbers_and_decimals_parse),
        cmocka_unit_test(names_of_no_number_and_infinity_parse),
        cmocka_unit_test(anything_else_is_no_number),
        cmocka_unit_test(whole_numbers_stay_exact_to_the_ends),
        cmocka_unit_test(doubles_are_written_as_short_as_they_read_back),
        cmocka_unit_test(floats_are_written_as_short_as_they_read_back),
        cmocka_unit_test(every_double_reads_back_to_its_bits),
        cmocka_unit_test(numbers_do_not_follow_the_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
