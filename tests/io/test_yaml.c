/* SPDX-License-Identifier: MIT */
/* YAML 1.2: what scalars mean, lines, anchors within limits, and writing that reads
 * back. */
#include "support/support.h"

#include "mien/io.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static mien_status parse(const char *text, mien_value **value) {
    return mien_value_parse_yaml("f.yaml", text, strlen(text), value);
}

static void assert_json(const char *text, const char *want) {
    mien_value *value = NULL;
    mien_string out;
    mien_string_init(&out);
    assert_good(parse(text, &value));
    assert_good(mien_value_write_json(value, false, &out));
    assert_string_equal(out.text, want);
    mien_string_clear(&out);
    mien_value_free(&value);
}

static void assert_refused(const char *text, mien_status status, const char *part) {
    mien_value *value = NULL;
    assert_fails(parse(text, &value), status, part);
    assert_null(value);
}

static void plain_scalars_mean_what_the_core_schema_says(void **state) {
    (void)state;
    assert_json(
        "[null, ~, Null, true, False, TRUE]", "[null, null, null, true, false, true]");
    assert_json("[1, -12, +3, 0x1F, 0o17, 007]", "[1, -12, 3, 31, 15, 7]");
    assert_json("[1.5, -.5, 1e3, 2., 0.0]", "[1.5, -0.5, 1000.0, 2.0, 0.0]");
    assert_json("[yes, no, on, n/a, nan, inf, 1_000, 12:30, 0x, 1e]",
        "[\"yes\", \"no\", \"on\", \"n/a\", \"nan\", \"inf\", \"1_000\", \"12:30\", "
        "\"0x\", "
        "\"1e\"]");
    assert_json("['1', \"true\", !!str 5]", "[\"1\", \"true\", \"5\"]");
    assert_json("a:\nb: ''\n", "{\"a\": null, \"b\": \"\"}");
    assert_json(
        "a: &x\nb: *x\nc: [a, ~]", "{\"a\": null, \"b\": null, \"c\": [\"a\", null]}");
    mien_value *value = NULL;
    assert_good(parse("[.nan, -.inf, .INF]", &value));
    assert_true(isnan(mien_value_number(mien_value_at(value, 0), 0)));
    assert_true(mien_value_number(mien_value_at(value, 1), 0) == -(double)INFINITY);
    mien_value_free(&value);
    assert_refused(
        "a: 9223372036854775808", MIEN_ELIMIT, "f.yaml:1: 9223372036854775808");
    assert_refused("a: 0xffffffffffffffff", MIEN_ELIMIT, "too large");
}

static void blocks_comments_and_long_texts_read(void **state) {
    (void)state;
    assert_json(
        "# head\na:\n- b: 1 # one\n  c: [x, {d: 2}]\n- |\n  two\n  lines\n- >-\n  one\n"
        "  line\n",
        "{\"a\": [{\"b\": 1, \"c\": [\"x\", {\"d\": 2}]}, \"two\\nlines\\n\", \"one "
        "line\"]}");
    assert_json("%YAML 1.2\n---\na: \"\\u00e4\\x41\"\n...\n", "{\"a\": \"\xc3\xa4"
                                                              "A\"}");
    assert_json("\xef\xbb\xbf"
                "a: 1\r\nb: 2\r\n",
        "{\"a\": 1, \"b\": 2}");
    assert_json("5", "5");
}

static void values_know_file_and_line(void **state) {
    (void)state;
    mien_value *value = NULL;
    assert_good(parse("# c\na: 1\n\nb:\n  - x\n  -\n    c: y\n", &value));
    const mien_value *b = mien_value_get(value, "b");
    assert_int_equal(mien_value_line(mien_value_get(value, "a")), 2);
    assert_int_equal(mien_value_line(b), 5);
    assert_int_equal(mien_value_line(mien_value_at(b, 0)), 5);
    assert_int_equal(mien_value_line(mien_value_get(mien_value_at(b, 1), "c")), 7);
    assert_string_equal(mien_value_file(mien_value_at(b, 0)), "f.yaml");
    mien_value_free(&value);
    assert_good(parse("a: 1\nb:\nc: 2\n", &value));
    assert_int_equal(mien_value_line(mien_value_get(value, "b")), 2);
    mien_value_free(&value);
}

