/* SPDX-License-Identifier: MIT */
/* Temperatures of a run: each fold's is fitted on what the other folds hold out,
 * predictions and the model file are at it, and a model can be calibrated afterwards.
 */
#include "train/runs.h"

#include <math.h>

static const char *const PLAIN[] = {"epochs=4", "folds.k=3", "optimiser.rate=0.02"};
static const char *const WARM[] = {
    "epochs=4", "folds.k=3", "optimiser.rate=0.02", "calibration.temperature=true"};
enum { CLASSES = 3 };

static const char *run_of(bool warm) {
    static char path[2][4096];
    if (!path[warm][0]) {
        snprintf(path[warm], sizeof path[warm], "%s",
            support_temp_path(warm ? "warm" : "plain"));
        assert_good(warm ? train(path[warm], WARM, 4) : train(path[warm], PLAIN, 3));
    }
    return path[warm];
}

typedef struct rows {
    int64_t n;
    int fold[PICTURES_ROWS], truth[PICTURES_ROWS];
    double p[PICTURES_ROWS][CLASSES];
} rows;

static void read_rows(const char *run, rows *r) {
    mien_table *t = table_of(run, "predictions.csv");
    r->n = mien_table_rows(t);
    assert_int_equal(r->n, PICTURES_ROWS);
    for (int64_t i = 0; i < r->n; i++) {
        double fold;
        assert_good(mien_table_number(t, i, mien_table_column(t, "fold"), &fold));
        r->fold[i] = (int)fold;
        r->truth[i] =
            *mien_table_cell(t, i, mien_table_column(t, "emotion_truth")) - 'a';
        for (int k = 0; k < CLASSES; k++) {
            const char name[] = {
                'e', 'm', 'o', 't', 'i', 'o', 'n', '_', 'p', '_', (char)('a' + k), 0};
            assert_good(
                mien_table_number(t, i, mien_table_column(t, name), &r->p[i][k]));
        }
    }
    mien_table_free(&t);
}

/* Of all rows but those of a fold. */
static double fitted_without(const rows *r, int fold) {
    int truth[PICTURES_ROWS];
    double p[PICTURES_ROWS][CLASSES], temperature = 0;
    mien_class_answers a = {.classes = CLASSES, .truth = truth, .probability = p[0]};
    for (int64_t i = 0; i < r->n; i++) {
        if (r->fold[i] != fold) {
            truth[a.n] = r->truth[i];
            memcpy(p[a.n++], r->p[i], sizeof *p);
        }
    }
    assert_good(mien_temperature_fit(&a, false, &temperature));
    return temperature;
}

static mien_value *results_of(const char *run) {
    mien_value *results = NULL;
    char *path = mien_path_join(run, "results.json");
    assert_good(mien_value_read(path, &results));
    mien_free(path);
    return results;
}

static double told(const mien_value *results, int fit) {
    const mien_value *map = mien_value_at(mien_value_get(results, "fits"), fit);
    return mien_value_number(
        mien_value_get(mien_value_get(map, "temperature"), "emotion"), NAN);
}

static void a_fold_has_the_temperature_of_the_others(void **state) {
    (void)state;
    rows plain, warm;
    mien_value *results = results_of(run_of(true));
    read_rows(run_of(false), &plain);
    read_rows(run_of(true), &warm);
    for (int k = 0; k < 3; k++) {
        double temperature = fitted_without(&plain, k);
        assert_near(told(results, k), temperature, 1e-5 * temperature);
        for (int64_t i = 0; i < plain.n; i++) {
            double p[CLASSES];
            memcpy(p, plain.p[i], sizeof p);
            mien_temperature_apply(temperature, CLASSES, false, p);
            for (int c = 0; plain.fold[i] == k && c < CLASSES; c++) {
                assert_near(warm.p[i][c], p[c], 1e-5);
            }
        }
    }
    assert_near(told(results, 3), fitted_without(&plain, -1), 1e-4);
    mien_value_free(&results);
}

/* What the stored network gives is what its golden vector says. */
static const mien_model *open_of(const char *path, mien_model **model) {
    mien_runner *runner = NULL;
    mien_runner_options o = mien_runner_options_default();
    mien_golden_input golden;
    float image[3 * 32 * 32], got[4];
    const float *const inputs[] = {image};
    assert_good(mien_model_open(path, model));
    assert_good(mien_runner_new(*model, &o, &runner));
    assert_good(mien_model_golden(*model, 0, &golden));
    assert_good(mien_preprocess_run(
        mien_model_preprocess(*model), golden.item[0], false, image));
    assert_good(mien_runner_run_arrays(runner, inputs, golden.mask, 1, got, NULL));
    assert_close(got, golden.output, 4, 1e-4, 1e-4);
    mien_runner_free(&runner);
    return *model;
}

