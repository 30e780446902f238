/* SPDX-License-Identifier: MIT */
/* Studies whose head is fitted at once: from a table with gaps to a model file that
 * predicts what was judged; taken up, asked again, refused. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/train.h"
#include "train/trainers/booster.h"
#include "train/run/replay.h"
#include "train/trainers/trainer.h"

enum { TRIALS = 72, PEOPLE = 6, GAZE = 4, SKIN = 3 };

static const char *const class_names[] = {"calm", "glad", "tense"};

static double mood_of(int i) {
    return (double)((i * 29) % 31) / 15 - 1;
}

static int class_of(int i) {
    return i % 3;
}

/* Gaze says which class, skin which mood; the rest is noise. Every ninth row of gaze
 * has a gap. */
static void write_columns(const char *name, int width, bool skin) {
    mien_string text;
    mien_random random;
    mien_random_init(&random, skin ? 3 : 4);
    mien_string_init(&text);
    for (int i = 0; i < TRIALS; i++) {
        for (int k = 0; k < width; k++) {
            double x = mien_random_normal(&random);
            x = k == 1 && skin ? mood_of(i) + 0.1 * x : x;
            x = k < 2 && !skin ? (class_of(i) == k) * 3 + x : x;
            bool gap = !skin && k == 2 && i % 9 == 4;
            mien_string_add(&text, k ? "," : "");
            gap ? mien_string_add(&text, "NaN")
                : mien_string_addf(&text, "%.6f", 10 * x);
        }
        mien_string_add(&text, "\n");
    }
    assert_good(mien_string_status(&text));
    support_write(name, text.text, text.length);
    mien_string_clear(&text);
}

/* The table. only_mixed: the one person whose trials are of several classes; all
 * others' are of the first; -1: everybody's are of all. */
static void write_table(const char *name, int only_mixed) {
    mien_string text;
    char file[64];
    mien_string_init(&text);
    mien_string_add(&text, "trial\tgroup\tfeatures.gaze\tfeatures.skin\tmood\tstate\n");
    for (int i = 0; i < TRIALS; i++) {
        int person = i / (TRIALS / PEOPLE);
        int shown = only_mixed >= 0 && person != only_mixed ? 0 : class_of(i);
        mien_string_addf(&text, "t%02d\tp%d\tgaze.csv#%d\t", i, person, i);
        i % 5 == 2 ? mien_string_add(&text, "n/a")
                   : mien_string_addf(&text, "skin.csv#%d", i);
        mien_string_addf(&text, "\t%.4f\t%s\n", 4 + 2 * mood_of(i), class_names[shown]);
    }
    assert_good(mien_string_status(&text));
    snprintf(file, sizeof file, "%s.tsv", name);
    support_write(file, text.text, text.length);
    mien_string_clear(&text);
    static const char sidecar[] =
        "{\"version\": 2, \"targets\": {\"mood\": {\"range\": [1, 7], \"unit\": "
        "\"1-7\", \"construct\": \"evoked\", \"perspective\": \"subjective\"}, "
        "\"state\": {\"classes\": [\"calm\", \"glad\", \"tense\"], \"construct\": "
        "\"evoked\", \"perspective\": \"subjective\"}}}";
    snprintf(file, sizeof file, "%s.json", name);
    support_write(file, sidecar, sizeof sidecar - 1);
}

static int make(void **state) {
    (void)state;
    write_columns("gaze.csv", GAZE, false);
    write_columns("skin.csv", SKIN, true);
    write_table("people", -1);
    write_table("sorted", 2);
    return 0;
}

static mien_status open_study(const char *lines, mien_study **study) {
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
        "trials: people.tsv\nfolds: {rule: leave-one-group-out}\n"
        "bootstrap: {repeats: 20}\n%s",
        lines);
    return mien_study_open(
        support_write("head.yaml", yaml, strlen(yaml)), NULL, 0, study);
}

static mien_status train(const char *lines, const char *run) {
    mien_study *study = NULL;
    mien_train_options o = mien_train_options_default();
    o.threads = 2;
    mien_status status = open_study(lines, &study);
    if (status == MIEN_OK) {
        status = mien_train(study, run, &o);
    }
    mien_study_close(&study);
    return status;
}