static void aliases_are_copies(void **state) {
    (void)state;
    assert_json("a: &x {b: [1]}\nc: *x\nd: &y 5\ne: *y\n",
        "{\"a\": {\"b\": [1]}, \"c\": {\"b\": [1]}, \"d\": 5, \"e\": 5}");
    assert_json("[&x 1, &x 2, *x]", "[1, 2, 2]");
    assert_refused(
        "a: *x\n", MIEN_EFORMAT, "f.yaml:1: nothing before here is called &x");
    assert_refused("a: &x [*x]\n", MIEN_EFORMAT, "&x");
}

static void aliases_cannot_multiply_without_end(void **state) {
    (void)state;
    mien_string text;
    mien_string_init(&text);
    mien_string_add(&text, "- &a0 [x]\n");
    for (int i = 1; i < 40; i++) {
        mien_string_addf(&text, "- &a%d [*a%d, *a%d]\n", i, i - 1, i - 1);
    }
    assert_refused(text.text, MIEN_ELIMIT, "1000000 values");
    mien_string_empty(&text);
    mien_string_add(&text, "- &a0 [x]\n");
    for (int i = 1; i < 80; i++) {
        mien_string_addf(&text, "- &a%d [*a%d]\n", i, i - 1);
    }
    assert_refused(text.text, MIEN_ELIMIT, "deeper than 64");
    mien_string_clear(&text);
}

static void mistakes_are_told_with_their_line(void **state) {
    (void)state;
    assert_refused(
        "a: 1\nb: 2\na: 3\n", MIEN_EFORMAT, "f.yaml:3: key \"a\" appears twice");
    assert_refused("a: 1\n---\nb: 2\n", MIEN_EFORMAT, "f.yaml:2: a second document");
    assert_refused("a: [1\nb: 2\n", MIEN_EFORMAT, "f.yaml:3:");
    assert_refused("a:\n\t- b\n", MIEN_EFORMAT, "f.yaml:2:");
    assert_refused("a: !evil 1\n", MIEN_EUNSUPPORTED, "f.yaml:1: tag !evil");
    assert_refused(
        "a: !!python/object:os.system x\n", MIEN_EUNSUPPORTED, "python/object");
    assert_refused("? [a, b]\n: 1\n", MIEN_EUNSUPPORTED, "f.yaml:1: a key");
    assert_refused("a: 1\n: 2\n", MIEN_EUNSUPPORTED, "a value without a key");
    assert_refused("", MIEN_EFORMAT, "empty");
    assert_refused("# nothing\n", MIEN_EFORMAT, "empty");
    assert_refused("a: 1\nb: \xe4\n", MIEN_EFORMAT, "f.yaml:2: byte 0xe4 is not UTF-8");
    mien_value *value = NULL;
    assert_fails(mien_value_parse_yaml("f", "a\0b", 3, &value), MIEN_EFORMAT, "0 byte");
    char deep[200] = "";
    memset(deep, '[', 70);
    memset(deep + 70, ']', 70);
    assert_refused(deep, MIEN_ELIMIT, "deeper than 64");
}

static void written_documents_read_back_the_same(void **state) {
    (void)state;
    static const char *const texts[] = {
        "a: 1\nb:\n  - x\n  - - 1\n    - 2\n  - c: {}\n    d: []\n",
        "- a: null\n  b: true\n- 1.5\n- .nan\n- -.inf\n", "plain text\n", "[]\n",
        "{}\n"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        mien_value *value = NULL;
        mien_string out;
        mien_string_init(&out);
        assert_good(parse(texts[i], &value));
        assert_good(mien_value_write_yaml(value, &out));
        assert_string_equal(out.text, texts[i]);
        mien_string_clear(&out);
        mien_value_free(&value);
    }
}

