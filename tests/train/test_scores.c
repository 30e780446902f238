/* SPDX-License-Identifier: MIT */
/* Figures of predictions made up here, and the files that hold them. */
#include "support/support.h"

#include <math.h>

#include "train/heads.h"
#include "train/scores/scores.h"

enum { WIDTH = 4, VALUES = HEADS_ROWS * WIDTH };

/* The truth as a prediction; shift moves the numbers, turn takes each class for one
 * that is so many further. */
static void predict(const heads *h, double shift, int turn, double *predictions) {
    const mien_dataset *c = &h->dataset;
    for (int64_t i = 0; i < c->rows; i++) {
        double *p = predictions + i * WIDTH;
        p[0] = c->target[0].value[i] + shift;
        for (int k = 0; k < 3; k++) {
            p[1 + k] = k == (c->target[1].label[i] + turn) % 3 ? 0.8 : 0.1;
        }
    }
}

static void open_heads(heads *h, const char *set) {
    assert_good(heads_open(h, support_temp(), &set, 1));
    assert_int_equal(h->dataset.rows, HEADS_ROWS);
    assert_int_equal(h->dataset.width, WIDTH);
}

static int metric_number(bool of_classes, const char *name) {
    int i = 0;
    while (strcmp(mien_scores_metric_name(of_classes, i), name) != 0) {
        i++;
    }
    return i;
}

static void the_truth_has_perfect_scores(void **state) {
    (void)state;
    heads h;
    mien_scores s;
    double predictions[VALUES];
    open_heads(&h, "seeds=1");
    predict(&h, 0, 0, predictions);
    assert_good(mien_scores_compute(
        &s, &h.dataset, h.study, &(mien_predicted){.values = predictions}, NULL));
    assert_int_equal(s.rows, HEADS_ROWS);
    int r = metric_number(false, "r"), rmse = metric_number(false, "rmse");
    int accuracy = metric_number(true, "accuracy");
    assert_near(s.target[0].model[r].value, 1, 1e-12);
    assert_near(s.target[0].model[rmse].value, 0, 1e-12);
    assert_near(s.target[0].residual[0], 0, 1e-12);
    assert_near(s.target[0].residual[1], 0, 1e-12);
    assert_near(s.target[1].model[accuracy].value, 1, 0);
    assert_near(s.target[1].model[accuracy].low, 1, 0);
    for (int k = 0; k < 3; k++) {
        assert_int_equal(s.target[1].confusion[4 * k], HEADS_ROWS / 3);
        assert_near(s.target[1].class[k].f1, 1, 0);
    }
    assert_true(isnan(mien_scores_spread(&s, 0, r)));
    mien_scores_clear(&s);
    heads_clear(&h);
}

static void the_baseline_is_the_mean_of_what_is_not_held_out(void **state) {
    (void)state;
    heads h;
    mien_scores s;
    double predictions[VALUES], squares = 0;
    open_heads(&h, "seeds=1");
    predict(&h, 0, 0, predictions);
    assert_good(mien_scores_compute(
        &s, &h.dataset, h.study, &(mien_predicted){.values = predictions}, NULL));
    for (int64_t i = 0; i < HEADS_ROWS; i++) {
        double sum = 0;
        int n = 0;
        for (int64_t k = 0; k < HEADS_ROWS; k++) {
            if (h.dataset.fold[k] != h.dataset.fold[i]) {
                sum += h.dataset.target[0].value[k];
                n++;
            }
        }
        squares += pow(h.dataset.target[0].value[i] - sum / n, 2);
    }
    assert_near(s.target[0].baseline[metric_number(false, "rmse")].value,
        sqrt(squares / HEADS_ROWS), 1e-12);
    mien_scores_clear(&s);
    heads_clear(&h);
}

/* RMSE 0 and 0.5; accuracy 1 and 0: means 0.25 and 0.5; standard deviations of two
 * numbers d apart are d / √2. The mean prediction is 0.25 off; of each row's classes
 * two get 0.45 each. */
