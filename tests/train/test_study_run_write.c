/* SPDX-License-Identifier: MIT */
/* Figures of a run with several seeds are those of its predictions. */
#include "support/metric.h"
#include "train/runs.h"

enum { SEEDS = 3 };

static const char *run(void) {
    static char path[4096];
    if (!path[0]) {
        snprintf(path, sizeof path, "%s", support_temp_path("seeds"));
        assert_good(train(path, PICTURES_SET("head.layers=8", "head.layer=features.1",
                                    "epochs=12", "seed=5", "seeds=3")));
    }
    return path;
}

static mien_value *results_of(void) {
    mien_value *results = NULL;
    char *path = mien_path_join(run(), "results.json");
    assert_good(mien_value_read(path, &results));
    mien_free(path);
    return results;
}

static double number(const mien_value *map, const char *key) {
    return mien_value_number(mien_value_get(map, key), NAN);
}

/* What results.json says of one metric, against the figure of each seed and that of the
 * mean prediction. */
static void assert_metric(const mien_value *m, const double *each, double ensemble) {
    double mean = 0, squares = 0;
    for (int k = 0; k < SEEDS; k++) {
        mean += each[k] / SEEDS;
        assert_near(
            mien_value_number(mien_value_at(mien_value_get(m, "by_seed"), k), NAN),
            each[k], 1e-5);
    }
    for (int k = 0; k < SEEDS; k++) {
        squares += (each[k] - mean) * (each[k] - mean);
    }
    assert_int_equal(mien_value_count(mien_value_get(m, "by_seed")), SEEDS);
    assert_near(number(m, "value"), mean, 1e-5);
    assert_near(number(m, "sd"), sqrt(squares / (SEEDS - 1)), 1e-5);
    assert_true(number(m, "low") <= number(m, "high"));
    const mien_value *together = mien_value_get(m, "ensemble");
    assert_near(number(together, "value"), ensemble, 1e-5);
    assert_true(number(together, "low") <= number(together, "high"));
}

static void figures_of_numbers_are_means_over_the_seeds_own(void **state) {
    (void)state;
    double truth[PICTURES_ROWS], guess[SEEDS][PICTURES_ROWS];
    double together[PICTURES_ROWS] = {0}, each[SEEDS], null[PICTURES_ROWS];
    mien_value *results = results_of();
    mien_table *t = table_of(run(), "predictions.csv");
    int is = mien_table_column(t, "valence_truth"),
        said = mien_table_column(t, "valence_prediction");
    for (int64_t i = 0; i < SEEDS * PICTURES_ROWS; i++) {
        int64_t row = i % PICTURES_ROWS;
        double *to = &guess[i / PICTURES_ROWS][row];
        assert_good(mien_table_number(t, i, is, &truth[row]));
        assert_good(mien_table_number(t, i, said, to));
        assert_good(
            mien_table_number(t, i, mien_table_column(t, "valence_null"), &null[row]));
        together[row] += *to / SEEDS;
    }
    const mien_value *metrics =
        mien_value_get(mien_value_at(mien_value_get(results, "targets"), 0), "metrics");
    for (int i = 0; i < mien_metric_usual_count(); i++) {
        const mien_metric *metric = mien_metric_at(i);
        for (int k = 0; k < SEEDS; k++) {
            each[k] = metric_against(metric, truth, guess[k], null, PICTURES_ROWS);
        }
        assert_metric(mien_value_at(metrics, i), each,
            metric_against(metric, truth, together, null, PICTURES_ROWS));
    }
    mien_table_free(&t);
    mien_value_free(&results);
}

static void figures_of_classes_are_means_over_the_seeds_own(void **state) {
    (void)state;
    static const char *const names[] = {"emotion_p_a", "emotion_p_b", "emotion_p_c"};
    double right[SEEDS] = {0}, together[PICTURES_ROWS][3] = {{0}}, ensemble = 0;
    mien_value *results = results_of();
    mien_table *t = table_of(run(), "predictions.csv");
    int is = mien_table_column(t, "emotion_truth"),
        said = mien_table_column(t, "emotion_prediction");
    for (int64_t i = 0; i < SEEDS * PICTURES_ROWS; i++) {
        right[i / PICTURES_ROWS] +=
            strcmp(mien_table_cell(t, i, is), mien_table_cell(t, i, said)) == 0;
        for (int k = 0; k < 3; k++) {
            double p = NAN;
            assert_good(mien_table_number(t, i, mien_table_column(t, names[k]), &p));
            together[i % PICTURES_ROWS][k] += p / SEEDS;
        }
    }
    for (int64_t i = 0; i < PICTURES_ROWS; i++) {
        const double *p = together[i];
        int best = p[1] > p[0] ? 1 : 0;
        best = p[2] > p[best] ? 2 : best;
        ensemble += mien_table_cell(t, i, is)[0] == 'a' + best;
    }
    for (int k = 0; k < SEEDS; k++) {
        right[k] /= PICTURES_ROWS;
    }
    const mien_value *emotion = mien_value_at(mien_value_get(results, "targets"), 1);
    assert_metric(mien_value_at(mien_value_get(emotion, "metrics"), 0), right,
        ensemble / PICTURES_ROWS);
    int64_t all = 0;
    for (int k = 0; k < 9; k++) {
        const mien_value *row =
            mien_value_at(mien_value_get(emotion, "confusion"), k / 3);
        all += mien_value_int(mien_value_at(row, k % 3), -1);
    }
    assert_int_equal(all, SEEDS * PICTURES_ROWS);
    mien_table_free(&t);
    mien_value_free(&results);
}

static void the_results_say_which_seeds_and_whose_the_model_is(void **state) {
    (void)state;
    mien_value *results = results_of();
    const mien_value *seeds = mien_value_get(results, "seeds");
    assert_int_equal(mien_value_count(seeds), SEEDS);
    for (int k = 0; k < SEEDS; k++) {
        assert_int_equal(mien_value_int(mien_value_at(seeds, k), -1), 5 + k);
    }
    assert_string_equal(
        mien_value_text(mien_value_get(mien_value_get(results, "model"), "of")),
        "final-seed-5");
    assert_string_equal(
        mien_value_text(mien_value_at(mien_value_get(results, "notes"), 1)),
        "Figures are means over 3 seeds; the model is that of seed 5.");
    assert_int_equal(mien_value_count(mien_value_get(results, "fits")), 3 * SEEDS);
    mien_value_free(&results);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_of_numbers_are_means_over_the_seeds_own),
        cmocka_unit_test(figures_of_classes_are_means_over_the_seeds_own),
        cmocka_unit_test(the_results_say_which_seeds_and_whose_the_model_is),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
