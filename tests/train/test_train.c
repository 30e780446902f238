/* SPDX-License-Identifier: MIT */
/* A whole study on small made pictures and drawn weights: what the run folder holds. */
#include "support/support.h"

#include "support/metric.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mien/train.h"
#include "models/drawn.h"

enum { PICTURES = 23, ROWS = 26, GROUPS = 8, SIDE = 40 };

static char weights[4096], study_path[4096];

/* Picture i: a colour that its ratings depend on, and a pattern that they do not. */
static void paint(int i) {
    const int64_t shape[3] = {SIDE, SIDE + i % 3, 3};
    mien_tensor *image = NULL;
    char name[64];
    assert_good(mien_tensor_new(MIEN_U8, 3, shape, &image));
    uint8_t *p = image->data;
    for (int64_t y = 0; y < shape[0]; y++) {
        for (int64_t x = 0; x < shape[1]; x++, p += 3) {
            p[0] = (uint8_t)(20 + i * 10);
            p[1] = (uint8_t)(250 - i * 10);
            p[2] = (uint8_t)((x * (i % 5 + 1) + y * 3) % 256);
        }
    }
    snprintf(name, sizeof name, "pictures/%d.png", i);
    assert_good(mien_image_write_png(image, support_temp_path(name)));
    mien_tensor_free(&image);
}

static void write_text(const char *name, const char *text) {
    support_write(name, text, strlen(text));
}

/* The last three rows: a picture seen before, one without a rating, a missing group. */
static void write_trials(void) {
    mien_string text;
    mien_string_init(&text);
    mien_string_add(&text, "trial\tperson\tstimulus\tgroup\timage\tvalence\tarousal\n");
    for (int i = 0; i < ROWS; i++) {
        int picture = i < PICTURES ? i : i == PICTURES ? 3 : i - PICTURES;
        mien_string_addf(&text, "t%02d\tn/a\tP %d\t", i, picture);
        if (i == ROWS - 1) {
            mien_string_add(&text, "n/a");
        } else {
            mien_string_addf(&text, "g%d", picture % GROUPS);
        }
        mien_string_addf(&text, "\tpictures/%d.png\t", picture);
        if (i == ROWS - 2) {
            mien_string_add(&text, "n/a\t3\n");
        } else {
            mien_string_addf(
                &text, "%.3f\t%.3f\n", 1 + 0.2 * picture, 4 + sin(3.7 * i));
        }
    }
    assert_good(mien_string_status(&text));
    write_text("trials.tsv", text.text);
    mien_string_clear(&text);
    write_text("trials.json",
        "{\"version\": 1, \"name\": \"made\", \"targets\": {"
        "\"valence\": {\"range\": [1, 7], \"unit\": \"1-7\", \"construct\": \"evoked\","
        " \"perspective\": \"normative\"},"
        "\"arousal\": {\"range\": [1, 7], \"unit\": \"1-7\", \"construct\": \"evoked\","
        " \"perspective\": \"normative\"}}}");
}

static int set_up(void **state) {
    (void)state;
    const mien_backbone *backbone = NULL;
    assert_good(mien_directory_make(support_temp_path("pictures")));
    for (int i = 0; i < PICTURES; i++) {
        paint(i);
    }
    write_trials();
    write_text("study.yaml", "trials: trials.tsv\n"
                             "picture: {fit: squash, height: 32, width: 32}\n"
                             "readout: {layers: [pool, \"features.3, pool\"], gamma: "
                             "[0, 2], combine: stack}\n"
                             "folds: {k: 4}\n"
                             "bootstrap: {repeats: 50}\n"
                             "model: {golden: 2, licence: MIT}\n");
    snprintf(study_path, sizeof study_path, "%s", support_temp_path("study.yaml"));
    snprintf(weights, sizeof weights, "%s", support_temp_path("drawn.safetensors"));
    return mien_backbone_find("mobilenet_v2", &backbone) != MIEN_OK ||
           drawn_save(backbone, weights) != MIEN_OK;
}

static mien_train_options options_of(int threads) {
    mien_train_options o = mien_train_options_default();
    o.threads = threads;
    o.weights = weights;
    return o;
}

static mien_status train(const char *run, const char *const *set, int count) {
    mien_study *study = NULL;
    mien_train_options o = options_of(2);
    assert_good(mien_study_open(study_path, set, count, &study));
    mien_status status = mien_train(study, run, &o);
    mien_study_close(&study);
    return status;
}

