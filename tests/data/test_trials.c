/* SPDX-License-Identifier: MIT */
/* Trial tables and their sidecars: what is read, and what is refused with which words.
 */
#include "support/support.h"

#include "data/trials.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TABLE                                                                          \
    "trial\tperson\tstimulus\tgroup\timage\tvalence\tvalence_sd\tvalence_n\n"          \
    "t1\tn/a\tDog 1\tDog\tpictures/dog 1.jpg\t4.5\t1.2\t100\n"                         \
    "t2\tn/a\tDog 2\tDog\t/pictures/dog2.jpg\tn/a\t\t\n"
#define TARGET                                                                         \
    "\"range\":[1,7],\"unit\":\"1-7\",\"construct\":\"evoked\","                       \
    "\"perspective\":\"normative\""
#define SIDECAR                                                                        \
    "{\"version\":1,\"name\":\"x\",\"targets\":{\"valence\":{" TARGET                  \
    ",\"sd\":\"valence_sd\",\"n\":\"valence_n\"}},\"columns\":{}}"

static mien_status parse(const char *table, const char *sidecar, mien_trials **trials) {
    return mien_trials_parse("some/a.tsv", table, strlen(table), sidecar,
        sidecar ? strlen(sidecar) : 0, NULL, trials);
}

static void a_table_answers_by_row_and_column(void **state) {
    (void)state;
    mien_trials *t = NULL;
    assert_good(parse(TABLE, SIDECAR, &t));
    assert_int_equal(mien_trials_rows(t), 2);
    assert_string_equal(mien_trials_id(t, 1), "t2");
    assert_string_equal(mien_trials_cell(t, 0, "group"), "Dog");
    assert_null(mien_trials_cell(t, 0, "person"));
    assert_null(mien_trials_cell(t, 0, "no such column"));
    double valence[2];
    assert_good(mien_trials_numbers(t, "valence", valence));
    assert_near(valence[0], 4.5, 0);
    assert_true(isnan(valence[1]));
    assert_fails(mien_trials_numbers(t, "arousal", valence), MIEN_ENOTFOUND, "arousal");
    assert_fails(
        mien_trials_numbers(t, "group", valence), MIEN_EFORMAT, "some/a.tsv:2");
    assert_string_equal(
        mien_value_text(mien_value_get(mien_trials_sidecar(t), "name")), "x");
    mien_trials_close(&t);
    assert_null(t);
}

static void targets_carry_what_the_sidecar_says(void **state) {
    (void)state;
    mien_trials *t = NULL;
    assert_good(parse(TABLE, SIDECAR, &t));
    assert_int_equal(mien_trials_targets(t), 1);
    const mien_trials_target *v = mien_trials_target_at(t, 0);
    assert_ptr_equal(v, mien_trials_target_find(t, "valence"));
    assert_near(v->minimum, 1, 0);
    assert_near(v->maximum, 7, 0);
    assert_string_equal(v->unit, "1-7");
    assert_string_equal(v->construct, "evoked");
    assert_string_equal(v->perspective, "normative");
    assert_string_equal(v->sd_column, "valence_sd");
    assert_string_equal(v->n_column, "valence_n");
    assert_null(mien_trials_target_at(t, 1));
    assert_null(mien_trials_target_find(t, "joy"));
    mien_trials_close(&t);
}

static void paths_start_at_the_table(void **state) {
    (void)state;
    mien_trials *t = NULL;
    assert_good(parse(TABLE, SIDECAR, &t));
    char *relative = mien_trials_path(t, 0, "image");
    char *absolute = mien_trials_path(t, 1, "image");
    assert_string_equal(relative, "some/pictures/dog 1.jpg");
    assert_string_equal(absolute, "/pictures/dog2.jpg");
    assert_null(mien_trials_path(t, 0, "film"));
    mien_free(relative);
    mien_free(absolute);
    mien_trials_close(&t);
}

static void the_hash_is_that_of_both_files(void **state) {
    (void)state;
    mien_trials *t = NULL;
    char got[65], want[65], other[65];
    assert_good(parse(TABLE, SIDECAR, &t));
    assert_good(mien_trials_hash(t, got));
    assert_good(mien_sha256_bytes(TABLE SIDECAR, strlen(TABLE SIDECAR), want));
    assert_string_equal(got, want);
    mien_trials_close(&t);
    assert_good(parse(TABLE, SIDECAR " ", &t));
    assert_good(mien_trials_hash(t, other));
    assert_string_not_equal(other, want);
    mien_trials_close(&t);
}