static const char *run_named(const char *name) {
    static char path[8][4096];
    static int next;
    next = (next + 1) % 8;
    snprintf(path[next], sizeof path[next], "%s", support_temp_path(name));
    return path[next];
}

/* A figure of the first target. */
static double figure_of(const char *run, const char *metric) {
    mien_value *results = NULL;
    char *path = mien_path_join(run, "results.json");
    double value = NAN;
    assert_good(mien_value_read(path, &results));
    mien_free(path);
    const mien_value *list =
        mien_value_get(mien_value_at(mien_value_get(results, "targets"), 0), "metrics");
    for (int64_t i = 0; i < mien_value_count(list); i++) {
        const mien_value *m = mien_value_at(list, i);
        if (strcmp(mien_value_text(mien_value_get(m, "name")), metric) == 0) {
            value = mien_value_number(mien_value_get(m, "value"), NAN);
        }
    }
    mien_value_free(&results);
    return value;
}

static void assert_same(const char *a, const char *b, const char *file) {
    char x[65], y[65];
    char *first = mien_path_join(a, file), *second = mien_path_join(b, file);
    assert_good(mien_sha256_file(first, x));
    assert_good(mien_sha256_file(second, y));
    assert_string_equal(x, y);
    mien_free(first);
    mien_free(second);
}

/* The model of a run has this head and gives its golden vectors. */
static void assert_head(const char *run, const char *kind) {
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    char *path = mien_path_join(run, "model.safetensors");
    assert_good(mien_model_open(path, &model));
    assert_string_equal(mien_model_network(model)->architecture.head.kind, kind);
    assert_int_equal(mien_model_golden_count(model), 4);
    assert_good(mien_runner_new(model, NULL, &runner));
    for (int64_t g = 0; g < 4; g++) {
        mien_golden_input golden;
        const float *items[MIEN_INPUTS_MAX];
        float values[8];
        assert_good(mien_model_golden(model, g, &golden));
        for (int m = 0; m < MIEN_INPUTS_MAX; m++) {
            items[m] = golden.item[m] ? golden.item[m]->data : NULL;
        }
        assert_good(
            mien_runner_run_arrays(runner, items, golden.mask, 1, values, NULL));
        assert_close(values, golden.output, mien_model_width(model), 0, 1e-6);
    }
    mien_runner_free(&runner);
    mien_model_close(&model);
    mien_free(path);
}

#define LOGISTIC                                                                       \
    "method: logistic\ninputs: [gaze]\ntargets: [state]\nlogistic: {cost: [0.1, 1]}\n"
#define RIDGE "method: ridge\ninputs: [gaze, skin]\ntargets: [mood]\n"
#define FOREST                                                                         \
    "method: trees\ninputs: [gaze, skin]\ntargets: [mood, state]\n"                    \
    "trees: {kind: forest, count: 30}\n"
#define BOOSTED                                                                        \
    "method: trees\ninputs: [gaze]\ntargets: [state]\ntrees: {count: 20, depth: [1, "  \
    "2], "                                                                             \
    "rate: 0.3}\ninner: {k: 2, score: auc}\n"

static bool no_trees(void) {
    if (mien_booster_check() != MIEN_OK) {
        print_message("skipped: %s\n", mien_error());
        return true;
    }
    return false;
}

static void logistic_regression_tells_planted_classes(void **state) {
    (void)state;
    const char *run = run_named("logistic");
    assert_good(train(LOGISTIC, run));
    double right = figure_of(run, "accuracy");
    print_message("accuracy %.3f\n", right);
    assert_true(right > 0.8);
    assert_head(run, "logistic");
}

static void ridge_regression_reads_planted_numbers_of_several_inputs(void **state) {
    (void)state;
    const char *run = run_named("ridge");
    assert_good(train(RIDGE, run));
    double r = figure_of(run, "r");
    print_message("r %.3f\n", r);
    assert_true(r > 0.7);
    assert_head(run, "linear");
}

static void trees_learn_numbers_and_classes_together(void **state) {
    (void)state;
    if (no_trees()) {
        skip();
    }
    const char *forest = run_named("forest"), *boosted = run_named("boosted");
    assert_good(train(FOREST, forest));
    print_message("r %.3f\n", figure_of(forest, "r"));
    assert_true(figure_of(forest, "r") > 0.5);
    assert_head(forest, "trees");
    assert_good(train(BOOSTED, boosted));
    print_message("accuracy %.3f\n", figure_of(boosted, "accuracy"));
    assert_true(figure_of(boosted, "accuracy") > 0.7);
    assert_head(boosted, "trees");
}