static void the_model_file_carries_it_and_can_be_given_another(void **state) {
    (void)state;
    mien_model *plain = NULL, *warm = NULL, *again = NULL;
    mien_value *results = results_of(run_of(true));
    char *a = mien_path_join(run_of(false), "model.safetensors");
    char *b = mien_path_join(run_of(true), "model.safetensors");
    const mien_model *model = open_of(a, &plain);
    double temperature[MIEN_TARGETS_MAX] = {0};
    int of = strcmp(mien_model_targets(model)[0].name, "emotion") != 0;
    temperature[of] = told(results, 3);
    assert_near(mien_model_network(open_of(b, &warm))->after.temperature[of],
        temperature[of], 1e-12);
    assert_good(mien_model_calibrate(model, temperature, support_temp_path("again")));
    const mien_model *other = open_of(support_temp_path("again"), &again);
    mien_golden_input one, two;
    assert_good(mien_model_golden(warm, 0, &one));
    assert_good(mien_model_golden(other, 0, &two));
    for (int64_t k = 0; k < mien_model_width(other); k++) {
        assert_near((double)one.output[k], (double)two.output[k], 1e-5);
    }
    temperature[of] = 0;
    assert_fails(mien_model_calibrate(model, temperature, support_temp_path("none")),
        MIEN_EINVAL, "no temperature");
    temperature[!of] = 2;
    assert_fails(mien_model_calibrate(model, temperature, support_temp_path("none")),
        MIEN_EINVAL, "number");
    mien_model_close(&again);
    mien_model_close(&warm);
    mien_model_close(&plain);
    mien_free(b);
    mien_free(a);
    mien_value_free(&results);
}

static void a_single_fold_is_calibrated_on_rows_that_validate(void **state) {
    (void)state;
    static const char *const set[] = {
        "calibration.temperature=true", "folds.rule=prescribed", "epochs=2"};
    assert_good(train(support_temp_path("single"), set, 3));
    mien_value *results = results_of(support_temp_path("single"));
    assert_true(told(results, 0) >= MIEN_TEMPERATURE_MIN);
    mien_value_free(&results);
}

static void intervals_are_made_of_the_other_folds(void **state) {
    (void)state;
    static const char *const set[] = {"epochs=3", "folds.k=3",
        "calibration.intervals=thirds", "calibration.level=0.8", "targets=valence"};
    const char *run = run_path("thirds");
    assert_good(train(run, set, 5));
    mien_table *t = table_of(run, "predictions.csv");
    double truth[PICTURES_ROWS], p[PICTURES_ROWS], fold[PICTURES_ROWS];
    static const char *const names[] = {"valence_truth", "valence_prediction", "fold"};
    for (int64_t i = 0; i < PICTURES_ROWS; i++) {
        double *const to[] = {&truth[i], &p[i], &fold[i]};
        for (int k = 0; k < 3; k++) {
            assert_good(mien_table_number(t, i, mien_table_column(t, names[k]), to[k]));
        }
    }
    for (int64_t i = 0; i < PICTURES_ROWS; i++) {
        double others[PICTURES_ROWS], said[PICTURES_ROWS], low, high, want_low,
            want_high;
        int64_t n = 0;
        mien_conformal c;
        for (int64_t k = 0; k < PICTURES_ROWS; k++) {
            if (fold[k] != fold[i]) {
                others[n] = truth[k];
                said[n++] = p[k];
            }
        }
        assert_good(mien_conformal_fit(others, said, n, 1, 0.8, 3, &c));
        mien_conformal_interval(&c, p[i], &want_low, &want_high);
        assert_good(mien_table_number(t, i, mien_table_column(t, "valence_low"), &low));
        assert_good(
            mien_table_number(t, i, mien_table_column(t, "valence_high"), &high));
        assert_near(low, want_low, 1e-5);
        assert_near(high, want_high, 1e-5);
    }
    mien_table_free(&t);
    mien_model *model = NULL;
    char *path = mien_path_join(run, "model.safetensors");
    assert_good(mien_model_open(path, &model));
    mien_conformal all;
    assert_good(mien_conformal_fit(truth, p, PICTURES_ROWS, 1, 0.8, 3, &all));
    const mien_after_interval *i = &mien_model_network(model)->after.interval[0];
    assert_int_equal(i->parts, 3);
    assert_near(i->level, 0.8, 1e-12);
    for (int k = 0; k < 3; k++) {
        assert_near(i->low[k], all.low[k], 1e-5);
        assert_near(i->high[k], all.high[k], 1e-5);
    }
    mien_model_close(&model);
    mien_free(path);
}

static void a_single_fold_needs_rows_that_validate(void **state) {
    (void)state;
    static const char *const none[] = {"calibration.temperature=true",
        "folds.rule=names", "folds.hold-out=2", "validation.rule=none",
        "stopping.patience=0"};
    static const char *const numbers[] = {
        "calibration.temperature=true", "targets=valence"};
    assert_fails(train(support_temp_path("refused"), none, 5), MIEN_EFORMAT, "validat");
    assert_fails(train(support_temp_path("refused"), numbers, 2), MIEN_EFORMAT,
        "no target of classes");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fold_has_the_temperature_of_the_others),
        cmocka_unit_test(the_model_file_carries_it_and_can_be_given_another),
        cmocka_unit_test(a_single_fold_is_calibrated_on_rows_that_validate),
        cmocka_unit_test(intervals_are_made_of_the_other_folds),
        cmocka_unit_test(a_single_fold_needs_rows_that_validate),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