/* The run that several tests look at, made by the first of them. */
static const char *trained(void) {
    static char run[4096];
    if (!run[0]) {
        snprintf(run, sizeof run, "%s", support_temp_path("run"));
        assert_good(train(run, NULL, 0));
    }
    return run;
}

static char *in_run(const char *run, const char *name) {
    char *path = mien_path_join(run, name);
    assert_non_null(path);
    return path;
}

static const char *const files[] = {"study.yaml", "trials.tsv", "predictions.csv",
    "metrics.csv", "results.json", "model.safetensors"};
enum {
    FILES = sizeof files / sizeof *files,
    FOLDERS = 5 /* four folds and the model */
};

static void a_run_folder_holds_its_files_and_no_other(void **state) {
    (void)state;
    char **names = NULL;
    int64_t count = 0;
    assert_good(mien_directory_list(trained(), &names, &count));
    /* beside: the sums, the log, and what resuming asks for */
    assert_int_equal(count, FILES + 3 + FOLDERS);
    mien_names_free(&names, count);
    for (int i = 0; i < FILES; i++) {
        char *path = in_run(trained(), files[i]);
        assert_true(mien_file_size(path) > 0);
        mien_free(path);
    }
}

static void sums_are_those_of_the_files(void **state) {
    (void)state;
    char *path = in_run(trained(), "SHA256SUMS"), *text = NULL;
    size_t length = 0;
    assert_good(mien_file_read(path, 1 << 16, &text, &length));
    const char *at = text;
    for (int i = 0; i < FILES; i++) {
        char *file = in_run(trained(), files[i]), hex[65], line[256];
        assert_good(mien_sha256_file(file, hex));
        snprintf(line, sizeof line, "%s  %s\n", hex, files[i]);
        assert_true(strncmp(at, line, strlen(line)) == 0);
        at += strlen(line);
        mien_free(file);
    }
    assert_int_equal(*at, 0);
    mien_free(text);
    mien_free(path);
}

static void rows_with_ratings_are_predicted_in_their_fold(void **state) {
    (void)state;
    mien_table *predictions = NULL, *trials = NULL;
    char *path = in_run(trained(), "predictions.csv");
    assert_good(mien_table_read(path, NULL, &predictions));
    mien_free(path);
    path = in_run(trained(), "trials.tsv");
    assert_good(mien_table_read(path, NULL, &trials));
    mien_free(path);
    assert_int_equal(mien_table_rows(predictions), ROWS - 1);
    assert_int_equal(mien_table_rows(trials), ROWS - 1);
    int trial = mien_table_column(predictions, "trial");
    int group = mien_table_column(predictions, "group");
    int fold = mien_table_column(predictions, "fold");
    int split = mien_table_column(predictions, "split");
    int predicted = mien_table_column(predictions, "valence_prediction");
    int truth = mien_table_column(predictions, "valence_truth");
    for (int64_t i = 0; i < ROWS - 1; i++) {
        double y = NAN, p = NAN;
        assert_string_not_equal(mien_table_cell(predictions, i, trial), "t24");
        assert_string_equal(mien_table_cell(predictions, i, trial),
            mien_table_cell(trials, i, mien_table_column(trials, "trial")));
        assert_string_equal(mien_table_cell(predictions, i, fold),
            mien_table_cell(trials, i, mien_table_column(trials, "fold")));
        assert_string_equal(mien_table_cell(predictions, i, split), "held-out");
        assert_good(mien_table_number(predictions, i, predicted, &p));
        assert_good(mien_table_number(predictions, i, truth, &y));
        assert_true(isfinite(p) && isfinite(y));
        for (int64_t k = 0; k < i; k++) { /* a group is never cut */
            const char *a = mien_table_cell(predictions, i, group);
            if (!mien_cell_missing(a) &&
                strcmp(a, mien_table_cell(predictions, k, group)) == 0) {
                assert_string_equal(mien_table_cell(predictions, i, fold),
                    mien_table_cell(predictions, k, fold));
            }
        }
    }
    mien_table_free(&predictions);
    mien_table_free(&trials);
}

