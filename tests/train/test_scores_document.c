/* SPDX-License-Identifier: MIT */
/* Figures of a run by the scorer, its documents and tables, and what becomes of them
 * when a disk or the memory is full. */
#include "support/support.h"

#include "support/metric.h"

#include <math.h>
#include <stdio.h>

#include "train/made.h"
#include "train/scores/scores.h"

typedef struct fixture {
    made m;
    made_judgement j;
    mien_dataset dataset;
    double values[MADE_ROWS * MADE_TARGETS], plain[MADE_ROWS * MADE_TARGETS];
    mien_predicted predicted;
    mien_scores scores;
} fixture;

static fixture f;

/* The table that the made rows could have come from; one row more, without a rating. */
static void open_trials(void) {
    static int64_t row[MADE_ROWS];
    mien_string text;
    mien_string_init(&text);
    mien_string_add(
        &text, "trial\tgroup\timage\tvalence\tvalence_sd\tvalence_n\tarousal\n");
    mien_string_add(&text, "none\tg\tx.png\tn/a\t1\t30\t2\n");
    for (int i = 0; i < MADE_ROWS; i++) {
        mien_string_addf(&text, "t%d\tg%d\tp%d.png\t%.17g\t1\t25\t%.17g\n", i,
            (int)f.m.group[i], i, f.m.rated[i], f.m.rated[MADE_ROWS + i]);
        row[i] = i + 1;
    }
    support_write("made.tsv", text.text, text.length);
    mien_string_clear(&text);
    static const char sidecar[] =
        "{\"version\": 1, \"name\": \"made\", \"targets\": {"
        "\"valence\": {\"range\": [-10, 20], \"unit\": \"points\","
        " \"construct\": \"evoked\", \"perspective\": \"normative\","
        " \"sd\": \"valence_sd\", \"n\": \"valence_n\"},"
        "\"arousal\": {\"range\": [-10, 20], \"unit\": \"points\","
        " \"construct\": \"evoked\", \"perspective\": \"normative\"}}}";
    support_write("made.json", sidecar, sizeof sidecar - 1);
    f.dataset = (mien_dataset){.rows = MADE_ROWS,
        .left_out = 1,
        .row = row,
        .targets = MADE_TARGETS,
        .width = MADE_TARGETS,
        .group = f.m.group,
        .groups = MADE_GROUPS,
        .fold = f.m.fold,
        .folds = MADE_FOLDS};
    assert_good(mien_trials_open(support_temp_path("made.tsv"), &f.dataset.trials));
    for (int t = 0; t < MADE_TARGETS; t++) {
        f.dataset.target[t].from = mien_trials_target_at(f.dataset.trials, t);
        f.dataset.target[t].value = f.m.rated + t * MADE_ROWS;
        f.dataset.target[t].place = t;
    }
    f.m.study.trials = (char *)"made.tsv";
}

static int set_up(void **state) {
    (void)state;
    made_init(&f.m, "best", 0);
    open_trials();
    assert_good(mien_options_set(f.m.study.options, NULL, "bootstrap.repeats", "100"));
    assert_good(mien_options_set(f.m.study.options, NULL, "name", "made"));
    assert_good(made_judge(&f.m, NULL, &f.j));
    for (int i = 0; i < MADE_ROWS * MADE_TARGETS; i++) {
        int from = i % MADE_TARGETS * MADE_ROWS + i / MADE_TARGETS;
        f.values[i] = f.j.prediction[from];
        f.plain[i] = f.j.plain[from];
    }
    f.predicted = (mien_predicted){.values = f.values, .plain = f.plain};
    assert_good(
        mien_scores_compute(&f.scores, &f.dataset, &f.m.study, &f.predicted, NULL));
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    mien_scores_clear(&f.scores);
    made_judgement_clear(&f.j);
    mien_trials_close(&f.dataset.trials);
    made_clear(&f.m);
    return 0;
}

static int metric_index(const char *name) {
    for (int i = 0; i < mien_metric_usual_count(); i++) {
        if (strcmp(mien_metric_at(i)->name, name) == 0) {
            return i;
        }
    }
    fail_msg("no metric %s", name);
    return -1;
}

