/* SPDX-License-Identifier: MIT */
/* Options from a command line and from a file. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const colours[] = {"red", "green", "blue", NULL};

static const mien_option table[] = {
    {.name = "threads",
        .type = MIEN_OPTION_INT,
        .initial = "2",
        .minimum = 1,
        .maximum = 64,
        .letter = 't'},
    {.name = "rate", .type = MIEN_OPTION_NUMBER, .minimum = 0, .maximum = 1},
    {.name = "every", .type = MIEN_OPTION_SECONDS, .initial = "0.2s"},
    {.name = "quiet", .type = MIEN_OPTION_FLAG, .letter = 'q'},
    {.name = "verbose", .type = MIEN_OPTION_FLAG, .letter = 'v', .initial = "true"},
    {.name = "colour",
        .type = MIEN_OPTION_CHOICE,
        .choices = colours,
        .initial = "red"},
    {.name = "output", .type = MIEN_OPTION_TEXT, .letter = 'o'},
    {.name = "set", .type = MIEN_OPTION_LIST},
    {.name = NULL},
};

static mien_options *fresh(void) {
    mien_options *options = NULL;
    assert_good(mien_options_new(table, &options));
    return options;
}

/* Parses words split at blanks. */
static mien_status parse(
    mien_options *options, const char *line, const char **rest, int *n) {
    static char words[512];
    static char *argv[32];
    int argc = 0;
    snprintf(words, sizeof words, "%s", line);
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    return mien_options_parse(options, argc, argv, rest, n);
}

static void defaults_stand_until_a_value_is_given(void **state) {
    (void)state;
    mien_options *o = fresh();
    assert_int_equal(mien_options_int(o, "threads"), 2);
    assert_false(mien_options_given(o, "threads"));
    assert_true(isnan(mien_options_number(o, "rate")));
    assert_null(mien_options_text(o, "rate"));
    assert_near(mien_options_number(o, "every"), 0.2, 1e-15);
    assert_true(mien_options_flag(o, "verbose"));
    assert_false(mien_options_flag(o, "quiet"));
    assert_string_equal(mien_options_text(o, "colour"), "red");
    assert_good(mien_options_set(o, NULL, "threads", "8"));
    assert_int_equal(mien_options_int(o, "threads"), 8);
    assert_true(mien_options_given(o, "threads"));
    mien_options_free(&o);
    assert_null(o);
}

static void options_stand_anywhere_in_every_form(void **state) {
    (void)state;
    mien_options *o = fresh();
    const char *rest[32];
    int n = 0;
    assert_good(parse(
        o, "a --threads 3 b --rate=0.5 -o out -qv --no-verbose - -- --set", rest, &n));
    assert_int_equal(n, 4);
    assert_string_equal(rest[0], "a");
    assert_string_equal(rest[1], "b");
    assert_string_equal(rest[2], "-");
    assert_string_equal(rest[3], "--set");
    assert_int_equal(mien_options_int(o, "threads"), 3);
    assert_near(mien_options_number(o, "rate"), 0.5, 0);
    assert_string_equal(mien_options_text(o, "output"), "out");
    assert_true(mien_options_flag(o, "quiet"));
    assert_false(mien_options_flag(o, "verbose"));
    assert_good(parse(o, "-t4 -qofile --output=", rest, &n));
    assert_int_equal(mien_options_int(o, "threads"), 4);
    assert_string_equal(mien_options_text(o, "output"), "");
    mien_options_free(&o);
}

static void a_list_keeps_every_value(void **state) {
    (void)state;
    mien_options *o = fresh();
    const char *rest[32];
    int n = 0;
    assert_good(parse(o, "--set a=1 --set b=2", rest, &n));
    assert_string_equal(mien_options_text(o, "set"), "a=1\nb=2");
    mien_options_free(&o);
}

static void a_cleared_key_is_as_if_never_given(void **state) {
    (void)state;
    mien_options *o = fresh();
    assert_good(mien_options_set(o, NULL, "set", "a=1"));
    assert_good(mien_options_set(o, NULL, "threads", "9"));
    assert_good(mien_options_clear(o, "set"));
    assert_good(mien_options_clear(o, "threads"));
    assert_int_equal(mien_options_int(o, "threads"), 2);
    assert_good(mien_options_set(o, NULL, "set", "b=2"));
    assert_string_equal(mien_options_text(o, "set"), "b=2");
    mien_options_free(&o);
}

static void times_have_units(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double want;
    } cases[] = {
        {"1.5", 1.5}, {"200ms", 0.2}, {"0.2s", 0.2}, {"2min", 120}, {"1 h", 3600}};
    mien_options *o = fresh();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_good(mien_options_set(o, NULL, "every", cases[i].text));
        assert_near(mien_options_number(o, "every"), cases[i].want, 1e-12);
    }
    assert_fails(mien_options_set(o, NULL, "every", "soon"), MIEN_EINVAL, "200ms");
    assert_fails(mien_options_set(o, NULL, "every", "s"), MIEN_EINVAL, "--every");
    mien_options_free(&o);
}