static void bom_and_cr_line_ends_are_read(void **state) {
    (void)state;
    mien_trials *t = NULL;
    assert_good(parse("\xef\xbb\xbftrial\tvalence\ra\t1\rb\t2\r",
        "{\"version\":1,\"targets\":{\"valence\":{" TARGET "}}}", &t));
    assert_int_equal(mien_trials_rows(t), 2);
    assert_string_equal(mien_trials_id(t, 1), "b");
    mien_trials_close(&t);
}

static void bad_tables_are_refused_with_their_line(void **state) {
    (void)state;
    static const struct {
        const char *table, *words;
    } cases[] = {
        {"trial\tvalence\na\t1\nb\t2\na\t3\n",
            "some/a.tsv:4: trial \"a\" is there already, in line 2"},
        {"trial\tvalence\na\t1\n\t2\n", "some/a.tsv:3: the trial has no id"},
        {"trial\tvalence\na\t1\nn/a\t2\n", "some/a.tsv:3: the trial has no id"},
        {"trial\tvalence\na\tmany\n", "some/a.tsv:2"},
        {"trial\tvalence\na\tinf\n", "valence is infinite"},
        {"name\tvalence\na\t1\n", "no column \"trial\""},
        {"trial\tvalence\na\n", "some/a.tsv:2"},
        {"trial\tvalence\tvalence\na\t1\t2\n", "twice"},
        {"trial\tvalence\tsplit\na\t1\ttraining\n", "split is none of"},
        {"trial\tvalence\tstart_s\tend_s\na\t1\t2\t1.5\n",
            "end_s is not after start_s"},
        {"trial\tvalence\tstart_s\na\t1\tsoon\n", "some/a.tsv:2"},
        {"", "empty"},
    };
    const char *sidecar = "{\"version\":1,\"targets\":{\"valence\":{" TARGET "}}}";
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_trials *t = NULL;
        assert_fails(parse(cases[i].table, sidecar, &t), MIEN_EFORMAT, cases[i].words);
        assert_null(t);
    }
}

