/* SPDX-License-Identifier: MIT */
/* What a terminal would act on is shown; all else stays as it is. */
#include "support/support.h"

#include <string.h>

static void text_is_shown_as(void **state) {
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {{"", ""}, {"a b\n\tc", "a b\n\tc"}, {"é 顔 😀", "é 顔 😀"},
        {"\033[31mred", "\\x1b[31mred"}, {"a\rb\x7f\bc", "a\\x0db\\x7f\\x08c"},
        {"\xC2\x9B"
         "31m",
            "\\xc2\\x9b31m"},                         /* CSI of C1 */
        {"\xC2\xA0", "\xC2\xA0"},                     /* no-break space */
        {"\xC0\x9B", "\\xc0\\x9b"},                   /* overlong */
        {"\xED\xA0\x80", "\\xed\\xa0\\x80"},          /* half of a pair */
        {"\xF4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* above Unicode */
        {"\xE2\x82", "\\xe2\\x82"}, {"\xFF", "\\xff"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_string s;
        mien_string_init(&s);
        assert_good(mien_string_add_shown(&s, cases[i].text));
        assert_string_equal(s.text, cases[i].want);
        mien_string_clear(&s);
    }
}

static void the_version_is_that_of_the_header(void **state) {
    (void)state;
    assert_string_equal(mien_version(), MIEN_VERSION);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_shown_as),
        cmocka_unit_test(the_version_is_that_of_the_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
