/* SPDX-License-Identifier: MIT */
/* Whole studies on features: what is learnt, judged and kept, and that stopping,
 * threads and the order of the table change no bit. */
#include "train/films.h"

#include "support/metric.h"

#include <signal.h>

#include "mien/eval.h"
#include "mien/signal.h"
#include "mien/train.h"
#include "train/fit/network_fit.h"

static int set_up(void **state) {
    (void)state;
    films_make();
    return 0;
}

static const char *run_path(const char *name) {
    static char path[4][4096];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s", support_temp_path(name));
    return path[next];
}

static mien_status train_on(
    const char *run, int threads, const char *const *set, int count) {
    mien_study *study = NULL;
    mien_train_options o = mien_train_options_default();
    o.threads = threads;
    mien_status status = films_study(set, count, &study);
    if (status == MIEN_OK) {
        status = mien_train(study, run, &o);
    }
    mien_study_close(&study);
    return status;
}

static void assert_same_files(const char *a, const char *b) {
    static const char *const files[] = {
        "predictions.csv", "metrics.csv", "results.json", "model.safetensors"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char x[65], y[65], *first = mien_path_join(a, files[i]),
                           *second = mien_path_join(b, files[i]);
        assert_good(mien_sha256_file(first, x));
        assert_good(mien_sha256_file(second, y));
        if (strcmp(x, y) != 0) {
            fail_msg("%s differs", files[i]);
        }
        mien_free(first);
        mien_free(second);
    }
}

static mien_table *table_of(const char *run, const char *file) {
    mien_table *table = NULL;
    char *path = mien_path_join(run, file);
    assert_good(mien_table_read(path, NULL, &table));
    mien_free(path);
    return table;
}

static mien_value *results_of(const char *run) {
    mien_value *results = NULL;
    char *path = mien_path_join(run, "results.json");
    assert_good(mien_value_read(path, &results));
    mien_free(path);
    return results;
}

static void numbers_of(const mien_table *t, const char *column, double *x) {
    for (int64_t i = 0; i < mien_table_rows(t); i++) {
        assert_good(mien_table_number(t, i, mien_table_column(t, column), &x[i]));
    }
}

/* Everything that remembers something: windows, dropout of values and of inputs,
 * smoothing, stopping, averages, two targets, two seeds. */
static const char *const busy[] = {"model.name=temporal_aan", "context.before=2",
    "context.after=1", "modality-dropout=0.3", "targets=valence;mood",
    "smoothing.rule=mean", "smoothing.candidates=0;3", "validation.rule=groups",
    "validation.share=0.25", "average.rule=decaying", "average.decay=0.8", "seeds=2",
    "checkpoint.every=0.0001", "checkpoint.pause=0", "trials=silent.tsv", "epochs=2"};
enum { BUSY = sizeof busy / sizeof *busy };

static const char *uninterrupted(void) {
    static char path[4096];
    if (!path[0]) {
        films_table("silent", (films_options){.without_sound = 50});
        snprintf(path, sizeof path, "%s", support_temp_path("busy"));
        assert_good(train_on(path, 1, busy, BUSY));
    }
    return path;
}

static void a_network_over_features_learns(void **state) {
    (void)state;
    const char *run = run_path("learns");
    assert_good(train_on(
        run, 1, FILMS_SET("epochs=40", "model.dropout=0", "optimiser.rate=0.02")));
    mien_table *t = table_of(run, "predictions.csv");
    double truth[FILMS_ROWS], prediction[FILMS_ROWS];
    assert_int_equal(mien_table_rows(t), FILMS_ROWS);
    numbers_of(t, "valence_truth", truth);
    numbers_of(t, "valence_prediction", prediction);
    assert_true(metric_of(mien_metric_find("r"), truth, prediction, FILMS_ROWS) > 0.8);
    mien_table_free(&t);
}

