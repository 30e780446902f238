/* SPDX-License-Identifier: MIT */
/* Crossed folds from table to results: what is planted in persons or in stimuli is
 * found in the cells where these were seen, and nowhere else. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/train.h"

enum { PERSONS = 16, STIMULI = 24, ROWS = PERSONS * STIMULI };

static const char sidecar[] =
    "{\"version\": 2, \"name\": \"made\", \"targets\": {"
    "\"valence\": {\"range\": [-6, 6], \"unit\": \"1\", \"construct\": \"evoked\","
    " \"perspective\": \"subjective\"},"
    "\"high\": {\"classes\": [\"no\", \"yes\"], \"construct\": \"evoked\","
    " \"perspective\": \"subjective\"}}}";

/* Who and what are told as one-hot features: a linear network can learn every offset.
 */
static const char study_text[] = "trials: t.tsv\n"
                                 "method: network\n"
                                 "inputs: [who, what]\n"
                                 "model: {name: linear}\n"
                                 "standardise: false\n"
                                 "optimiser: {name: adamw, rate: 0.05, decay: 0.01}\n"
                                 "epochs: 100\n"
                                 "batch: 64\n"
                                 "folds: {rule: crossed}\n"
                                 "seeds: 1\n";

static void write_units(const char *name, int count) {
    mien_string text;
    mien_string_init(&text);
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < count; k++) {
            mien_string_addf(&text, "%s%d", k ? "," : "", i == k);
        }
        mien_string_add(&text, "\n");
    }
    assert_good(mien_string_status(&text));
    support_write(name, text.text, text.length);
    mien_string_clear(&text);
}

/* valence = person × p + stimulus × s + noise, all of variance 1. */
static void write_table(uint32_t seed, double person, double stimulus) {
    mien_random random;
    double p[PERSONS], s[STIMULI];
    mien_string text;
    mien_random_init(&random, seed);
    mien_string_init(&text);
    for (int i = 0; i < PERSONS; i++) {
        p[i] = person * mien_random_normal(&random);
    }
    for (int k = 0; k < STIMULI; k++) {
        s[k] = stimulus * mien_random_normal(&random);
    }
    mien_string_add(
        &text, "trial\tperson\tstimulus\tfeatures.who\tfeatures.what\tvalence\thigh\n");
    for (int i = 0; i < ROWS; i++) {
        int a = i / STIMULI, b = i % STIMULI;
        double y = fmax(-6, fmin(6, p[a] + s[b] + mien_random_normal(&random)));
        mien_string_addf(&text,
            "t%03d\tp%02d\ts%02d\twho.csv#%d\twhat.csv#%d\t%.6f\t%s\n", i, a, b, a, b,
            y, y > 0 ? "yes" : "no");
    }
    assert_good(mien_string_status(&text));
    support_write("t.tsv", text.text, text.length);
    mien_string_clear(&text);
    support_write("t.json", sidecar, strlen(sidecar));
    support_write("s.yaml", study_text, strlen(study_text));
    write_units("who.csv", PERSONS);
    write_units("what.csv", STIMULI);
}

static void train(const char *run, const char *const *set, int count) {
    mien_study *study = NULL;
    char path[4096], folder[4096];
    mien_train_options o = mien_train_options_default();
    o.threads = 1;
    snprintf(path, sizeof path, "%s", support_temp_path("s.yaml"));
    snprintf(folder, sizeof folder, "%s", support_temp_path(run));
    assert_good(mien_study_open(path, set, count, &study));
    assert_good(mien_train(study, folder, &o));
    mien_study_close(&study);
}

static mien_value *results_of(const char *run) {
    mien_value *results = NULL;
    char name[256];
    snprintf(name, sizeof name, "%s/results.json", run);
    assert_good(mien_value_read(support_temp_path(name), &results));
    return results;
}

static const mien_value *named(
    const mien_value *list, const char *key, const char *name) {
    for (int64_t i = 0; i < mien_value_count(list); i++) {
        const mien_value *one = mien_value_at(list, i);
        if (strcmp(mien_value_text(mien_value_get(one, key)), name) == 0) {
            return one;
        }
    }
    fail_msg("no %s %s", key, name);
    return NULL;
}