static void figures_are_those_of_the_out_of_fold_predictions(void **state) {
    (void)state;
    for (int t = 0; t < MADE_TARGETS; t++) {
        const double *truth = f.m.rated + t * MADE_ROWS;
        const double *null = f.j.mean + t * MADE_ROWS;
        for (int i = 0; i < mien_metric_usual_count(); i++) {
            const mien_metric *metric = mien_metric_at(i);
            const mien_interval *model = &f.scores.target[t].model[i];
            assert_near(model->value,
                metric_against(
                    metric, truth, f.j.prediction + t * MADE_ROWS, null, MADE_ROWS),
                1e-14);
            assert_true(model->low <= model->value && model->value <= model->high);
            assert_near(f.scores.target[t].plain[i].value,
                metric_against(
                    metric, truth, f.j.plain + t * MADE_ROWS, null, MADE_ROWS),
                1e-14);
            double baseline = f.scores.target[t].baseline[i].value;
            if (strcmp(metric->name, "r") == 0) {
                assert_true(isnan(baseline)); /* nothing is left of it */
            } else {
                assert_near(baseline,
                    metric_against(metric, truth, null, null, MADE_ROWS), 1e-14);
            }
        }
        int rmse = metric_index("rmse");
        assert_true(f.scores.target[t].model[rmse].value <
                    f.scores.target[t].baseline[rmse].value);
    }
}

/* 60 residuals: 2.5 % of 61 gaps is 1.525, from the first of the sorted ones. */
static void intervals_are_quantiles_of_the_residuals(void **state) {
    (void)state;
    for (int t = 0; t < MADE_TARGETS; t++) {
        const double *interval = f.scores.target[t].residual;
        int below = 0, above = 0;
        double lower = -INFINITY, upper = INFINITY; /* neighbours of the low end */
        for (int i = 0; i < MADE_ROWS; i++) {
            double r = f.m.rated[t * MADE_ROWS + i] - f.j.prediction[t * MADE_ROWS + i];
            below += r < interval[0];
            above += r > interval[1];
            lower = r < interval[0] ? fmax(lower, r) : lower;
            upper = r >= interval[0] ? fmin(upper, r) : upper;
        }
        assert_int_equal(below, 1);
        assert_int_equal(above, 1);
        assert_near(interval[0], lower + 0.525 * (upper - lower), 1e-12);
    }
}

static void ceilings_stand_where_the_table_has_sd_and_n(void **state) {
    (void)state;
    double mean = 0, variance = 0;
    assert_true(f.scores.target[0].has_ceiling);
    assert_false(f.scores.target[1].has_ceiling);
    for (int i = 0; i < MADE_ROWS; i++) {
        mean += f.m.rated[i] / MADE_ROWS;
    }
    for (int i = 0; i < MADE_ROWS; i++) {
        variance += (f.m.rated[i] - mean) * (f.m.rated[i] - mean) / MADE_ROWS;
    }
    /* variance over n or n − 1 is the metric's own choice */
    assert_near(f.scores.target[0].ceiling.reliability, 1 - (1 / 25.0) / variance,
        2.0 / MADE_ROWS * 0.04 / variance);
}

static mien_status make_document(mien_value **document) {
    const mien_scores_more more = {.method = "readout"};
    return mien_scores_document(
        &f.scores, &f.dataset, mien_value_new_map(), &more, document);
}

static void the_document_holds_figures(void **state) {
    (void)state;
    mien_value *document = NULL;
    assert_good(make_document(&document));
    const mien_value *target = mien_value_at(mien_value_get(document, "targets"), 0);
    assert_string_equal(mien_value_text(mien_value_get(target, "name")), "valence");
    assert_string_equal(mien_value_text(mien_value_get(document, "method")), "readout");
    const mien_value *usual = mien_value_get(target, "baseline_by_fold");
    assert_int_equal(mien_value_count(usual), MADE_FOLDS);
    for (int k = 0; k < MADE_FOLDS; k++) { /* row k is in fold k */
        assert_near(
            mien_value_number(mien_value_get(mien_value_at(usual, k), "value"), NAN),
            f.j.mean[k], 1e-12);
    }
    const mien_value *range = mien_value_get(target, "range");
    assert_near(mien_value_number(mien_value_at(range, 1), 0), 20, 0);
    assert_string_equal(
        mien_value_text(mien_value_at(mien_value_get(document, "notes"), 0)),
        "1 rows without all targets were left out.");
    assert_string_equal(
        mien_value_text(mien_value_get(mien_value_get(document, "trials"), "path")),
        "made.tsv");
    mien_value_free(&document);
}