static void texts_are_quoted_only_where_needed(void **state) {
    (void)state;
    static const char *const texts[] = {
        "abc", "a b/c.d", "\xc3\xa4", "n/a", "a:b", "a#b", "it's"};
    static const char *const quoted[] = {"", "1", "1e5", "-", "- a", "a: b", "a #b",
        "true", "No", "~", "null", " a", "a ", "a:", "*a", "&a", "!a", "%a", "@a", "`a",
        "'a'", "\"a\"", "[a]", "a, b", "{a}", "|", ">", "?", "#a", "a\nb", "\t", "\x7f",
        "\xc2\x85", "\xe2\x80\xa8",
        "\xef\xbb\xbf"
        "a",
        "2020-01-01", ".5", "0x1", "---", "<<", "\\"};
    mien_string out;
    mien_string_init(&out);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        mien_value *value = mien_value_new_text(texts[i]);
        mien_string_empty(&out);
        assert_good(mien_value_write_yaml(value, &out));
        assert_memory_equal(out.text, texts[i], strlen(texts[i]));
        mien_value_free(&value);
    }
    for (size_t i = 0; i < sizeof quoted / sizeof quoted[0]; i++) {
        mien_value *value = mien_value_new_map(), *back = NULL;
        assert_good(mien_value_set(value, quoted[i], mien_value_new_text(quoted[i])));
        mien_string_empty(&out);
        assert_good(mien_value_write_yaml(value, &out));
        assert_int_equal(out.text[0], '"');
        assert_good(parse(out.text, &back));
        assert_string_equal(mien_value_key(back, 0), quoted[i]);
        assert_string_equal(mien_value_text(mien_value_item(back, 0)), quoted[i]);
        mien_value_free(&value);
        mien_value_free(&back);
    }
    mien_string_clear(&out);
}

static void a_key_too_long_for_yaml_is_refused(void **state) {
    (void)state;
    char key[162];
    memset(key, 'k', 161);
    key[161] = 0;
    mien_value *value = mien_value_new_map();
    mien_string out;
    mien_string_init(&out);
    assert_good(mien_value_set(value, key, mien_value_new_null()));
    assert_fails(mien_value_write_yaml(value, &out), MIEN_ELIMIT, "160");
    mien_string_clear(&out);
    mien_value_free(&value);
}

static void a_document_cut_anywhere_reads_or_says_why(void **state) {
    (void)state;
    static const char text[] =
        "a: &x [1, {b: \"q\\n\"}]\nc: *x\nd: |\n  t\n? e\n: !!str 5\n";
    for (size_t n = 0; n < sizeof text - 1; n++) {
        mien_value *value = NULL;
        char *exact = malloc(n ? n : 1);
        memcpy(exact, text, n);
        mien_status status = mien_value_parse_yaml("cut", exact, n, &value);
        assert_true(status == MIEN_OK || status == MIEN_EFORMAT ||
                    status == MIEN_EUNSUPPORTED); /* "!!s" of "!!str" */
        mien_value_free(&value);
        free(exact);
    }
}

static mien_status read_and_write(void *context) {
    mien_value *value = NULL;
    mien_string out;
    mien_string_init(&out);
    mien_status status = parse(context, &value);
    if (status == MIEN_OK) {
        status = mien_value_write_yaml(value, &out);
    }
    mien_string_clear(&out);
    mien_value_free(&value);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(read_and_write,
        (void *)"a: &x [1, 2.5, {b: !!str 5}]\nc: *x\nd: &z text\ne: *z\n", 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_scalars_mean_what_the_core_schema_says),
        cmocka_unit_test(blocks_comments_and_long_texts_read),
        cmocka_unit_test(values_know_file_and_line),
        cmocka_unit_test(aliases_are_copies),
        cmocka_unit_test(aliases_cannot_multiply_without_end),
        cmocka_unit_test(mistakes_are_told_with_their_line),
        cmocka_unit_test(written_documents_read_back_the_same),
        cmocka_unit_test(texts_are_quoted_only_where_needed),
        cmocka_unit_test(a_key_too_long_for_yaml_is_refused),
        cmocka_unit_test(a_document_cut_anywhere_reads_or_says_why),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