static void results_hold_every_figure_of_every_target(void **state) {
    (void)state;
    mien_value *results = NULL;
    char *path = in_run(trained(), "results.json");
    assert_good(mien_value_read(path, &results));
    mien_free(path);
    const mien_value *trials = mien_value_get(results, "trials");
    assert_int_equal(mien_value_int(mien_value_get(trials, "rows"), 0), ROWS - 1);
    assert_int_equal(mien_value_int(mien_value_get(trials, "stimuli"), 0), PICTURES);
    assert_int_equal(mien_value_int(mien_value_get(trials, "groups"), 0), GROUPS + 1);
    assert_string_equal(mien_value_text(mien_value_get(results, "study")), "study");
    const mien_value *targets = mien_value_get(results, "targets");
    assert_int_equal(mien_value_count(targets), 2);
    for (int t = 0; t < 2; t++) {
        const mien_value *target = mien_value_at(targets, t);
        const mien_value *metrics = mien_value_get(target, "metrics");
        assert_int_equal(mien_value_count(metrics), mien_metric_usual_count());
        for (int64_t i = 0; i < mien_value_count(metrics); i++) {
            const mien_value *m = mien_value_at(metrics, i);
            double value = mien_value_number(mien_value_get(m, "value"), NAN);
            double low = mien_value_number(mien_value_get(m, "low"), NAN);
            double high = mien_value_number(mien_value_get(m, "high"), NAN);
            /* what predicts the mean in every fold has no correlation */
            assert_true((low <= value && value <= high) || (t == 1 && isnan(value)));
            assert_non_null(mien_value_get(m, "baseline"));
            assert_non_null(mien_value_get(m, "plain"));
        }
        assert_int_equal(mien_value_count(mien_value_get(target, "chosen_by_fold")), 4);
        assert_int_equal(mien_value_kind_of(mien_value_get(target, "ceiling")),
            MIEN_VALUE_NULL); /* the table has no SD and N */
    }
    /* the colour foretells valence, nothing foretells arousal */
    const mien_value *r =
        mien_value_at(mien_value_get(mien_value_at(targets, 0), "metrics"), 0);
    assert_string_equal(mien_value_text(mien_value_get(r, "name")), "r");
    assert_true(mien_value_number(mien_value_get(r, "value"), 0) > 0.5);
    assert_int_equal(mien_value_count(mien_value_get(results, "notes")),
        2); /* left out; few groups */
    mien_value_free(&results);
}

static void metrics_of_the_run_are_those_of_its_predictions(void **state) {
    (void)state;
    mien_value *results = NULL;
    mien_table *table = NULL;
    double truth[ROWS], prediction[ROWS], null[ROWS];
    char *path = in_run(trained(), "results.json");
    assert_good(mien_value_read(path, &results));
    mien_free(path);
    path = in_run(trained(), "predictions.csv");
    assert_good(mien_table_read(path, NULL, &table));
    mien_free(path);
    for (int64_t i = 0; i < ROWS - 1; i++) {
        assert_good(mien_table_number(
            table, i, mien_table_column(table, "valence_truth"), &truth[i]));
        assert_good(mien_table_number(
            table, i, mien_table_column(table, "valence_prediction"), &prediction[i]));
        assert_good(mien_table_number(
            table, i, mien_table_column(table, "valence_null"), &null[i]));
    }
    const mien_value *metrics =
        mien_value_get(mien_value_at(mien_value_get(results, "targets"), 0), "metrics");
    for (int i = 0; i < mien_metric_usual_count(); i++) {
        assert_near(
            mien_value_number(mien_value_get(mien_value_at(metrics, i), "value"), NAN),
            metric_against(mien_metric_at(i), truth, prediction, null, ROWS - 1),
            1e-12);
    }
    mien_table_free(&table);
    mien_value_free(&results);
}

static void the_model_opens_and_keeps_its_golden_promise(void **state) {
    (void)state;
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    mien_runner_options o = mien_runner_options_default();
    char *path = in_run(trained(), "model.safetensors"), hex[65];
    o.weights = weights;
    assert_good(mien_model_open(path, &model));
    assert_good(mien_runner_new(model, &o, &runner));
    const mien_network *r = mien_model_network(model);
    assert_good(mien_sha256_file(weights, hex));
    assert_string_equal(r->architecture.branches[0].weights_sha256, hex);
    assert_string_equal(r->licence, "MIT");
    assert_int_equal(mien_model_golden_count(model), 2);
    for (int64_t i = 0; i < 2; i++) {
        mien_golden_input golden;
        float image[3 * 32 * 32], got[2];
        const float *const inputs[] = {image};
        assert_good(mien_model_golden(model, i, &golden));
        assert_good(mien_preprocess_run(
            mien_model_preprocess(model), golden.item[0], false, image));
        assert_good(mien_runner_run_arrays(runner, inputs, NULL, 1, got, NULL));
        assert_close(got, golden.output, 2, 1e-4, 1e-4);
    }
    mien_runner_free(&runner);
    mien_model_close(&model);
    mien_free(path);
}