static void ridge_regression_tells_classes_apart(void **state) {
    (void)state;
    const char *run = run_named("classes");
    assert_good(train("method: ridge\ninputs: [gaze]\ntargets: [state]\n", run));
    print_message("accuracy %.3f\n", figure_of(run, "accuracy"));
    assert_true(figure_of(run, "accuracy") > 0.8);
    assert_head(run, "linear");
}

/* A number is learnt by what learns numbers, classes by what tells them best, and one
 * model holds both. */
static void each_fold_takes_the_best_of_several_methods(void **state) {
    (void)state;
    const char *run = run_named("best"), *mixed = run_named("best-mixed");
    assert_good(train("method: best\ninputs: [gaze, skin]\ntargets: [state, mood]\n"
                      "best: {of: [logistic, ridge]}\n",
        run));
    print_message("accuracy %.3f\n", figure_of(run, "accuracy"));
    assert_true(figure_of(run, "accuracy") > 0.8);
    assert_head(run, "logistic");
    if (no_trees()) {
        return;
    }
    assert_good(train("method: best\ninputs: [gaze, skin]\ntargets: [mood, state]\n"
                      "best: {of: [logistic, trees]}\nlogistic: {cost: 1}\n"
                      "trees: {kind: forest, count: 20}\n",
        mixed));
    assert_true(figure_of(mixed, "r") > 0.5);
    assert_head(mixed, "trees_linear");
}

static void the_same_study_gives_the_same_bytes(void **state) {
    (void)state;
    static const char *const studies[] = {LOGISTIC, RIDGE, FOREST};
    int count = no_trees() ? 2 : 3;
    for (int i = 0; i < count; i++) {
        const char *a = run_named(i ? i == 1 ? "a1" : "a2" : "a0");
        const char *b = run_named(i ? i == 1 ? "b1" : "b2" : "b0");
        assert_good(train(studies[i], a));
        assert_good(train(studies[i], b));
        assert_same(a, b, "predictions.csv");
        assert_same(a, b, "model.safetensors");
    }
}

/* Interrupts when the first fold is done. */
static void stop(void *context, const char *stage, int64_t done, int64_t total) {
    (void)context;
    (void)total;
    if (strcmp(stage, "folds") == 0 && done >= 1) {
        mien_interrupt();
    }
}

static void a_run_that_was_stopped_ends_as_one_that_was_not(void **state) {
    (void)state;
    const char *whole = run_named("whole"), *parts = run_named("parts");
    mien_study *study = NULL;
    mien_train_options o = mien_train_options_default();
    o.threads = 1;
    assert_good(open_study(LOGISTIC, &study));
    assert_good(mien_train(study, whole, &o));
    o.progress = stop;
    mien_status status = mien_train(study, parts, &o);
    assert_true(status == MIEN_EINTERRUPTED || status == MIEN_OK);
    mien_interrupt_clear();
    o.progress = NULL;
    assert_good(mien_resume(parts, &o));
    assert_same(whole, parts, "predictions.csv");
    assert_same(whole, parts, "model.safetensors");
    mien_study_close(&study);
}

static void what_is_hidden_is_missed_in_proportion(void **state) {
    (void)state;
    const char *run = run_named("ridge");
    mien_train_options o = mien_train_options_default();
    mien_replay *replay = NULL;
    o.threads = 1;
    assert_good(mien_replay_open(run, &o, &replay));
    const mien_dataset *c = mien_replay_dataset(replay);
    const mien_columns_change changes[] = {
        {0}, {.hidden = 1, .masked = true}, {.hidden = 2, .masked = true}};
    double *p = mien_alloc((size_t)(3 * c->rows), sizeof *p), error[3] = {0};
    assert_good(mien_replay_predict(replay, changes, 3, p, 0, NULL));
    for (int k = 0; k < 3; k++) {
        for (int64_t i = 0; i < c->rows; i++) {
            error[k] += fabs(p[k * c->rows + i] - c->target[0].value[i]);
        }
    }
    assert_true(error[2] > 1.3 * error[0]); /* skin carries the mood */
    assert_true(error[1] < 1.3 * error[0]); /* gaze does not */
    mien_free(p);
    mien_replay_close(&replay);
}

