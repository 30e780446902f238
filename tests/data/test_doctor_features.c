/* SPDX-License-Identifier: MIT */
/* What the doctor finds in features and in the segments of films. */
#include "data/fixtures.h"

#define HEAD "trial\tgroup\tsplit\tstart_s\tend_s\tvalence\tfeatures.a\tfeatures.b\n"
#define SIDECAR                                                                        \
    "{\"version\":1,\"targets\":{\"valence\":{\"range\":[-1,1],\"unit\":\"\","         \
    "\"construct\":\"evoked\",\"perspective\":\"normative\"}},"                        \
    "\"features\":{\"b\":{\"width\":3,\"about\":\"three numbers\"}}}"

static void make_files(void) {
    /* the second value never changes; rows 0 and 3 are the same; row 4 is silence */
    fixture_text("a.csv", "1,2\n3,2\n5,2\n1,2\n2,2\n");
    fixture_text("b.csv", "1,2,3\n0,0,0\n0,0,0\n4,nan,6\n7,8,9\n");
    fixture_text("wide.csv", "1,2,3,4\n");
    fixture_text("t.json", SIDECAR);
}

static mien_finding *findings;
static int64_t count;

static void look_over(const char *rows) {
    char text[4000] = HEAD;
    strcat(text, rows);
    make_files();
    fixture_text("t.tsv", text);
    assert_good(
        mien_doctor(support_temp_path("t.tsv"), NULL, NULL, NULL, &findings, &count));
}

static void forget(void) {
    mien_free(findings);
    findings = NULL;
}

/* How many findings of a check are of this severity and contain the words. */
static int found(mien_severity severity, const char *check, const char *words) {
    int n = 0;
    for (int64_t i = 0; i < count; i++) {
        n += findings[i].severity == severity && !strcmp(findings[i].check, check) &&
             strstr(findings[i].text, words);
    }
    return n;
}

static void assert_no(const char *check) {
    for (int64_t i = 0; i < count; i++) {
        if (!strcmp(findings[i].check, check)) {
            fail_msg("%s: %s", check, findings[i].text);
        }
    }
}

static void good_films_have_nothing_but_a_constant(void **state) {
    (void)state;
    look_over("1\tBMI\tn/a\t0\t5\t0\ta.csv#0\tb.csv#0\n"
              "2\tBMI\tn/a\t5\t10\t0\ta.csv#1\tb.csv#1\n"
              "3\tLOR\tn/a\t0\t5\t0\ta.csv#2\tb.csv#2\n");
    assert_no("features");
    assert_no("width");
    assert_no("finite");
    assert_no("segment");
    assert_no("leak"); /* two rows of zeros are silence, not the same clip */
    assert_int_equal(
        found(MIEN_WARNING, "constant",
            "features.a: 1 of 2 values never change (the first is number 1, "
            "always 2)"),
        1);
    forget();
}

static void features_that_are_missing_or_broken_are_named(void **state) {
    (void)state;
    look_over("1\tBMI\tn/a\t0\t5\t0\ta.csv#0\tb.csv#0\n"
              "2\tBMI\tn/a\t5\t10\t0\ta.csv#9\tb.csv#3\n"
              "3\tLOR\tn/a\t0\t5\t0\tn/a\tn/a\n"
              "4\tGLA\tn/a\t0\t5\t0\tno.csv#0\twide.csv#0\n"
              "5\tGLA\tn/a\t5\t10\t0\tno.csv#1\tb.csv#x:\n");
    assert_int_equal(found(MIEN_ERROR, "features", "there is no row 9; it has 5"), 1);
    assert_int_equal(found(MIEN_ERROR, "features", "no.csv"), 1); /* once a file */
    assert_int_equal(found(MIEN_ERROR, "features", "is not PATH, PATH#ROW"), 1);
    assert_int_equal(found(MIEN_ERROR, "features", "group LOR has no features"), 1);
    assert_int_equal(
        found(MIEN_WARNING, "features", "features.a is missing in 1 of 5 rows"), 1);
    assert_int_equal(
        found(MIEN_ERROR, "width", "features.b of trial \"4\" (group \"GLA\"): "), 1);
    assert_int_equal(
        found(MIEN_ERROR, "width", "4 values a row where 3 are expected"), 1);
    assert_int_equal(found(MIEN_ERROR, "finite", "value 1 of row 3 is NaN"), 1);
    forget();
}

static void segments_that_overlap_or_are_missing_are_named(void **state) {
    (void)state;
    look_over("1\tBMI\tn/a\t0\t5\t0\ta.csv#0\tb.csv#0\n"
              "2\tBMI\tn/a\t4\t9\t0\ta.csv#1\tb.csv#1\n"
              "4\tLOR\tn/a\t20\t25\t0\ta.csv#2\tb.csv#2\n"
              "3\tLOR\tn/a\t5\t10\t0\ta.csv#2\tb.csv#2\n");
    assert_int_equal(
        found(MIEN_WARNING, "segment", "BMI: 4 to 9 s overlaps trial 1"), 1);
    assert_int_equal(found(MIEN_WARNING, "segment",
                         "LOR: 20 to 25 s does not follow trial 3, which ends at 10 s"),
        1);
    forget();
}

static void the_same_features_on_both_sides_are_a_leak(void **state) {
    (void)state;
    look_over("1\tA\ttrain\tn/a\tn/a\t0\ta.csv#0\tb.csv#0\n"
              "2\tB\ttest\tn/a\tn/a\t0\ta.csv#3\tb.csv#4\n"
              "3\tC\ttrain\tn/a\tn/a\t0\ta.csv#0\tb.csv#4\n");
    assert_int_equal(
        found(MIEN_ERROR, "leak",
            "features.a is the same as in trial 1, but split is test here and "
            "train there"),
        1);
    assert_int_equal(
        found(MIEN_WARNING, "leak",
            "features.a is the same as in trial 1, but group is C here and A "
            "there"),
        1);
    assert_int_equal(
        found(MIEN_ERROR, "leak", "features.b is the same as in trial 2"), 1);
    forget();
}

static mien_status examine_again(void *context) {
    mien_status status = mien_doctor(context, NULL, NULL, NULL, &findings, &count);
    if (status == MIEN_OK) {
        forget();
    }
    return status;
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    char path[4096];
    look_over("1\tA\ttrain\t0\t5\t0\ta.csv#0\tb.csv#0\n"
              "2\tB\ttest\t0\t5\t0\ta.csv#3\tn/a\n");
    forget();
    snprintf(path, sizeof path, "%s", support_temp_path("t.tsv"));
    support_each_allocation_fails(examine_again, path, 800);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_films_have_nothing_but_a_constant),
        cmocka_unit_test(features_that_are_missing_or_broken_are_named),
        cmocka_unit_test(segments_that_overlap_or_are_missing_are_named),
        cmocka_unit_test(the_same_features_on_both_sides_are_a_leak),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