static void every_kind_of_network_goes_through(void **state) {
    (void)state;
    static const char *const kinds[] = {"aan", "temporal_aan", "mixed_aan", "mlp"};
    static const char mlp[] = "trials: films.tsv\nmethod: network\n"
                              "inputs: [sound, sight]\ntargets: [valence]\n"
                              "model: {name: mlp}\nepochs: 1\nbatch: 7\n"
                              "folds: {rule: leave-one-group-out}\n"
                              "bootstrap: {repeats: 20}\n";
    for (size_t i = 0; i < 3; i++) {
        char name[32], set[64];
        snprintf(name, sizeof name, "kind%d", (int)i);
        snprintf(set, sizeof set, "model.name=%s", kinds[i]);
        const char *const sets[] = {set, "epochs=1"};
        assert_good(train_on(run_path(name), 1, sets, 2));
    }
    mien_study *study = NULL;
    mien_train_options o = mien_train_options_default();
    o.threads = 1;
    assert_good(
        mien_study_open(support_write("mlp.yaml", mlp, strlen(mlp)), NULL, 0, &study));
    assert_good(mien_train(study, run_path("mlp"), &o));
    mien_study_close(&study);
    const char *const set = "model.name=linear";
    assert_good(
        mien_study_open(support_write("mlp.yaml", mlp, strlen(mlp)), &set, 1, &study));
    assert_good(mien_train(study, run_path("linear"), &o));
    mien_study_close(&study);
}

static double figure_of(const mien_value *map, const char *key) {
    return mien_value_number(mien_value_get(map, key), (double)NAN);
}

static void figures_of_each_film_are_those_of_its_predictions(void **state) {
    (void)state;
    const char *run = run_path("figures");
    assert_good(train_on(run, 1, NULL, 0));
    mien_value *results = results_of(run);
    mien_table *t = table_of(run, "predictions.csv");
    double truth[FILMS_ROWS], prediction[FILMS_ROWS], mean = 0;
    numbers_of(t, "valence_truth", truth);
    numbers_of(t, "valence_prediction", prediction);
    const mien_value *target = mien_value_at(mien_value_get(results, "targets"), 0);
    const mien_value *groups = mien_value_get(target, "groups");
    const mien_value *each = mien_value_get(groups, "each");
    const mien_value *series = mien_value_get(target, "series");
    assert_int_equal(mien_value_count(each), FILMS);
    for (int g = 0; g < FILMS; g++) {
        static const char *const names[] = {"mse", "r", "ccc"};
        const mien_value *group = mien_value_at(each, g);
        char name[16];
        snprintf(name, sizeof name, "film%d", g);
        assert_string_equal(mien_value_text(mien_value_get(group, "group")), name);
        for (int m = 0; m < 3; m++) {
            double want =
                metric_of(mien_metric_find(names[m]), truth + g * FILMS_SEGMENTS,
                    prediction + g * FILMS_SEGMENTS, FILMS_SEGMENTS);
            assert_near(figure_of(group, names[m]), want, 1e-5);
            mean += m == 0 ? want / FILMS : 0;
        }
        double p = figure_of(group, "shift_p");
        assert_true(p >= 1.0 / FILMS_SEGMENTS - 1e-9 && p <= 1);
    }
    assert_near(
        figure_of(mien_value_get(mien_value_get(groups, "mean"), "mse"), "value"), mean,
        1e-6);
    int64_t first[FILMS + 1];
    for (int g = 0; g <= FILMS; g++) {
        first[g] = g * FILMS_SEGMENTS;
    }
    const mien_series all = {truth, prediction, FILMS, first};
    assert_near(figure_of(series, "r"), mien_series_r(&all), 1e-5);
    assert_near(figure_of(series, "effective_rows"), mien_series_effective(&all), 0.1);
    const mien_value *metrics = mien_value_get(target, "metrics");
    const mien_value *last = mien_value_at(metrics, mien_value_count(metrics) - 1);
    assert_string_equal(mien_value_text(mien_value_get(last, "name")), "mse");
    assert_near(figure_of(last, "value"),
        metric_of(mien_metric_find("mse"), truth, prediction, FILMS_ROWS), 1e-6);
    mien_table_free(&t);
    mien_value_free(&results);
}