static void assert_as_trained(const char *run) {
    for (int i = 0; i < FILES; i++) {
        char *first = in_run(trained(), files[i]), *second = in_run(run, files[i]);
        char a[65], b[65];
        assert_good(mien_sha256_file(first, a));
        assert_good(mien_sha256_file(second, b));
        assert_string_equal(a, b);
        mien_free(first);
        mien_free(second);
    }
}

static void the_written_study_trains_to_the_same_bits(void **state) {
    (void)state;
    /* beside the trials, as a user would put it */
    char *text = NULL, *path = in_run(trained(), "study.yaml"), run[4096];
    size_t length = 0;
    assert_good(mien_file_read(path, 1 << 20, &text, &length));
    support_write("again.yaml", text, length);
    mien_free(text);
    mien_free(path);
    mien_study *study = NULL;
    mien_train_options o = options_of(2);
    snprintf(run, sizeof run, "%s", support_temp_path("again"));
    assert_good(mien_study_open(support_temp_path("again.yaml"), NULL, 0, &study));
    assert_good(mien_train(study, run, &o));
    mien_study_close(&study);
    assert_as_trained(run);
}

static void a_folder_that_holds_something_is_refused(void **state) {
    (void)state;
    char run[4096];
    snprintf(run, sizeof run, "%s", support_temp_path("full"));
    assert_good(mien_directory_make(run));
    write_text("full/mine.txt", "keep me");
    assert_fails(train(run, NULL, 0), MIEN_EINVAL, "not empty (mine.txt");
    assert_fails(train(trained(), NULL, 0), MIEN_EINVAL, "not empty");
    assert_true(mien_file_exists(support_temp_path("full/mine.txt")));
}

static void a_place_that_takes_no_folder_is_told(void **state) {
    (void)state;
    assert_fails(train("/dev/full", NULL, 0), MIEN_EIO, "/dev/full");
    assert_fails(train("/dev/full/run", NULL, 0), MIEN_EIO, "/dev/full");
    assert_fails(
        train(support_temp_path("study.yaml"), NULL, 0), MIEN_EIO, "study.yaml");
}

static void what_the_table_lacks_is_told_before_any_work(void **state) {
    (void)state;
    const struct {
        const char *set, *part;
        mien_status status;
    } cases[] = {
        {"targets=joy", "has no target \"joy\"", MIEN_ENOTFOUND},
        {"folds.by=theme", "no column \"theme\"", MIEN_ENOTFOUND},
        {"folds.k=20", "20 folds of 9 groups", MIEN_EFORMAT},
        {"trials=none.tsv", "none.tsv", MIEN_EIO},
        {"readout.layers=features.99", "features.99", MIEN_EFORMAT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char run[4096];
        snprintf(run, sizeof run, "%s", support_temp_path("refused"));
        assert_fails(train(run, &cases[i].set, 1), cases[i].status, cases[i].part);
        rmdir(run); /* nothing was written */
        assert_false(mien_file_exists(run));
    }
}

static void too_few_groups_to_choose_within_a_fold_are_told(void **state) {
    (void)state;
    write_text("two.tsv", "trial\tgroup\timage\tvalence\tarousal\n"
                          "a\tx\tpictures/1.png\t1\t1\nb\tx\tpictures/2.png\t2\t2\n"
                          "c\ty\tpictures/3.png\t3\t3\n");
    char *text = NULL;
    size_t length = 0;
    assert_good(
        mien_file_read(support_temp_path("trials.json"), 1 << 16, &text, &length));
    support_write("two.json", text, length);
    mien_free(text);
    const char *const set[] = {"trials=two.tsv", "folds.k=2"};
    assert_fails(train(support_temp_path("two"), set, 2), MIEN_EFORMAT,
        "1 rows of one group to train on");
}

static void a_picture_that_cannot_be_read_is_named(void **state) {
    (void)state;
    write_text("pictures/broken.png", "no picture");
    write_text("bad.tsv",
        "trial\tgroup\timage\tvalence\tarousal\n"
        "a\tx\tpictures/1.png\t1\t1\nb\ty\tpictures/broken.png\t2\t2\n"
        "c\tz\tpictures/3.png\t3\t3\n");
    char *text = NULL;
    size_t length = 0;
    assert_good(
        mien_file_read(support_temp_path("trials.json"), 1 << 16, &text, &length));
    support_write("bad.json", text, length);
    mien_free(text);
    const char *const set[] = {"trials=bad.tsv", "folds.k=3"};
    assert_fails(train(support_temp_path("bad"), set, 2), MIEN_EFORMAT, "broken.png");
}

static void random_weights_are_refused(void **state) {
    (void)state;
    mien_study *study = NULL;
    mien_train_options o = options_of(1);
    o.weights = "random";
    assert_good(mien_study_open(study_path, NULL, 0, &study));
    assert_fails(mien_train(study, support_temp_path("random"), &o), MIEN_EINVAL,
        "random weights");
    mien_study_close(&study);
}

/* Interrupts the training when a stage has come so far. */
typedef struct stopper {
    const char *stage;
    int64_t at;
} stopper;

static void stop(void *context, const char *stage, int64_t done, int64_t total) {
    const stopper *s = context;
    (void)total;
    if (strcmp(stage, s->stage) == 0 && done >= s->at) {
        mien_interrupt();
    }
}

static void an_interrupted_run_goes_on_to_the_same_bits(void **state) {
    (void)state;
    stopper stops[] = {{"features", 1}, {"folds", 2}, {"folds", 4}};
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        char run[4096], name[32];
        mien_study *study = NULL;
        mien_train_options o = options_of(2);
        snprintf(name, sizeof name, "stopped-%d", (int)i);
        snprintf(run, sizeof run, "%s", support_temp_path(name));
        o.progress = stop;
        o.context = &stops[i];
        assert_good(mien_study_open(study_path, NULL, 0, &study));
        mien_status status = mien_train(study, run, &o);
        mien_interrupt_clear();
        assert_int_equal(status, MIEN_EINTERRUPTED);
        assert_non_null(strstr(mien_error(), "mien resume"));
        mien_study_close(&study);
        o = options_of(2);
        assert_good(mien_resume(run, &o));
        assert_as_trained(run);
    }
}

