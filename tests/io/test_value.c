/* SPDX-License-Identifier: MIT */
/* Values that are made, asked, copied; documents read by the extension of their file.
 */
#include "support/support.h"

#include "io/value.h"

#include <stdio.h>
#include <string.h>

static void a_map_keeps_the_order_of_its_keys(void **state) {
    (void)state;
    mien_value *map = mien_value_new_map();
    char key[16];
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof key, "k%d", 99 - i);
        assert_good(mien_value_set(map, key, mien_value_new_int(i)));
    }
    assert_int_equal(mien_value_count(map), 100);
    assert_string_equal(mien_value_key(map, 0), "k99");
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof key, "k%d", 99 - i);
        assert_int_equal(mien_value_int(mien_value_get(map, key), -1), i);
        assert_ptr_equal(mien_value_item(map, i), mien_value_get(map, key));
    }
    assert_null(mien_value_get(map, "k100"));
    mien_value_free(&map);
    assert_null(map);
}

static void setting_a_key_again_replaces_its_item(void **state) {
    (void)state;
    mien_value *map = mien_value_new_map();
    assert_good(mien_value_set(map, "a", mien_value_new_text("x")));
    assert_good(mien_value_set(map, "a", mien_value_new_bool(true)));
    assert_int_equal(mien_value_count(map), 1);
    assert_true(mien_value_bool(mien_value_get(map, "a"), false));
    mien_value_free(&map);
}

static void what_is_absent_or_of_another_kind_gives_the_default(void **state) {
    (void)state;
    mien_value *text = mien_value_new_text("x"), *i = mien_value_new_int(3);
    assert_null(mien_value_get(NULL, "a"));
    assert_null(mien_value_get(text, "a"));
    assert_null(mien_value_at(text, 0));
    assert_null(mien_value_key(text, 0));
    assert_null(mien_value_text(i));
    assert_int_equal(mien_value_count(text), 0);
    assert_int_equal(mien_value_count(NULL), 0);
    assert_int_equal(mien_value_int(text, 7), 7);
    assert_near(mien_value_number(i, 0), 3, 0);
    assert_near(mien_value_number(text, 2.5), 2.5, 0);
    assert_true(mien_value_bool(NULL, true));
    assert_string_equal(mien_value_file(text), "");
    mien_value_free(&text);
    mien_value_free(&i);
}

static void makers_nest_and_own_their_items(void **state) {
    (void)state;
    mien_value *list = mien_value_new_list(), *number = mien_value_new_number(1);
    assert_int_equal(mien_value_add(list, NULL), MIEN_ENOMEM);
    assert_int_equal(mien_value_set(NULL, "a", mien_value_new_null()), MIEN_ENOMEM);
    assert_fails(
        mien_value_set(list, "a", mien_value_new_null()), MIEN_EINVAL, "no map");
    assert_fails(mien_value_add(number, mien_value_new_null()), MIEN_EINVAL, "no list");
    assert_int_equal(mien_value_count(list), 0);
    mien_value_free(&number);
    mien_value_free(&list);
}

static void a_copy_is_equal_and_its_own(void **state) {
    (void)state;
    static const char text[] = "a: [1, x, true, ~, 2.5]\nb:\n  c: {}\n";
    mien_value *value = NULL, *copy = NULL, *part = NULL;
    assert_good(mien_value_parse_yaml("f.yaml", text, sizeof text - 1, &value));
    assert_good(mien_value_copy(value, &copy));
    assert_good(mien_value_copy(mien_value_get(value, "b"), &part));
    mien_string a, b;
    mien_string_init(&a);
    mien_string_init(&b);
    assert_good(mien_value_write_json(value, false, &a));
    mien_value_free(&value);
    assert_good(mien_value_write_json(copy, false, &b));
    assert_string_equal(a.text, b.text);
    assert_string_equal(mien_value_file(mien_value_get(copy, "a")), "f.yaml");
    assert_int_equal(mien_value_line(mien_value_get(copy, "b")), 3);
    assert_string_equal(mien_value_file(mien_value_get(part, "c")), "f.yaml");
    mien_value_free(&copy);
    mien_value_free(&part);
    mien_string_clear(&a);
    mien_string_clear(&b);
}

static void the_extension_chooses_the_language(void **state) {
    (void)state;
    mien_value *value = NULL;
    assert_good(mien_value_read(support_write("a.json", "{\"a\":\t1}", 8), &value));
    assert_int_equal(mien_value_int(mien_value_get(value, "a"), 0), 1);
    mien_value_free(&value);
    assert_good(mien_value_read(support_write("a.yaml", "a: 1\n", 5), &value));
    assert_int_equal(mien_value_int(mien_value_get(value, "a"), 0), 1);
    assert_non_null(strstr(mien_value_file(mien_value_get(value, "a")), "a.yaml"));
    mien_value_free(&value);
    static const char lines[] = "{\"a\":1}\r\n\n[2]\n3";
    assert_good(
        mien_value_read(support_write("a.jsonl", lines, sizeof lines - 1), &value));
    assert_int_equal(mien_value_count(value), 3);
    assert_int_equal(mien_value_line(mien_value_at(value, 1)), 3);
    mien_value_free(&value);
    assert_fails(mien_value_read(support_write("b.jsonl", "1\n{\n", 4), &value),
        MIEN_EFORMAT, "line 2");
    assert_fails(mien_value_read("no/such.yaml", &value), MIEN_EIO, "no/such.yaml");
    assert_null(value);
}

static mien_status make_and_copy(void *context) {
    mien_value *map = mien_value_new_map(), *list = mien_value_new_list(), *copy = NULL;
    char key[16];
    mien_status status = mien_value_add(list, mien_value_new_text("x"));
    (void)context;
    if (status == MIEN_OK) {
        status = mien_value_set(map, "list", list);
        list = NULL;
    }
    for (int i = 0; i < 40 && status == MIEN_OK; i++) {
        snprintf(key, sizeof key, "k%d", i);
        status = mien_value_set(map, key, mien_value_new_number(i));
    }
    if (status == MIEN_OK) {
        status = mien_value_copy(map, &copy);
    }
    mien_value_free(&list);
    mien_value_free(&map);
    mien_value_free(&copy);
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    support_each_allocation_fails(make_and_copy, NULL, 500);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_keeps_the_order_of_its_keys),
        cmocka_unit_test(setting_a_key_again_replaces_its_item),
        cmocka_unit_test(what_is_absent_or_of_another_kind_gives_the_default),
        cmocka_unit_test(makers_nest_and_own_their_items),
        cmocka_unit_test(a_copy_is_equal_and_its_own),
        cmocka_unit_test(the_extension_chooses_the_language),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