typedef struct figure {
    double value, low, high;
} figure;

/* what: "model", "gain", "over_both_unseen", or an answer without the model. */
static figure figure_of(const mien_value *results, const char *target, const char *cell,
    const char *metric, bool within, const char *what) {
    const mien_value *t = named(mien_value_get(results, "targets"), "name", target);
    const mien_value *c =
        named(mien_value_get(mien_value_get(t, "crossed"), "cells"), "cell", cell);
    const mien_value *list = mien_value_get(c, "metrics");
    for (int64_t i = 0; i < mien_value_count(list); i++) {
        const mien_value *m = mien_value_at(list, i);
        if (strcmp(mien_value_text(mien_value_get(m, "name")), metric) == 0 &&
            mien_value_bool(mien_value_get(m, "within_persons"), false) == within) {
            const mien_value *v = mien_value_get(m, what);
            v = v ? v : mien_value_get(mien_value_get(m, "without_model"), what);
            const double none = (double)NAN;
            return (figure){mien_value_number(mien_value_get(v, "value"), none),
                mien_value_number(mien_value_get(v, "low"), none),
                mien_value_number(mien_value_get(v, "high"), none)};
        }
    }
    fail_msg("no %s", metric);
    return (figure){0};
}

static void shows(const mien_value *r, const char *cell, const char *metric,
    bool within, bool found) {
    figure f = figure_of(r, "valence", cell, metric, within, "model");
    print_message("%s %s%s: %.3f [%.3f, %.3f]\n", cell, metric, within ? " within" : "",
        f.value, f.low, f.high);
    if (found) {
        assert_true(f.value > 0.4 && f.low > 0.15);
    } else {
        assert_true(isnan(f.value) || (f.low < 0 && f.value < 0.2));
    }
}

static void what_persons_share_is_found_where_they_are_seen(void **state) {
    (void)state;
    write_table(1, 1.5, 0);
    train("persons", NULL, 0);
    mien_value *r = results_of("persons");
    shows(r, "both-unseen", "r", false, false);
    shows(r, "stimulus-seen", "r", false, false);
    shows(r, "person-seen", "r", false, true);
    shows(r, "both-seen", "r", false, true);
    for (int cell = 0; cell < MIEN_CELLS; cell++) {
        shows(r, mien_cell_name((mien_cell)cell), "r", true, false);
    }
    figure change =
        figure_of(r, "valence", "person-seen", "r", false, "over_both_unseen");
    assert_true(change.low > 0.3);
    figure person = figure_of(r, "valence", "person-seen", "r", false, "person");
    figure model = figure_of(r, "valence", "person-seen", "r", false, "model");
    assert_near(model.value, person.value, 0.05);
    figure gain = figure_of(r, "valence", "both-seen", "r2", false, "gain");
    assert_true(gain.low < 0.02);
    mien_value_free(&r);
}

static void what_stimuli_evoke_is_found_where_they_are_seen(void **state) {
    (void)state;
    write_table(2, 0, 1.5);
    train("stimuli", NULL, 0);
    mien_value *r = results_of("stimuli");
    shows(r, "both-unseen", "r", false, false);
    shows(r, "person-seen", "r", false, false);
    shows(r, "stimulus-seen", "r", false, true);
    shows(r, "both-seen", "r", false, true);
    shows(r, "both-unseen", "r", true, false);
    shows(r, "person-seen", "r", true, false);
    shows(r, "stimulus-seen", "r", true, true);
    shows(r, "both-seen", "r", true, true);
    mien_value_free(&r);
}

/* Both: each alone where one is seen, most where both are; of classes too. */
static void both_are_found_together(void **state) {
    (void)state;
    write_table(3, 1.2, 1.2);
    train("both", NULL, 0);
    mien_value *r = results_of("both");
    shows(r, "both-unseen", "r", false, false);
    shows(r, "person-seen", "r", false, true);
    shows(r, "stimulus-seen", "r", false, true);
    shows(r, "both-seen", "r", false, true);
    figure one = figure_of(r, "valence", "person-seen", "r", false, "model");
    figure both = figure_of(r, "valence", "both-seen", "r", false, "model");
    assert_true(both.value > one.value + 0.1);
    figure unseen =
        figure_of(r, "high", "both-unseen", "balanced_accuracy", false, "model");
    figure seen =
        figure_of(r, "high", "both-seen", "balanced_accuracy", false, "model");
    print_message("classes: %.3f [%.3f, %.3f], %.3f [%.3f, %.3f]\n", unseen.value,
        unseen.low, unseen.high, seen.value, seen.low, seen.high);
    assert_true(unseen.low < 0.5 && unseen.value < 0.6);
    assert_true(seen.low > 0.6);
    mien_value_free(&r);
}

