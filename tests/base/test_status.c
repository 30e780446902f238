/* SPDX-License-Identifier: MIT */
/* Status names, error texts, the log. */
#include "support/support.h"

#include <stdio.h>
#include <string.h>

static void every_status_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int s = MIEN_ENUMBER; s <= MIEN_OK; s++) {
        const char *name = mien_status_name((mien_status)s);
        assert_string_not_equal(name, "unknown status");
        for (int t = MIEN_ENUMBER; t < s; t++) {
            assert_string_not_equal(name, mien_status_name((mien_status)t));
        }
    }
    assert_string_equal(mien_status_name((mien_status)17), "unknown status");
}

static void fail_returns_its_status_and_keeps_the_text(void **state) {
    (void)state;
    assert_int_equal(mien_fail(MIEN_EIO, "%s is %d", "x", 3), MIEN_EIO);
    assert_string_equal(mien_error(), "x is 3");
}

static void fail_in_puts_words_before_the_text(void **state) {
    (void)state;
    mien_fail(MIEN_EFORMAT, "no number");
    assert_int_equal(mien_fail_in(MIEN_EFORMAT, "%s:%d", "a.tsv", 7), MIEN_EFORMAT);
    assert_string_equal(mien_error(), "a.tsv:7: no number");
}

static void fail_may_quote_the_old_text(void **state) {
    (void)state;
    mien_fail(MIEN_EIO, "inner");
    mien_fail(MIEN_EIO, "outer (%s)", mien_error());
    assert_string_equal(mien_error(), "outer (inner)");
}

static void a_long_text_is_cut_between_characters(void **state) {
    (void)state;
    char text[6001];
    for (int i = 0; i < 6000; i += 3) {
        memcpy(text + i, "\xe2\x80\xa6", 3);
    }
    text[6000] = '\0';
    for (int shift = 0; shift < 3; shift++) {
        mien_fail(MIEN_EIO, "%.*s%s", shift, "ab", text);
        size_t length = strlen(mien_error());
        assert_in_range(length, 4090, 4095);
        assert_int_equal((length - (size_t)(shift < 2 ? shift : 2)) % 3, 0);
    }
}

static void fail_in_on_a_full_text_stays_whole(void **state) {
    (void)state;
    char text[4200];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    mien_fail(MIEN_EIO, "%s", text);
    mien_fail_in(MIEN_EIO, "file");
    assert_int_equal(strlen(mien_error()), 4095);
    assert_memory_equal(mien_error(), "file: xxx", 9);
}

typedef struct heard {
    int count;
    mien_log_level level;
    char room[16], text[64];
} heard;

static void hear(
    void *context, mien_log_level level, const char *room, const char *text) {
    heard *h = context;
    h->count++;
    h->level = level;
    snprintf(h->room, sizeof h->room, "%s", room);
    snprintf(h->text, sizeof h->text, "%s", text);
}

static void the_log_goes_to_its_sink_or_nowhere(void **state) {
    (void)state;
    heard h = {0};
    mien_log_set(hear, &h);
    mien_log(MIEN_LOG_DEBUG, "base", "%d of %d", 1, 2);
    assert_int_equal(h.count, 1);
    assert_int_equal(h.level, MIEN_LOG_DEBUG);
    assert_string_equal(h.room, "base");
    assert_string_equal(h.text, "1 of 2");
    mien_log_set(NULL, NULL);
    mien_log(MIEN_LOG_ERROR, "base", "nobody hears this");
    assert_int_equal(h.count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name_of_its_own),
        cmocka_unit_test(fail_returns_its_status_and_keeps_the_text),
        cmocka_unit_test(fail_in_puts_words_before_the_text),
        cmocka_unit_test(fail_may_quote_the_old_text),
        cmocka_unit_test(a_long_text_is_cut_between_characters),
        cmocka_unit_test(fail_in_on_a_full_text_stays_whole),
        cmocka_unit_test(the_log_goes_to_its_sink_or_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