static void a_wrong_value_names_key_value_and_what_is_allowed(void **state) {
    (void)state;
    mien_options *o = fresh();
    assert_fails(mien_options_set(o, NULL, "threads", "0"), MIEN_EINVAL,
        "--threads: \"0\" is not in range (1 to 64)");
    assert_fails(mien_options_set(o, "s.yaml:3", "threads", "many"), MIEN_EINVAL,
        "s.yaml:3: threads: \"many\" is not a whole number");
    assert_fails(mien_options_set(o, NULL, "rate", "nan"), MIEN_EINVAL, "not a number");
    assert_fails(mien_options_set(o, NULL, "rate", "1.1"), MIEN_EINVAL, "0 to 1");
    assert_fails(mien_options_set(o, NULL, "colour", "gren"), MIEN_EINVAL,
        "none of red, green, blue; did you mean \"green\"?");
    assert_fails(
        mien_options_set(o, NULL, "quiet", "maybe"), MIEN_EINVAL, "true or false");
    assert_int_equal(mien_options_int(o, "threads"), 2);
    mien_options_free(&o);
}

static void an_unknown_key_names_the_nearest_or_all(void **state) {
    (void)state;
    mien_options *o = fresh();
    const char *rest[32];
    int n = 5;
    assert_fails(parse(o, "--thread 3", rest, &n), MIEN_EINVAL,
        "unknown option \"--thread\"; did you mean \"--threads\"?");
    assert_fails(mien_options_set(o, "s.yaml:9", "ouptut", "x"), MIEN_EINVAL,
        "s.yaml:9: unknown key \"ouptut\"; did you mean \"output\"?");
    assert_fails(mien_options_set(o, "s.yaml:9", "zzzzzz", "x"), MIEN_EINVAL,
        "known: threads, rate, every");
    assert_fails(parse(o, "-x", rest, &n), MIEN_EINVAL, "\"-x\"");
    assert_fails(parse(o, "--no-threads", rest, &n), MIEN_EINVAL, "no-threads");
    assert_fails(parse(o, "--threads", rest, &n), MIEN_EINVAL, "value is missing");
    assert_int_equal(n, 5);
    mien_options_free(&o);
}

static mien_status parse_all(void *context) {
    (void)context;
    mien_options *o = NULL;
    const char *rest[32];
    int n;
    mien_status status = mien_options_new(table, &o);
    if (status == MIEN_OK) {
        status = parse(o, "--set a --set b -o c --colour=blue d", rest, &n);
    }
    mien_options_free(&o);
    return status;
}

static mien_status parse_unknown(void *context) {
    mien_status status = parse_all(context);
    mien_options *o = NULL;
    if (status == MIEN_OK) {
        status = mien_options_new(table, &o);
    }
    if (status == MIEN_OK) {
        status = mien_options_set(o, NULL, "zzzzzz", "1");
        status = status == MIEN_EINVAL ? MIEN_OK : status;
    }
    mien_options_free(&o);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    support_each_allocation_fails(parse_unknown, NULL, 100);
}

static void a_copy_has_the_values_and_keeps_them(void **state) {
    (void)state;
    mien_options *options = fresh(), *copy = NULL;
    assert_good(mien_options_set(options, NULL, "threads", "5"));
    assert_good(mien_options_set(options, NULL, "set", "a=1"));
    assert_good(mien_options_set(options, NULL, "set", "b=2"));
    assert_good(mien_options_copy(options, &copy));
    assert_good(mien_options_set(options, NULL, "threads", "6"));
    assert_good(mien_options_set(options, NULL, "set", "c=3"));
    assert_int_equal(mien_options_int(copy, "threads"), 5);
    assert_string_equal(mien_options_text(copy, "set"), "a=1\nb=2");
    assert_true(mien_options_given(copy, "threads"));
    assert_false(mien_options_given(copy, "every"));
    assert_near(mien_options_number(copy, "every"), 0.2, 0);
    assert_null(mien_options_text(copy, "output"));
    mien_options_free(&options);
    mien_options_free(&copy);
}

static mien_status copy_once(void *context) {
    mien_options *copy = NULL;
    mien_status status = mien_options_copy(context, &copy);
    mien_options_free(&copy);
    return status;
}

static void a_copy_without_memory_is_an_error(void **state) {
    (void)state;
    mien_options *options = fresh();
    support_each_allocation_fails(copy_once, options, 50);
    mien_options_free(&options);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_stand_until_a_value_is_given),
        cmocka_unit_test(options_stand_anywhere_in_every_form),
        cmocka_unit_test(a_list_keeps_every_value),
        cmocka_unit_test(a_cleared_key_is_as_if_never_given),
        cmocka_unit_test(times_have_units),
        cmocka_unit_test(a_wrong_value_names_key_value_and_what_is_allowed),
        cmocka_unit_test(an_unknown_key_names_the_nearest_or_all),
        cmocka_unit_test(each_failing_allocation_is_reported),
        cmocka_unit_test(a_copy_has_the_values_and_keeps_them),
        cmocka_unit_test(a_copy_without_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