static void seeds_are_averaged_and_spread(void **state) {
    (void)state;
    heads h;
    mien_scores s;
    double predictions[2 * VALUES];
    open_heads(&h, "seeds=2");
    predict(&h, 0, 0, predictions);
    predict(&h, 0.5, 1, predictions + VALUES);
    assert_good(mien_scores_compute(
        &s, &h.dataset, h.study, &(mien_predicted){.values = predictions}, NULL));
    int rmse = metric_number(false, "rmse"), accuracy = metric_number(true, "accuracy");
    assert_near(s.target[0].each[2 * rmse], 0, 1e-12);
    assert_near(s.target[0].each[2 * rmse + 1], 0.5, 1e-12);
    assert_near(s.target[0].model[rmse].value, 0.25, 1e-12);
    assert_near(s.target[0].model[rmse].low, 0.25, 1e-12);
    assert_near(s.target[0].model[rmse].high, 0.25, 1e-12);
    assert_near(mien_scores_spread(&s, 0, rmse), 0.5 / sqrt(2), 1e-12);
    assert_near(s.target[0].ensemble[rmse].value, 0.25, 1e-12);
    assert_true(s.target[0].residual[0] <= -0.5); /* of 12 rows: the normal one */
    assert_near(s.target[1].model[accuracy].value, 0.5, 1e-12);
    assert_near(mien_scores_spread(&s, 1, accuracy), 1 / sqrt(2), 1e-12);
    int64_t all = 0;
    for (int k = 0; k < 9; k++) {
        all += s.target[1].confusion[k];
    }
    assert_int_equal(all, 2 * HEADS_ROWS);
    assert_int_equal(s.target[1].class[0].support, 2 * HEADS_ROWS / 3);
    mien_scores_clear(&s);
    heads_clear(&h);
}

static void rows_that_no_fold_tests_are_left_out(void **state) {
    (void)state;
    heads h;
    mien_scores s;
    double predictions[VALUES];
    open_heads(&h, "seeds=1");
    predict(&h, 0, 0, predictions);
    h.dataset.fold[4] = MIEN_FOLD_TRAIN;
    predictions[4 * WIDTH] = NAN;
    assert_good(mien_scores_compute(
        &s, &h.dataset, h.study, &(mien_predicted){.values = predictions}, NULL));
    assert_int_equal(s.rows, HEADS_ROWS - 1);
    assert_near(s.target[0].model[metric_number(false, "rmse")].value, 0, 1e-12);
    mien_scores_clear(&s);
    heads_clear(&h);
}

static void a_target_is_judged_by_the_rows_that_have_it(void **state) {
    (void)state;
    heads h;
    mien_scores s;
    mien_table *table = NULL;
    double predictions[VALUES];
    const char *path = support_temp_path("masked.csv");
    open_heads(&h, "seeds=1");
    predict(&h, 0, 0, predictions);
    predictions[3 * WIDTH] += 100; /* far off, if anything said so */
    h.dataset.masked = true;
    h.dataset.target[0].value[3] = NAN;
    h.dataset.target[1].label[5] = -1;
    assert_good(mien_scores_compute(
        &s, &h.dataset, h.study, &(mien_predicted){.values = predictions}, NULL));
    assert_int_equal(s.rows, HEADS_ROWS);
    assert_int_equal(s.target[0].rows, HEADS_ROWS - 1);
    assert_int_equal(s.target[1].rows, HEADS_ROWS - 1);
    assert_near(s.target[0].model[metric_number(false, "rmse")].value, 0, 1e-12);
    assert_near(s.target[1].model[metric_number(true, "accuracy")].value, 1, 0);
    assert_int_equal(s.target[1].class[2].support, HEADS_ROWS / 3 - 1);
    assert_good(mien_scores_write_predictions(
        &s, &h.dataset, &(mien_predicted){.values = predictions}, path));
    assert_good(mien_table_read(path, NULL, &table));
    int truth = mien_table_column(table, "valence_truth");
    assert_true(mien_cell_missing(mien_table_cell(table, 3, truth)));
    truth = mien_table_column(table, "emotion_truth");
    assert_true(mien_cell_missing(mien_table_cell(table, 5, truth)));
    assert_string_equal(
        mien_table_cell(table, 5, mien_table_column(table, "emotion_prediction")), "c");
    mien_table_free(&table);
    mien_scores_clear(&s);
    heads_clear(&h);
}

static mien_table *write_predictions(const char *set, int seeds) {
    heads h;
    mien_scores s;
    mien_table *table = NULL;
    double predictions[2 * VALUES];
    const char *path = support_temp_path("predictions.csv");
    open_heads(&h, set);
    predict(&h, 0, 0, predictions);
    predict(&h, 0.5, 1, predictions + VALUES);
    assert_good(mien_scores_compute(
        &s, &h.dataset, h.study, &(mien_predicted){.values = predictions}, NULL));
    assert_int_equal(s.seeds, seeds);
    assert_good(mien_scores_write_predictions(
        &s, &h.dataset, &(mien_predicted){.values = predictions}, path));
    assert_good(mien_table_read(path, NULL, &table));
    mien_scores_clear(&s);
    heads_clear(&h);
    return table;
}

static const char *cell(const mien_table *t, int64_t row, const char *column) {
    return mien_table_cell(t, row, mien_table_column(t, column));
}

