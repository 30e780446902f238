/* SPDX-License-Identifier: MIT */
/* JSON there and back, numbers to the last bit, mistakes with their line. */
#include "support/support.h"

#include "mien/io.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static mien_status parse(const char *text, mien_value **value) {
    return mien_value_parse_json("f.json", text, strlen(text), value);
}

static void assert_written(const char *text, bool indent, const char *want) {
    mien_value *value = NULL;
    mien_string out;
    mien_string_init(&out);
    assert_good(parse(text, &value));
    assert_good(mien_value_write_json(value, indent, &out));
    assert_string_equal(out.text, want);
    mien_string_clear(&out);
    mien_value_free(&value);
}

static void assert_refused(const char *text, mien_status status, const char *part) {
    mien_value *value = NULL;
    assert_fails(parse(text, &value), status, part);
    assert_null(value);
}

static void documents_are_written_as_they_were(void **state) {
    (void)state;
    static const char text[] = "{\"b\": [1, -2.5, true, null, "
                               "\"\\\"\\\\\\n\\u0001\xc3\xa4\"], \"a\": {}, \"c\": []}";
    assert_written(text, false, text);
    assert_written("{\"a\":[1,{\"b\":2}],\"c\":{}}", true,
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": {}\n}\n");
    assert_written("\xef\xbb\xbf 5", false, "5");
    assert_written("\"\\ud83d\\ude00/\\/\"", false, "\"\xf0\x9f\x98\x80//\"");
}

static void numbers_read_back_to_the_same_bits(void **state) {
    (void)state;
    static const double numbers[] = {0.1, 1.0 / 3, 1e22, 1e-310, 5e-324, -0.0, 3, 1e300,
        123456789012345680.0, 0x1.fffffffffffffp1023};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        mien_value *value = mien_value_new_number(numbers[i]), *back = NULL;
        mien_string out;
        mien_string_init(&out);
        assert_good(mien_value_write_json(value, false, &out));
        assert_good(parse(out.text, &back));
        assert_int_equal(mien_value_kind_of(back), MIEN_VALUE_NUMBER);
        double x = mien_value_number(back, 7);
        assert_memory_equal(&x, &numbers[i], sizeof x);
        mien_string_clear(&out);
        mien_value_free(&value);
        mien_value_free(&back);
    }
    assert_written("[9223372036854775807, -9223372036854775808]", false,
        "[9223372036854775807, -9223372036854775808]");
}

static void what_is_not_finite_becomes_null(void **state) {
    (void)state;
    mien_value *list = mien_value_new_list();
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_value_add(list, mien_value_new_number((double)NAN)));
    assert_good(mien_value_add(list, mien_value_new_number(-(double)INFINITY)));
    assert_good(mien_value_write_json(list, false, &out));
    assert_string_equal(out.text, "[null, null]");
    mien_string_clear(&out);
    mien_value_free(&list);
}

static void bytes_that_are_not_utf8_are_replaced(void **state) {
    (void)state;
    mien_value *text = mien_value_new_text("a\xff\xed\xa0\x80z");
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_value_write_json(text, false, &out));
    assert_string_equal(
        out.text, "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\"");
    mien_string_clear(&out);
    mien_value_free(&text);
}

static void mistakes_are_told_with_their_line(void **state) {
    (void)state;
    assert_refused("{\"a\": 1,\n\"a\": 2}", MIEN_EFORMAT, "f.json:2: duplicate");
    assert_refused("{\n\n\"a\" 1}", MIEN_EFORMAT, "f.json:3:");
    assert_refused("", MIEN_EFORMAT, "f.json:1:");
    assert_refused("1 2", MIEN_EFORMAT, "f.json:1: end of file expected");
    assert_refused("[1e999]", MIEN_EFORMAT, "overflow");
    assert_refused("[99999999999999999999]", MIEN_EFORMAT, "too big integer");
    assert_refused("[NaN]", MIEN_EFORMAT, "f.json:1:");
    assert_refused("[\"\\u0000\"]", MIEN_EFORMAT, "f.json:1:");
    assert_refused(
        "[\n\"\xc0\x80\"]", MIEN_EFORMAT, "f.json:2: byte 0xc0 is not UTF-8");
    assert_refused("[\"\xf5\x80\x80\x80\"]", MIEN_EFORMAT, "not UTF-8");
    mien_value *value = NULL;
    assert_fails(mien_value_parse_json("f", "[\0]", 3, &value), MIEN_EFORMAT, "0 byte");
}

static void depth_and_size_are_limited(void **state) {
    (void)state;
    char deep[200] = "";
    memset(deep, '[', 64);
    memset(deep + 64, ']', 64);
    mien_value *value = NULL;
    assert_good(parse(deep, &value));
    mien_value_free(&value);
    memset(deep, '[', 65);
    memset(deep + 65, ']', 65);
    assert_refused(deep, MIEN_ELIMIT, "deeper than 64");
    size_t count = (16u << 20) + 1;
    char *large = malloc(count);
    memset(large, ' ', count);
    assert_fails(mien_value_parse_json("f", large, count, &value), MIEN_ELIMIT,
        "16777216 bytes");
    for (size_t i = 0; i < 2200000; i += 2) {
        memcpy(large + i, "1,", 2);
    }
    large[0] = '[';
    large[1] = ' ';
    memcpy(large + 2200000, "1]", 2);
    assert_fails(mien_value_parse_json("f", large, 2200002, &value), MIEN_ELIMIT,
        "1000000 values");
    free(large);
}

static void a_document_cut_anywhere_is_refused(void **state) {
    (void)state;
    static const char text[] =
        "{\"a\": [1, -2.5e3, true, null, \"x\\u00e4\"], \"b\": {}}";
    for (size_t n = 0; n < sizeof text - 1; n++) {
        mien_value *value = NULL;
        char *exact = malloc(n ? n : 1);
        memcpy(exact, text, n);
        assert_fails(
            mien_value_parse_json("cut", exact, n, &value), MIEN_EFORMAT, "cut:1:");
        free(exact);
    }
}

static mien_status read_and_write(void *context) {
    mien_value *value = NULL;
    mien_string out;
    mien_string_init(&out);
    mien_status status = parse(context, &value);
    if (status == MIEN_OK) {
        status = mien_value_write_json(value, true, &out);
    }
    mien_string_clear(&out);
    mien_value_free(&value);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(
        read_and_write, (void *)"{\"a\": [1, 2.5, \"x\"], \"b\": {\"c\": null}}", 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_are_written_as_they_were),
        cmocka_unit_test(numbers_read_back_to_the_same_bits),
        cmocka_unit_test(what_is_not_finite_becomes_null),
        cmocka_unit_test(bytes_that_are_not_utf8_are_replaced),
        cmocka_unit_test(mistakes_are_told_with_their_line),
        cmocka_unit_test(depth_and_size_are_limited),
        cmocka_unit_test(a_document_cut_anywhere_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