/* The figures of the whole run are those of trials of which both are unseen. */
static void the_runs_figures_are_of_both_unseen(void **state) {
    (void)state;
    write_table(3, 1.2, 1.2);
    train("again", NULL, 0);
    mien_value *r = results_of("again");
    const mien_value *t = named(mien_value_get(r, "targets"), "name", "valence");
    const mien_value *m = named(mien_value_get(t, "metrics"), "name", "rmse");
    figure f = figure_of(r, "valence", "both-unseen", "rmse", false, "model");
    assert_near(mien_value_number(mien_value_get(m, "value"), 0), f.value, 1e-12);
    assert_near(mien_value_number(mien_value_get(m, "low"), 0), f.low, 1e-12);
    assert_near(mien_value_number(mien_value_get(m, "high"), 0), f.high, 1e-12);
    mien_value_free(&r);
}

/* Rows of a cell are those that fits of it tested, each once, with the mean of what
 * these fits learnt from beside. */
static void every_cell_has_its_table(void **state) {
    (void)state;
    write_table(3, 1.2, 1.2);
    const char *set[] = {"seeds=2", "epochs=2"};
    train("tables", set, 2);
    static const char *const names[] = {
        "predictions", "predictions-person-seen", "predictions-stimulus-seen"};
    for (int k = 0; k < 3; k++) {
        mien_table *table = NULL;
        char name[256];
        snprintf(name, sizeof name, "tables/%s.csv", names[k]);
        assert_good(mien_table_read(support_temp_path(name), NULL, &table));
        assert_int_equal(mien_table_rows(table), 2 * ROWS);
        int null = mien_table_column(table, "valence_null");
        int truth = mien_table_column(table, "valence_truth");
        for (int64_t i = 0; i < mien_table_rows(table); i++) {
            double x, y;
            assert_good(mien_table_number(table, i, null, &x));
            assert_good(mien_table_number(table, i, truth, &y));
            assert_true(isfinite(x) && fabs(x) < 2 && isfinite(y));
        }
        mien_table_free(&table);
    }
}

static void what_crossed_folds_need_is_told(void **state) {
    (void)state;
    write_table(3, 1.2, 1.2);
    const struct {
        const char *set, *words;
    } wrong[] = {{"folds.across=picture", "no column \"picture\""},
        {"folds.k=17", "16 persons"}, {"folds.by=none", "a person and a stimulus"},
        {"smoothing.rule=mean", "needs whole groups"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        mien_study *study = NULL;
        mien_status status =
            mien_study_open(support_temp_path("s.yaml"), &wrong[i].set, 1, &study);
        status = status ? status : mien_train_check(study, NULL);
        assert_int_equal(status == MIEN_OK, 0);
        if (!strstr(mien_error(), wrong[i].words)) {
            fail_msg("%s: %s", wrong[i].set, mien_error());
        }
        mien_study_close(&study);
    }
    const char *set[] = {"folds.rule=rows", "folds.seen=0.2"};
    mien_study *study = NULL;
    assert_int_equal(
        mien_study_open(support_temp_path("s.yaml"), set, 2, &study) == MIEN_OK, 0);
    assert_non_null(strstr(mien_error(), "only with folds.rule: crossed"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_persons_share_is_found_where_they_are_seen),
        cmocka_unit_test(what_stimuli_evoke_is_found_where_they_are_seen),
        cmocka_unit_test(both_are_found_together),
        cmocka_unit_test(the_runs_figures_are_of_both_unseen),
        cmocka_unit_test(every_cell_has_its_table),
        cmocka_unit_test(what_crossed_folds_need_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
