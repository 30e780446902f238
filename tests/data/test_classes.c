/* SPDX-License-Identifier: MIT */
/* Class targets: what their sidecar says, the class of each row, shares of votes, and
 * what is refused with which words. */
#include "support/support.h"

#include "data/trials.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define TABLE                                                                          \
    "trial\temotion\tv_joy\tv_fear\tv_calm\tn\n"                                       \
    "a\tfear\t1\t3\t0\t4\n"                                                            \
    "b\tn/a\tn/a\tn/a\tn/a\tn/a\n"                                                     \
    "c\tjoy\t0.5\t0.25\t0.25\t8\n"
#define SAYS "\"construct\":\"depicted\",\"perspective\":\"normative\""
#define CLASSES "\"classes\":[\"joy\",\"fear\",\"calm\"]"
#define VOTES "\"votes\":[\"v_joy\",\"v_fear\",\"v_calm\"]"
#define SIDECAR(inside)                                                                \
    "{\"version\":2,\"targets\":{\"emotion\":{" inside "," SAYS "}}}"

static mien_status parse(const char *table, const char *sidecar, mien_trials **trials) {
    return mien_trials_parse(
        "some/a.tsv", table, strlen(table), sidecar, strlen(sidecar), NULL, trials);
}

/* A model keeps 63 bytes of a label, in one line. */
static void labels_that_a_model_could_not_keep_are_refused(void **state) {
    (void)state;
    char label[65], sidecar[300], table[200];
    mien_trials *t = NULL;
    for (int bytes = 63; bytes <= 64; bytes++) {
        memset(label, 'a', sizeof label);
        label[bytes] = 0;
        snprintf(table, sizeof table, "trial\temotion\na\t%s\nb\tb\n", label);
        snprintf(sidecar, sizeof sidecar,
            "{\"version\":2,\"targets\":{\"emotion\":{\"classes\":[\"%s\",\"b\"]," SAYS
            "}}}",
            label);
        if (bytes == 63) {
            assert_good(parse(table, sidecar, &t));
            mien_trials_close(&t);
        } else {
            assert_fails(
                parse(table, sidecar, &t), MIEN_ELIMIT, "has 64 bytes; a model keeps");
        }
    }
    assert_fails(parse("trial\temotion\na\tb\n",
                     "{\"version\":2,\"targets\":{\"emotion\":{\"classes\":[\"a\\nb\","
                     "\"b\"]," SAYS "}}}",
                     &t),
        MIEN_EFORMAT, "the label \"a…\" has a line break");
    static const char *const names[] = {"emotion_p_joy", "emotion_p_no"};
    for (int i = 0; i < 2; i++) {
        snprintf(table, sizeof table, "trial\temotion\t%s\na\tjoy\t1\n", names[i]);
        snprintf(sidecar, sizeof sidecar,
            "{\"version\":2,\"targets\":{\"emotion\":{\"classes\":[\"joy\",\"b\"]," SAYS
            "},\"%s\":{\"range\":[0,1]," SAYS "}}}",
            names[i]);
        if (i == 1) {
            assert_good(parse(table, sidecar, &t));
            mien_trials_close(&t);
        } else {
            assert_fails(
                parse(table, sidecar, &t), MIEN_EFORMAT, "targets.emotion_p_joy:");
        }
    }
}

static mien_trials *open_good(void) {
    mien_trials *t = NULL;
    assert_good(parse(TABLE, SIDECAR(CLASSES "," VOTES ",\"n\":\"n\""), &t));
    return t;
}

static void a_class_target_carries_its_classes_and_votes(void **state) {
    (void)state;
    mien_trials *t = open_good();
    const mien_trials_target *e = mien_trials_target_find(t, "emotion");
    assert_int_equal(e->kind, MIEN_TARGET_CLASS);
    assert_int_equal(e->classes, 3);
    assert_string_equal(e->class_name[2], "calm");
    assert_string_equal(e->votes_column[1], "v_fear");
    assert_string_equal(e->construct, "depicted");
    assert_string_equal(e->n_column, "n");
    mien_trials_close(&t);
}

static void labels_become_classes_in_their_order(void **state) {
    (void)state;
    mien_trials *t = open_good();
    int label[3];
    assert_good(mien_trials_classes(t, "emotion", label));
    assert_int_equal(label[0], 1);
    assert_int_equal(label[1], -1);
    assert_int_equal(label[2], 0);
    assert_fails(mien_trials_classes(t, "mood", label), MIEN_ENOTFOUND, "mood");
    mien_trials_close(&t);
}

static void votes_become_shares(void **state) {
    (void)state;
    mien_trials *t = open_good();
    double shares[9];
    static const double want[] = {0.25, 0.75, 0, NAN, NAN, NAN, 0.5, 0.25, 0.25};
    assert_good(mien_trials_shares(t, "emotion", shares));
    for (int i = 0; i < 9; i++) {
        assert_true(isnan(want[i]) ? isnan(shares[i]) : shares[i] == want[i]);
    }
    mien_trials_close(&t);
}

static void a_target_without_votes_has_no_shares(void **state) {
    (void)state;
    mien_trials *t = NULL;
    double shares[9];
    assert_good(parse(TABLE, SIDECAR(CLASSES), &t));
    assert_null(mien_trials_target_at(t, 0)->votes_column);
    assert_fails(mien_trials_shares(t, "emotion", shares), MIEN_ENOTFOUND, "no vote");
    mien_trials_close(&t);
}

