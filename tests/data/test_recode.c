/* SPDX-License-Identifier: MIT */
/* Five levels become three classes; what no rule is for is an error with its line. */
#include "support/support.h"

#include "data/recode.h"

#include <string.h>

#define RULES "valence:0..1=negative,2=neutral,3..4=positive,none=neutral"

static mien_status recode(const char *rules, const char *text, mien_table **table) {
    mien_recode r;
    mien_status status = mien_recode_parse(rules, &r);
    status =
        status ? status : mien_table_parse("t.csv", text, strlen(text), NULL, table);
    status = status ? status : mien_recode_apply(&r, *table);
    mien_recode_clear(&r);
    return status;
}

static void values_and_ranges_become_classes(void **state) {
    (void)state;
    static const char *const want[] = {
        "negative", "negative", "neutral", "positive", "positive", "n/a", "neutral"};
    mien_table *table = NULL;
    assert_good(recode(RULES, "valence\n0\n1.0\n2\n3\n4\nn/a\nnone\n", &table));
    for (int i = 0; i < 7; i++) {
        assert_string_equal(mien_table_cell(table, i, 0), want[i]);
    }
    mien_table_free(&table);
}

static void classes_keep_the_order_of_the_rules(void **state) {
    (void)state;
    const char *classes[MIEN_RECODE_RULES_MAX];
    mien_recode r;
    assert_good(mien_recode_parse(RULES, &r));
    assert_int_equal(mien_recode_classes(&r, classes), 3);
    assert_string_equal(classes[0], "negative");
    assert_string_equal(classes[2], "positive");
    mien_recode_clear(&r);
    assert_good(mien_recode_parse(NULL, &r));
    assert_int_equal(mien_recode_classes(&r, classes), 0);
    mien_recode_clear(&r);
}

static void a_value_without_a_rule_is_named(void **state) {
    (void)state;
    mien_table *table = NULL;
    assert_fails(recode(RULES, "valence\n0\n7\n", &table), MIEN_EFORMAT,
        "t.csv:3: valence is \"7\", for which recode has no class");
    mien_table_free(&table);
    assert_fails(recode("joy:0=a", "valence\n0\n", &table), MIEN_EFORMAT,
        "no column \"joy\" (recode)");
    mien_table_free(&table);
}

static void bad_rules_are_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"valence", "valence:", ":0=a", "valence:0",
        "valence:0=", "valence:2..1=a", "valence:a..b=c", "valence:=a"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        mien_recode r;
        assert_fails(mien_recode_parse(bad[i], &r), MIEN_EINVAL, "recode: ");
        mien_recode_clear(&r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_ranges_become_classes),
        cmocka_unit_test(classes_keep_the_order_of_the_rules),
        cmocka_unit_test(a_value_without_a_rule_is_named),
        cmocka_unit_test(bad_rules_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