static void an_undefined_figure_is_null_not_a_number(void **state) {
    (void)state;
    mien_value *document = NULL;
    mien_interval kept = f.scores.target[0].plain[0];
    f.scores.target[0].plain[0] = (mien_interval){NAN, NAN, NAN};
    assert_good(make_document(&document));
    f.scores.target[0].plain[0] = kept;
    const mien_value *metric = mien_value_at(
        mien_value_get(
            mien_value_at(mien_value_get(document, "targets"), 0), "metrics"),
        0);
    assert_int_equal(
        mien_value_kind_of(mien_value_get(metric, "plain")), MIEN_VALUE_NULL);
    assert_int_equal(
        mien_value_kind_of(mien_value_get(metric, "value")), MIEN_VALUE_NUMBER);
    mien_value_free(&document);
}

/* A document made in spite of a failed allocation must not lack anything. */
static mien_status make_whole_document(void *context) {
    mien_value *document = NULL;
    mien_string text;
    mien_status status = make_document(&document);
    if (status == MIEN_OK) {
        mien_alloc_fail_at(0);
        mien_string_init(&text);
        assert_good(mien_value_write_json(document, false, &text));
        assert_string_equal(text.text, (const char *)context);
        mien_string_clear(&text);
    }
    mien_value_free(&document);
    return status;
}

static void running_out_of_memory_never_shortens_the_document(void **state) {
    (void)state;
    mien_value *document = NULL;
    mien_string text;
    mien_string_init(&text);
    assert_good(make_document(&document));
    assert_good(mien_value_write_json(document, false, &text));
    mien_value_free(&document);
    support_each_allocation_fails(make_whole_document, text.text, 20000);
    mien_string_clear(&text);
}

static void tables_hold_a_row_for_each_rated_trial(void **state) {
    (void)state;
    mien_table *table = NULL;
    assert_good(mien_scores_write_predictions(
        &f.scores, &f.dataset, &f.predicted, support_temp_path("p.csv")));
    assert_good(mien_table_read(support_temp_path("p.csv"), NULL, &table));
    assert_int_equal(mien_table_rows(table), MADE_ROWS);
    for (int i = 0; i < MADE_ROWS; i++) {
        double value = NAN;
        assert_good(mien_table_number(
            table, i, mien_table_column(table, "arousal_prediction"), &value));
        assert_near(value, f.j.prediction[MADE_ROWS + i], 0); /* to the last bit */
    }
    mien_table_free(&table);
    assert_good(mien_scores_write_trials(&f.dataset, support_temp_path("t.tsv")));
    assert_good(mien_table_read(support_temp_path("t.tsv"), NULL, &table));
    assert_int_equal(mien_table_rows(table), MADE_ROWS);
    assert_string_equal(
        mien_table_cell(table, 5, mien_table_column(table, "trial")), "t5");
    assert_string_equal(
        mien_table_cell(table, 5, mien_table_column(table, "fold")), "1");
    mien_table_free(&table);
}

static void a_full_disk_is_told(void **state) {
    (void)state;
    assert_fails(
        mien_scores_write_predictions(&f.scores, &f.dataset, &f.predicted, "/dev/full"),
        MIEN_EIO, "/dev/full");
    assert_fails(
        mien_scores_write_trials(&f.dataset, "/dev/full"), MIEN_EIO, "/dev/full");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_are_those_of_the_out_of_fold_predictions),
        cmocka_unit_test(intervals_are_quantiles_of_the_residuals),
        cmocka_unit_test(ceilings_stand_where_the_table_has_sd_and_n),
        cmocka_unit_test(the_document_holds_figures),
        cmocka_unit_test(an_undefined_figure_is_null_not_a_number),
        cmocka_unit_test(running_out_of_memory_never_shortens_the_document),
        cmocka_unit_test(tables_hold_a_row_for_each_rated_trial),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
