/* SPDX-License-Identifier: MIT */
/* Growing texts and their failures. */
#include "support/support.h"

#include <string.h>

static void a_text_grows_by_what_is_added(void **state) {
    (void)state;
    mien_string s;
    mien_string_init(&s);
    assert_string_equal(s.text, "");
    assert_good(mien_string_add(&s, "one"));
    assert_good(mien_string_add_n(&s, ", twoXXX", 5));
    assert_good(mien_string_addf(&s, ", %d", 3));
    assert_string_equal(s.text, "one, two, 3");
    assert_int_equal(s.length, 11);
    mien_string_empty(&s);
    assert_string_equal(s.text, "");
    for (int i = 0; i < 1000; i++) {
        mien_string_addf(&s, "%03d,", i);
    }
    assert_int_equal(s.length, 4000);
    assert_memory_equal(s.text + 3996, "999,", 5);
    mien_string_clear(&s);
    assert_string_equal(s.text, "");
}

static void a_formatted_part_may_be_long(void **state) {
    (void)state;
    char part[3000];
    memset(part, 'y', sizeof part);
    part[sizeof part - 1] = '\0';
    mien_string s;
    mien_string_init(&s);
    mien_string_addf(&s, "<%s>", part);
    mien_string_addf(&s, "<%s>", part);
    assert_int_equal(s.length, 2 * 3001);
    assert_int_equal(s.text[3000], '>');
    assert_int_equal(s.text[3001], '<');
    mien_string_clear(&s);
}

static void take_gives_the_text_away(void **state) {
    (void)state;
    mien_string s;
    mien_string_init(&s);
    mien_string_add(&s, "mine");
    char *taken = mien_string_take(&s);
    assert_string_equal(taken, "mine");
    assert_string_equal(s.text, "");
    char *empty = mien_string_take(&s);
    assert_string_equal(empty, "");
    mien_free(taken);
    mien_free(empty);
}

static void a_failed_append_is_remembered(void **state) {
    (void)state;
    mien_string s;
    mien_string_init(&s);
    mien_alloc_fail_at(1);
    assert_int_equal(mien_string_add(&s, "lost"), MIEN_ENOMEM);
    assert_int_equal(mien_string_add(&s, "also lost"), MIEN_ENOMEM);
    assert_string_equal(s.text, "");
    assert_fails(mien_string_status(&s), MIEN_ENOMEM, "out of memory");
    assert_null(mien_string_take(&s));
    assert_good(mien_string_add(&s, "again"));
    assert_string_equal(s.text, "again");
    mien_string_clear(&s);
}

static void copies_are_separate(void **state) {
    (void)state;
    char *a = mien_strdup("abc"), *b = mien_strndup("abcdef", 2),
         *c = mien_strndup("a", 9);
    assert_string_equal(a, "abc");
    assert_string_equal(b, "ab");
    assert_string_equal(c, "a");
    mien_free(a);
    mien_free(b);
    mien_free(c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_grows_by_what_is_added),
        cmocka_unit_test(a_formatted_part_may_be_long),
        cmocka_unit_test(take_gives_the_text_away),
        cmocka_unit_test(a_failed_append_is_remembered),
        cmocka_unit_test(copies_are_separate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