static void predictions_are_smoothed_along_films_as_was_chosen(void **state) {
    (void)state;
    const char *run = run_path("smoothed");
    films_table("mixed", (films_options){.shuffled = true});
    assert_good(train_on(run, 1,
        FILMS_SET(
            "trials=mixed.tsv", "smoothing.rule=mean", "smoothing.candidates=5")));
    mien_table *t = table_of(run, "predictions.csv");
    double raw[FILMS_ROWS], smooth[FILMS_ROWS], x[FILMS_ROWS], want[FILMS_SEGMENTS];
    numbers_of(t, "valence_unsmoothed", raw);
    numbers_of(t, "valence_prediction", smooth);
    for (int film = 0; film < FILMS; film++) {
        int64_t row_of[FILMS_SEGMENTS];
        for (int64_t i = 0; i < FILMS_ROWS; i++) {
            int row = (int)((7 * i + 3) % FILMS_ROWS);
            if (row / FILMS_SEGMENTS == film) {
                x[row % FILMS_SEGMENTS] = raw[i];
                row_of[row % FILMS_SEGMENTS] = i;
            }
        }
        assert_good(mien_smooth_mean(x, FILMS_SEGMENTS, 5, want));
        for (int k = 0; k < FILMS_SEGMENTS; k++) {
            assert_near(smooth[row_of[k]], want[k], 1e-5);
        }
    }
    mien_value *results = results_of(run);
    const mien_value *fit = mien_value_at(mien_value_get(results, "fits"), 0);
    assert_near(figure_of(mien_value_get(fit, "smoothing"), "valence"), 5, 0);
    const mien_value *target = mien_value_at(mien_value_get(results, "targets"), 0);
    assert_true(figure_of(mien_value_get(target, "unsmoothed"), "mse") > 0);
    mien_value_free(&results);
    mien_table_free(&t);
}

static void threads_do_not_change_a_bit(void **state) {
    (void)state;
    uninterrupted();
    const char *two = run_path("two");
    assert_good(train_on(two, 2, busy, BUSY));
    assert_same_files(uninterrupted(), two);
}

typedef struct stopper {
    int64_t at, seen;
} stopper;

static void stop_at(void *context, const char *stage, int64_t done, int64_t total) {
    stopper *s = context;
    (void)total;
    (void)done;
    if (strcmp(stage, "training") == 0 && ++s->seen == s->at) {
        mien_interrupt();
    }
}

static void an_interrupted_study_ends_with_the_same_bits(void **state) {
    (void)state;
    uninterrupted();
    for (int64_t at = 3; at < 120; at += 37) {
        char name[32];
        mien_study *study = NULL;
        stopper s = {.at = at};
        mien_train_options o = mien_train_options_default();
        o.threads = 1;
        o.progress = stop_at;
        o.context = &s;
        snprintf(name, sizeof name, "stopped%d", (int)at);
        const char *run = run_path(name);
        assert_good(films_study(busy, BUSY, &study));
        assert_fails(mien_train(study, run, &o), MIEN_EINTERRUPTED, "mien resume");
        mien_interrupt_clear();
        mien_study_close(&study);
        o.progress = NULL;
        assert_good(mien_resume(run, &o));
        assert_same_files(uninterrupted(), run);
    }
}

static void changed_features_are_not_taken_up(void **state) {
    (void)state;
    mien_study *study = NULL;
    stopper s = {.at = 3};
    mien_train_options o = mien_train_options_default();
    o.threads = 1;
    o.progress = stop_at;
    o.context = &s;
    const char *run = run_path("changed");
    assert_good(films_study(NULL, 0, &study));
    assert_fails(mien_train(study, run, &o), MIEN_EINTERRUPTED, "");
    mien_interrupt_clear();
    mien_study_close(&study);
    films_array("sound", FILMS_SOUND, films_sight);
    assert_fails(mien_resume(run, &o), MIEN_EVERIFY, "or its features changed");
    films_array("sound", FILMS_SOUND, films_sound);
    o.progress = NULL;
    assert_good(mien_resume(run, &o));
}

/* Allocations by the end of the first step of an epoch, and those of later steps. */
typedef struct counter {
    uint64_t then, more;
} counter;

static mien_status count_step(void *context, const mien_network_fit_moment *moment) {
    counter *c = context;
    uint64_t now = mien_alloc_count();
    c->more += moment->epoch > 0 && moment->step > 0 ? now - c->then : 0;
    c->then = now;
    return MIEN_OK;
}