static void what_cannot_be_learnt_is_told_before_any_work(void **state) {
    (void)state;
    static const struct {
        const char *lines;
        mien_status status;
        const char *part;
    } cases[] = {
        {"method: logistic\ninputs: [gaze]\ntargets: [mood]\n", MIEN_EUNSUPPORTED,
            "mood"},
        {"method: best\ninputs: [gaze]\ntargets: [mood]\nbest: {of: logistic}\n",
            MIEN_EUNSUPPORTED, "none of them learns mood, which is a number"},
        {"method: best\ninputs: [gaze]\nbest: {of: [logistic, network]}\n",
            MIEN_EFORMAT, "logistic, trees and ridge are allowed"},
        {"method: best\ninputs: [gaze]\nbest: {of: [logistic]}\ntrees: {depth: 2}\n",
            MIEN_EFORMAT, "only with method: trees"},
        {"method: logistic\ninputs: [gaze]\ntargets: [state]\nstandardise: false\n",
            MIEN_ENUMBER, "value 2 of row 4 is NaN"},
        {"method: logistic\ninputs: [gaze]\nlogistic: {cost: [0]}\n", MIEN_EFORMAT,
            "logistic.cost"},
        {"method: logistic\ninputs: [gaze]\ntrees: {depth: 2}\n", MIEN_EFORMAT,
            "only with method: trees"},
        {"method: trees\ninputs: [gaze]\ntrees: {kind: [oak]}\n", MIEN_EFORMAT,
            "forest and boosted"},
        {"method: trees\ninputs: [gaze]\ntrees: {depth: [2.5]}\n", MIEN_EFORMAT,
            "whole"},
        {"method: ridge\ninputs: [gaze]\ntargets: [mood]\nepochs: 3\n", MIEN_EFORMAT,
            "only with method: network"},
        {"method: logistic\ninputs: [gaze]\nclass-weights: {rule: given}\n",
            MIEN_EFORMAT, "a weight for each class"},
        {"method: ridge\ntargets: [mood]\ninputs: {gaze: {kind: features}}\n"
         "branches: {gaze: [{project: {width: 4}}]}\n",
            MIEN_EFORMAT, "would have to learn"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[32];
        snprintf(name, sizeof name, "refused-%zu", i);
        assert_fails(
            train(cases[i].lines, run_named(name)), cases[i].status, cases[i].part);
    }
}

/* All of one person's trials are of several classes, and everybody else's of one. */
static void a_fold_that_teaches_one_class_alone_is_refused(void **state) {
    (void)state;
    static const char *const set[] = {"trials=sorted.tsv"};
    mien_study *study = NULL;
    mien_train_options o = mien_train_options_default();
    const char *path = support_temp_path("head.yaml");
    assert_good(open_study(LOGISTIC, &study));
    mien_study_close(&study);
    assert_good(mien_study_open(path, set, 1, &study));
    assert_fails(mien_train(study, run_named("one"), &o), MIEN_EFORMAT,
        "of the class \"calm\"; method logistic needs two");
    mien_study_close(&study);
}

static void without_the_library_trees_say_what_is_needed(void **state) {
    (void)state;
    if (mien_booster_check() != MIEN_OK) {
        assert_fails(train(FOREST, run_named("none")), MIEN_EUNSUPPORTED, "libxgboost");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logistic_regression_tells_planted_classes),
        cmocka_unit_test(ridge_regression_reads_planted_numbers_of_several_inputs),
        cmocka_unit_test(trees_learn_numbers_and_classes_together),
        cmocka_unit_test(ridge_regression_tells_classes_apart),
        cmocka_unit_test(each_fold_takes_the_best_of_several_methods),
        cmocka_unit_test(the_same_study_gives_the_same_bytes),
        cmocka_unit_test(a_run_that_was_stopped_ends_as_one_that_was_not),
        cmocka_unit_test(what_is_hidden_is_missed_in_proportion),
        cmocka_unit_test(what_cannot_be_learnt_is_told_before_any_work),
        cmocka_unit_test(a_fold_that_teaches_one_class_alone_is_refused),
        cmocka_unit_test(without_the_library_trees_say_what_is_needed),
    };
    return cmocka_run_group_tests(tests, make, NULL);
}