static void predictions_have_a_row_for_each_trial_and_seed(void **state) {
    (void)state;
    mien_table *t = write_predictions("seeds=1", 1);
    assert_int_equal(mien_table_rows(t), HEADS_ROWS);
    assert_int_equal(mien_table_column(t, "seed"), -1);
    assert_string_equal(cell(t, 1, "trial"), "t01");
    assert_string_equal(cell(t, 1, "split"), "held-out");
    assert_string_equal(cell(t, 1, "valence_truth"), "3.5");
    assert_string_equal(cell(t, 1, "valence_prediction"), "3.5");
    assert_string_equal(cell(t, 1, "emotion_truth"), "b");
    assert_string_equal(cell(t, 1, "emotion_prediction"), "b");
    assert_string_equal(cell(t, 1, "emotion_p_b"), "0.8");
    mien_table_free(&t);
    t = write_predictions("seeds=2", 2);
    assert_int_equal(mien_table_rows(t), 2 * HEADS_ROWS);
    assert_string_equal(cell(t, 1, "seed"), "0");
    assert_string_equal(cell(t, HEADS_ROWS + 1, "seed"), "1");
    assert_string_equal(cell(t, HEADS_ROWS + 1, "trial"), "t01");
    assert_string_equal(cell(t, HEADS_ROWS + 1, "valence_truth"), "3.5");
    assert_string_equal(cell(t, HEADS_ROWS + 1, "valence_prediction"), "4");
    assert_string_equal(cell(t, HEADS_ROWS + 1, "emotion_prediction"), "c");
    mien_table_free(&t);
}

static void the_rows_hash_knows_ratings_but_no_place(void **state) {
    (void)state;
    heads h;
    char here[65], there[65], changed[65];
    open_heads(&h, "seeds=1");
    assert_good(mien_scores_rows_hash(&h.dataset, here));
    heads_clear(&h);
    assert_good(mien_directory_make(support_temp_path("elsewhere")));
    assert_good(heads_open(&h, support_temp_path("elsewhere"), NULL, 0));
    assert_good(mien_scores_rows_hash(&h.dataset, there));
    h.dataset.target[0].value[3] += 0.5;
    assert_good(mien_scores_rows_hash(&h.dataset, changed));
    heads_clear(&h);
    assert_string_equal(here, there);
    assert_string_not_equal(here, changed);
}

static void trials_keep_their_columns_and_get_their_fold(void **state) {
    (void)state;
    heads h;
    mien_table *t = NULL;
    const char *path = support_temp_path("with-folds.tsv");
    open_heads(&h, "seeds=1");
    h.dataset.fold[4] = MIEN_FOLD_TRAIN;
    assert_good(mien_scores_write_trials(&h.dataset, path));
    assert_good(mien_table_read(path, NULL, &t));
    assert_int_equal(mien_table_rows(t), HEADS_ROWS);
    for (int64_t i = 0; i < HEADS_ROWS; i++) {
        char want[8];
        snprintf(want, sizeof want, "%d", h.dataset.fold[i]);
        assert_string_equal(cell(t, i, "fold"), i == 4 ? "n/a" : want);
        assert_string_equal(cell(t, i, "trial"), mien_trials_id(h.dataset.trials, i));
    }
    mien_table_free(&t);
    heads_clear(&h);
}

static mien_status score_once(void *context) {
    heads *h = context;
    mien_scores s;
    mien_value *document = NULL;
    double predictions[2 * VALUES];
    const mien_predicted predicted = {.values = predictions};
    predict(h, 0, 0, predictions);
    predict(h, 0.5, 1, predictions + VALUES);
    mien_status status =
        mien_scores_compute(&s, &h->dataset, h->study, &predicted, NULL);
    if (status == MIEN_OK) {
        const mien_scores_more more = {.method = "network"};
        status = mien_scores_document(
            &s, &h->dataset, mien_value_new_null(), &more, &document);
    }
    if (status == MIEN_OK) {
        status = mien_scores_write_predictions(
            &s, &h->dataset, &predicted, support_temp_path("each.csv"));
    }
    mien_value_free(&document);
    mien_scores_clear(&s);
    return status;
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    heads h;
    open_heads(&h, "seeds=2");
    support_each_allocation_fails(score_once, &h, 5000);
    heads_clear(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_truth_has_perfect_scores),
        cmocka_unit_test(the_baseline_is_the_mean_of_what_is_not_held_out),
        cmocka_unit_test(seeds_are_averaged_and_spread),
        cmocka_unit_test(rows_that_no_fold_tests_are_left_out),
        cmocka_unit_test(a_target_is_judged_by_the_rows_that_have_it),
        cmocka_unit_test(predictions_have_a_row_for_each_trial_and_seed),
        cmocka_unit_test(the_rows_hash_knows_ratings_but_no_place),
        cmocka_unit_test(trials_keep_their_columns_and_get_their_fold),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