static void bad_sidecars_are_refused_with_their_key(void **state) {
    (void)state;
    static const struct {
        const char *sidecar, *words;
        mien_status status;
    } cases[] = {
        {NULL, "some/a.json", MIEN_EFORMAT},
        {"{", "some/a.json", MIEN_EFORMAT},
        {"[]", "object", MIEN_EFORMAT},
        {"{\"targets\":{}}", "version", MIEN_EFORMAT},
        {"{\"version\":3,\"targets\":{}}", "reads up to 2", MIEN_EUNSUPPORTED},
        {"{\"version\":1}", "targets", MIEN_EFORMAT},
        {"{\"version\":1,\"targets\":{\"joy\":{" TARGET "}}}", "no such column",
            MIEN_EFORMAT},
        {"{\"version\":1,\"targets\":{\"valence\":3}}", "targets.valence",
            MIEN_EFORMAT},
        {"{\"version\":1,\"targets\":{\"valence\":{" TARGET ",\"SD\":\"x\"}}}",
            "targets.valence.SD: unknown key", MIEN_EFORMAT},
        {"{\"version\":1,\"targets\":{\"valence\":{" TARGET ",\"sd\":\"x\"}}}",
            "no column \"x\"", MIEN_EFORMAT},
        {"{\"version\":1,\"targets\":{\"valence\":{\"range\":[7,1]}}}",
            "targets.valence.range: two numbers", MIEN_EFORMAT},
        {"{\"version\":1,\"targets\":{\"valence\":{\"range\":[1,7,9]}}}", "range",
            MIEN_EFORMAT},
        {"{\"version\":1,\"targets\":{\"valence\":{\"range\":[1,7],\"construct\":"
         "\"felt\"}}}",
            "\"felt\" is neither evoked nor depicted", MIEN_EFORMAT},
        {"{\"version\":1,\"targets\":{\"valence\":{\"range\":[1,7],\"unit\":3}}}",
            "a text is needed", MIEN_EFORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_trials *t = NULL;
        assert_fails(
            parse(TABLE, cases[i].sidecar, &t), cases[i].status, cases[i].words);
        assert_null(t);
    }
}

/* Columns of predictions, and of other targets' predictions. */
static void targets_called_as_columns_of_predictions_are_refused(void **state) {
    (void)state;
    static const char *const names[] = {"row", "input", "start_s", "end_s", "trial",
        "fold", "seed", "split", "group", "person", "stimulus"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char table[100], sidecar[200];
        mien_trials *t = NULL;
        snprintf(table, sizeof table, "%s%s\na%s\n", i == 4 ? "" : "trial\t", names[i],
            i == 4 ? "" : "\t1");
        snprintf(sidecar, sizeof sidecar,
            "{\"version\":1,\"targets\":{\"%s\":{" TARGET "}}}", names[i]);
        assert_fails(parse(table, sidecar, &t), MIEN_EFORMAT, "rename the target");
    }
    mien_trials *t = NULL;
    const char *table = "trial\tvalence\tvalence_low\na\t1\t2\n";
    assert_fails(parse(table,
                     "{\"version\":1,\"targets\":{\"valence\":{" TARGET
                     "},\"valence_low\":{" TARGET "}}}",
                     &t),
        MIEN_EFORMAT, "targets.valence_low: predictions of valence have a column");
    assert_good(
        parse(table, "{\"version\":1,\"targets\":{\"valence_low\":{" TARGET "}}}", &t));
    mien_trials_close(&t);
}

static void ratings_outside_the_range_are_told(void **state) {
    (void)state;
    static const int64_t last[] = {2}, first[] = {0, 1};
    mien_trials *t = NULL;
    assert_good(parse("trial\tvalence\na\t1\nb\tn/a\nc\t7.5\nd\t0\n",
        "{\"version\":1,\"targets\":{\"valence\":{" TARGET "}}}", &t));
    assert_fails(mien_trials_check_range(t, "valence", NULL, 0), MIEN_EFORMAT,
        "some/a.tsv:4: valence is \"7.5\", outside [1, 7] of the sidecar (2 of 4 rows "
        "are)");
    assert_fails(mien_trials_check_range(t, "valence", last, 1), MIEN_EFORMAT,
        "(1 of 1 rows are)");
    assert_good(mien_trials_check_range(t, "valence", first, 2));
    assert_fails(mien_trials_check_range(t, "joy", NULL, 0), MIEN_ENOTFOUND, "\"joy\"");
    mien_trials_close(&t);
}

static void files_open_and_missing_ones_are_named(void **state) {
    (void)state;
    mien_trials *t = NULL;
    const char *path = support_write("open.tsv", TABLE, strlen(TABLE));
    assert_fails(mien_trials_open(path, &t), MIEN_EFORMAT, "open.json");
    const char *sidecar = support_write("open.json", SIDECAR, strlen(SIDECAR));
    assert_good(mien_trials_open(path, &t));
    assert_int_equal(mien_trials_rows(t), 2);
    mien_trials_close(&t);
    assert_fails(mien_trials_open(sidecar, &t), MIEN_EINVAL, "sidecar");
    assert_fails(
        mien_trials_open(support_temp_path("none.tsv"), &t), MIEN_EIO, "none.tsv");
    mien_trials_close(&t);
}

typedef struct heard {
    int count;
    char checks[256];
} heard;

static mien_status hear(
    void *context, const char *check, int64_t row, mien_status status) {
    heard *h = context;
    (void)row;
    assert_true(status != MIEN_OK);
    h->count++;
    strncat(h->checks, check, 20);
    strcat(h->checks, " ");
    return MIEN_OK;
}

static void lenient_reading_hears_all_mistakes(void **state) {
    (void)state;
    heard h = {0};
    mien_complaints complaints = {hear, &h};
    const char *table = "trial\tvalence\tsplit\na\t1\ttrain\na\tx\ty\n";
    const char *sidecar =
        "{\"version\":1,\"targets\":{\"joy\":{" TARGET "},\"valence\":{" TARGET "}}}";
    mien_trials *t = NULL;
    assert_good(mien_trials_parse(
        "a.tsv", table, strlen(table), sidecar, strlen(sidecar), &complaints, &t));
    assert_string_equal(h.checks, "id sidecar number split ");
    assert_int_equal(mien_trials_targets(t), 1);
    mien_trials_close(&t);
}

static mien_status parse_again(void *context) {
    (void)context;
    mien_trials *t = NULL;
    mien_status status = parse(TABLE, SIDECAR, &t);
    if (status == MIEN_OK) {
        char *path = mien_trials_path(t, 0, "image");
        status = path ? MIEN_OK : MIEN_ENOMEM;
        mien_free(path);
    }
    mien_trials_close(&t);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    support_each_allocation_fails(parse_again, NULL, 300);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_answers_by_row_and_column),
        cmocka_unit_test(targets_carry_what_the_sidecar_says),
        cmocka_unit_test(paths_start_at_the_table),
        cmocka_unit_test(the_hash_is_that_of_both_files),
        cmocka_unit_test(bom_and_cr_line_ends_are_read),
        cmocka_unit_test(bad_tables_are_refused_with_their_line),
        cmocka_unit_test(bad_sidecars_are_refused_with_their_key),
        cmocka_unit_test(targets_called_as_columns_of_predictions_are_refused),
        cmocka_unit_test(ratings_outside_the_range_are_told),
        cmocka_unit_test(files_open_and_missing_ones_are_named),
        cmocka_unit_test(lenient_reading_hears_all_mistakes),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