static void steps_allocate_nothing(void **state) {
    (void)state;
    mien_study *study = NULL;
    mien_dataset dataset;
    mien_batches *feed = NULL;
    mien_network_fit *fit = NULL;
    counter c = {0};
    uninterrupted();
    assert_good(films_study(busy, BUSY, &study));
    assert_good(mien_dataset_open(&dataset, study));
    mien_item_table tables[MIEN_INPUTS_MAX];
    mien_item_tables(&dataset, NULL, tables);
    assert_good(mien_batches_open(&dataset, study, tables, 1, &feed));
    const mien_training_setup setup = {
        .study = study, .dataset = &dataset, .fold = 0, .feed = feed, .threads = 1};
    const mien_network_fit_hooks hooks = {.context = &c, .step = count_step};
    assert_good(mien_network_fit_new(&setup, &fit));
    assert_good(mien_network_fit_run(fit, &hooks));
    assert_true(c.then > 0);
    assert_int_equal(c.more, 0);
    mien_network_fit_free(&fit);
    mien_batches_close(&feed);
    mien_dataset_clear(&dataset);
    mien_study_close(&study);
}

static void the_model_predicts_from_measured_rows(void **state) {
    (void)state;
    mien_model *model = NULL;
    mien_runner *runner = NULL;
    mien_runner_options o = mien_runner_options_default();
    const char *run = run_path("model");
    assert_good(train_on(run, 1, FILMS_SET("model.golden=5")));
    char *path = mien_path_join(run, "model.safetensors");
    assert_good(mien_model_open(path, &model));
    assert_good(mien_runner_new(model, &o, &runner));
    assert_null(mien_model_preprocess(model));
    assert_near(mien_model_network(model)->segment_s, 5, 0);
    assert_int_equal(mien_model_golden_count(model), 5);
    for (int64_t i = 0; i < 5; i++) {
        mien_golden_input golden;
        int row = (int)(i * FILMS_ROWS / 5);
        float sound[FILMS_SOUND], sight[FILMS_SIGHT], got[1];
        assert_good(mien_model_golden(model, i, &golden));
        for (int k = 0; k < FILMS_SOUND; k++) {
            sound[k] = films_sound(row, k);
            assert_near((double)((const float *)golden.item[0]->data)[k],
                (double)sound[k], 1e-4);
        }
        for (int k = 0; k < FILMS_SIGHT; k++) {
            sight[k] = films_sight(row, k);
        }
        const float *const inputs[] = {sound, sight};
        assert_good(mien_runner_run_arrays(runner, inputs, NULL, 1, got, NULL));
        assert_close(got, golden.output, 1, 1e-4, 1e-4);
    }
    mien_runner_free(&runner);
    mien_model_close(&model);
    mien_free(path);
}

static void what_cannot_be_is_told_before_a_folder_is_made(void **state) {
    (void)state;
    films_table("alone", (films_options){.films = 1});
    films_table("half", (films_options){.without_sound = 12});
    const struct {
        const char *set[2];
        const char *part;
    } cases[] = {
        {{"trials=alone.tsv", "epochs=1"}, "1 group"},
        {{"batch=500", "epochs=1"}, "less than a batch of 500"},
        {{"train.rates=encode.* = 2", "epochs=1"}, "no parameter that is trained"},
        {{"stopping.patience=3", "epochs=1"}, "set validation.rule"},
        {{"trials=half.tsv", "epochs=1"}, "features.sound: it is missing in all 48"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *run = run_path("refused");
        assert_fails(train_on(run, 1, cases[i].set, 2), MIEN_EFORMAT, cases[i].part);
        assert_false(mien_file_exists(run));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_network_over_features_learns),
        cmocka_unit_test(every_kind_of_network_goes_through),
        cmocka_unit_test(figures_of_each_film_are_those_of_its_predictions),
        cmocka_unit_test(predictions_are_smoothed_along_films_as_was_chosen),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(an_interrupted_study_ends_with_the_same_bits),
        cmocka_unit_test(changed_features_are_not_taken_up),
        cmocka_unit_test(steps_allocate_nothing),
        cmocka_unit_test(the_model_predicts_from_measured_rows),
        cmocka_unit_test(what_cannot_be_is_told_before_a_folder_is_made),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