static void folds_are_dealt_by_any_rule(void **state) {
    (void)state;
    static const struct {
        const char *rule;
        int folds, tested;
    } cases[] = {{"leave-one-group-out", 9, 25}, {"rows", 4, 25}, {"names", 1, 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char run[4096], name[32], rule[64];
        snprintf(name, sizeof name, "rule-%d", (int)i);
        snprintf(run, sizeof run, "%s", support_temp_path(name));
        snprintf(rule, sizeof rule, "folds.rule=%s", cases[i].rule);
        const char *const set[] = {rule, "folds.hold-out=1"};
        assert_good(train(run, set, 2));
        mien_table *table = NULL;
        mien_value *results = NULL;
        char *path = in_run(run, "predictions.csv"),
             *json = in_run(run, "results.json");
        assert_good(mien_table_read(path, NULL, &table));
        assert_true(mien_table_rows(table) >= cases[i].tested - 1);
        assert_good(mien_value_read(json, &results));
        const mien_value *folds = mien_value_get(results, "folds");
        assert_string_equal(
            mien_value_text(mien_value_get(folds, "rule")), cases[i].rule);
        assert_int_equal(mien_value_int(mien_value_get(folds, "k"), 0), cases[i].folds);
        mien_value_free(&results);
        mien_table_free(&table);
        mien_free(json);
        mien_free(path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_folder_holds_its_files_and_no_other),
        cmocka_unit_test(sums_are_those_of_the_files),
        cmocka_unit_test(rows_with_ratings_are_predicted_in_their_fold),
        cmocka_unit_test(results_hold_every_figure_of_every_target),
        cmocka_unit_test(metrics_of_the_run_are_those_of_its_predictions),
        cmocka_unit_test(the_model_opens_and_keeps_its_golden_promise),
        cmocka_unit_test(the_written_study_trains_to_the_same_bits),
        cmocka_unit_test(a_folder_that_holds_something_is_refused),
        cmocka_unit_test(a_place_that_takes_no_folder_is_told),
        cmocka_unit_test(what_the_table_lacks_is_told_before_any_work),
        cmocka_unit_test(too_few_groups_to_choose_within_a_fold_are_told),
        cmocka_unit_test(a_picture_that_cannot_be_read_is_named),
        cmocka_unit_test(random_weights_are_refused),
        cmocka_unit_test(an_interrupted_run_goes_on_to_the_same_bits),
        cmocka_unit_test(folds_are_dealt_by_any_rule),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