static void a_number_has_no_classes(void **state) {
    (void)state;
    mien_trials *t = NULL;
    int label[3];
    assert_good(parse(
        TABLE, "{\"version\":1,\"targets\":{\"n\":{\"range\":[0,9]," SAYS "}}}", &t));
    assert_int_equal(mien_trials_target_at(t, 0)->kind, MIEN_TARGET_NUMBER);
    assert_int_equal(mien_trials_target_at(t, 0)->classes, 0);
    assert_fails(mien_trials_classes(t, "n", label), MIEN_EINVAL, "is a number");
    mien_trials_close(&t);
}

static void votes_that_make_no_shares_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *row, *words;
    } cases[] = {
        {"a\tjoy\t1\t-1\t0\t4\n", "a.tsv:2: the votes for emotion are below 0"},
        {"a\tjoy\t0\t0\t0\t4\n", "are all 0"},
        {"a\tjoy\t1\tn/a\t0\t4\n", "some of the classes only"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char table[256] = "trial\temotion\tv_joy\tv_fear\tv_calm\tn\n";
        mien_trials *t = NULL;
        double shares[3];
        strcat(table, cases[i].row);
        assert_good(parse(table, SIDECAR(CLASSES "," VOTES), &t));
        assert_fails(
            mien_trials_shares(t, "emotion", shares), MIEN_EFORMAT, cases[i].words);
        mien_trials_close(&t);
    }
}

static void bad_class_targets_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *sidecar, *words;
    } cases[] = {
        {"{\"version\":1,\"targets\":{\"emotion\":{" CLASSES "," SAYS "}}}",
            "targets.emotion.classes: needs \"version\": 2"},
        {SIDECAR("\"classes\":[\"joy\"]"), "2 to 256 labels"},
        {SIDECAR("\"classes\":\"joy\""), "2 to 256 labels"},
        {SIDECAR("\"classes\":[\"joy\",\"fear\",\"joy\"]"), "\"joy\" stands twice"},
        {SIDECAR("\"classes\":[\"joy\",3]"), "item 2 is no name"},
        {SIDECAR("\"classes\":[\"joy\",\"n/a\"]"), "item 2 is no name"},
        {SIDECAR(CLASSES ",\"range\":[0,1]"), "range: unknown key (classes"},
        {SIDECAR(CLASSES ",\"votes\":[\"v_joy\"]"), "3 columns, one a class"},
        {SIDECAR(CLASSES ",\"votes\":[\"v_joy\",\"v_fear\",\"x\"]"), "no column \"x\""},
        {SIDECAR("\"classes\":[\"joy\",\"calm\"]"),
            "some/a.tsv:2: emotion \"fear\" is none of the 2 classes"},
        {SIDECAR(CLASSES ",\"votes\":[\"v_joy\",\"v_fear\",\"emotion\"]"),
            "some/a.tsv:2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_trials *t = NULL;
        assert_fails(parse(TABLE, cases[i].sidecar, &t), MIEN_EFORMAT, cases[i].words);
        assert_null(t);
    }
}

static mien_status write_sidecar(void *context) {
    static const char *const names[] = {"joy", "fear", "calm"};
    static const char *const votes[] = {"v_joy", "v_fear", "v_calm"};
    const mien_trials_target target = {.name = "emotion",
        .construct = "depicted",
        .perspective = "normative",
        .n_column = "n",
        .kind = MIEN_TARGET_CLASS,
        .classes = 3,
        .class_name = names,
        .votes_column = votes};
    mien_value *sidecar = mien_sidecar_new("x", "x", "x", "x");
    mien_status status =
        sidecar ? mien_sidecar_add_target(sidecar, &target) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_value_write_json(sidecar, false, context);
    }
    mien_value_free(&sidecar);
    return status;
}

static void a_written_sidecar_reads_back(void **state) {
    (void)state;
    mien_string text;
    mien_string_init(&text);
    assert_good(write_sidecar(&text));
    assert_non_null(strstr(text.text, "\"version\": 2"));
    mien_trials *t = NULL;
    assert_good(parse(TABLE, text.text, &t));
    assert_string_equal(mien_trials_target_at(t, 0)->class_name[1], "fear");
    assert_string_equal(mien_trials_target_at(t, 0)->votes_column[0], "v_joy");
    mien_trials_close(&t);
    mien_string_clear(&text);
}

static mien_status write_again(void *context) {
    (void)context;
    mien_string text;
    mien_string_init(&text);
    mien_status status = write_sidecar(&text);
    mien_string_clear(&text);
    return status;
}

static mien_status parse_again(void *context) {
    (void)context;
    mien_trials *t = NULL;
    mien_status status = parse(TABLE, SIDECAR(CLASSES "," VOTES ",\"n\":\"n\""), &t);
    mien_trials_close(&t);
    return status;
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    support_each_allocation_fails(parse_again, NULL, 300);
    support_each_allocation_fails(write_again, NULL, 300);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_that_a_model_could_not_keep_are_refused),
        cmocka_unit_test(a_class_target_carries_its_classes_and_votes),
        cmocka_unit_test(labels_become_classes_in_their_order),
        cmocka_unit_test(votes_become_shares),
        cmocka_unit_test(a_target_without_votes_has_no_shares),
        cmocka_unit_test(a_number_has_no_classes),
        cmocka_unit_test(votes_that_make_no_shares_are_refused),
        cmocka_unit_test(bad_class_targets_are_refused),
        cmocka_unit_test(a_written_sidecar_reads_back),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
