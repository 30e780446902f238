/* SPDX-License-Identifier: MIT */
/* Heads that are fitted at once: logistic and ridge regression against scikit-learn's
 * optimum, trees against XGBoost's own predictions. */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/trainers/booster.h"
#include "train/trainers/forest_read.h"
#include "train/goldens.h"
#include "train/inner.h"
#include "train/trainers/trainer.h"

#define TOLERANCE 1e-6

/* A lesson of the golden table. */
typedef struct taught {
    mien_lesson lesson;
    float x[GOLDEN_MOST];
    int label[GOLDEN_MOST];
    double value[GOLDEN_MOST], weight[GOLDEN_MOST];
} taught;

static void read_lesson(const mien_table *table, int64_t row, taught *t) {
    double x[GOLDEN_MOST], y[GOLDEN_MOST], blocks[GOLDEN_MOST];
    mien_lesson *l = &t->lesson;
    int64_t values = golden_numbers(table, row, "x", x);
    *l = (mien_lesson){.rows = golden_numbers(table, row, "y", y),
        .width = (int64_t)golden_number(table, row, "width"),
        .classes = (int)golden_number(table, row, "classes"),
        .x = t->x,
        .label = t->label,
        .value = t->value,
        .weight = t->weight,
        .blocks = (int)golden_numbers(table, row, "blocks", blocks)};
    assert_int_equal(values, l->rows * l->width);
    assert_int_equal(golden_numbers(table, row, "weights", t->weight), l->rows);
    for (int64_t i = 0; i < values; i++) {
        t->x[i] = (float)x[i];
    }
    for (int64_t i = 0; i < l->rows; i++) {
        t->label[i] = (int)y[i];
        t->value[i] = y[i];
    }
    for (int b = 0; b < l->blocks; b++) {
        l->block[b] = (int64_t)blocks[b];
    }
}

/* The learner of a golden row, and its setting in the study. */
static const mien_learner *learner_of(
    const mien_table *table, int64_t row, mien_study *study) {
    double setting = golden_number(table, row, "setting");
    study->heads.c[0] = study->lambdas[0] = setting;
    study->heads.c_count = study->lambdas_count = 1;
    return strcmp(golden_cell(table, row, "learner"), "ridge") == 0
               ? &mien_learner_ridge
               : &mien_learner_logistic;
}

static void assert_values(
    const mien_table *table, int64_t row, const char *column, const double *got) {
    double want[GOLDEN_MOST];
    int64_t count = golden_numbers(table, row, column, want);
    for (int64_t i = 0; i < count; i++) {
        assert_near(got[i], want[i], TOLERANCE);
    }
}

static void regressions_reach_scikit_learns_optimum(void **state) {
    (void)state;
    static taught t;
    mien_study *study = mien_alloc(1, sizeof *study);
    mien_table *table = NULL;
    assert_good(
        mien_table_read(support_source("tests/golden/heads.tsv"), NULL, &table));
    for (int64_t row = 0; row < mien_table_rows(table); row++) {
        mien_learned learned = {0};
        read_lesson(table, row, &t);
        const mien_learner *learner = learner_of(table, row, study);
        assert_good(learner->fit(&t.lesson, study, 0, &learned));
        assert_values(table, row, "weight", learned.weight);
        assert_values(table, row, "bias", learned.bias);
        assert_int_equal(
            mien_learned_count(&learned), learned.outputs * (t.lesson.width + 1));
        mien_learned_clear(&learned);
    }
    mien_table_free(&table);
    mien_free(study);
}

/* Rows of three classes in two columns, class k about (k, -k); of `classes` that the
 * lesson counts. */
enum { ROWS = 60, WIDTH = 2 };
static void make_classes(taught *t, int shown, int classes) {
    mien_random random;
    mien_random_init(&random, 5);
    t->lesson = (mien_lesson){.rows = ROWS,
        .width = WIDTH,
        .x = t->x,
        .classes = classes,
        .label = t->label,
        .value = t->value,
        .weight = t->weight,
        .blocks = 1,
        .block = {WIDTH}};
    for (int i = 0; i < ROWS; i++) {
        t->label[i] = i % shown;
        t->weight[i] = 1;
        t->x[2 * i] = (float)(t->label[i] + 0.4 * mien_random_normal(&random));
        t->x[2 * i + 1] = (float)(-t->label[i] + 0.4 * mien_random_normal(&random));
        t->value[i] = (double)t->x[2 * i] / 4 + 0.1 * mien_random_normal(&random);
    }
}

static void a_class_without_rows_is_never_the_answer(void **state) {
    (void)state;
    static taught t;
    mien_study *study = mien_alloc(1, sizeof *study);
    mien_learned learned = {0};
    double z[ROWS * 5];
    study->heads.c[0] = 1;
    make_classes(&t, 3, 5);
    assert_good(mien_learner_logistic.fit(&t.lesson, study, 0, &learned));
    mien_learned_run(&learned, t.x, ROWS, z);
    for (int i = 0; i < ROWS; i++) {
        for (int k = 0; k < 3; k++) {
            assert_true(z[5 * i + k] > z[5 * i + 3] + 20);
            assert_true(z[5 * i + k] > z[5 * i + 4] + 20);
        }
    }
    mien_learned_clear(&learned);
    mien_free(study);
}

static void one_class_alone_is_refused(void **state) {
    (void)state;
    static taught t;
    mien_study *study = mien_alloc(1, sizeof *study);
    mien_learned learned = {0};
    study->heads.c[0] = 1;
    make_classes(&t, 1, 3);
    assert_fails(mien_learner_logistic.fit(&t.lesson, study, 0, &learned), MIEN_EFORMAT,
        "all 60 rows");
    mien_learned_clear(&learned);
    mien_free(study);
}

static void more_classes_than_rows_are_learnt_as_far_as_they_show(void **state) {
    (void)state;
    static taught t;
    mien_study *study = mien_alloc(1, sizeof *study);
    mien_learned learned = {0};
    double z[3 * 200];
    study->heads.c[0] = 1000;
    make_classes(&t, 3, 200);
    t.lesson.rows = 3;
    assert_good(mien_learner_logistic.fit(&t.lesson, study, 0, &learned));
    mien_learned_run(&learned, t.x, 3, z);
    assert_near(mien_inner_score_of(MIEN_INNER_ACCURACY, &t.lesson, z), 1, 0);
    mien_learned_clear(&learned);
    mien_free(study);
}

/* ---- scores -----------------------------------------------------------------------
 */

static void scores_are_those_of_their_definitions(void **state) {
    (void)state;
    const int label[] = {0, 0, 0, 1};
    const double one[] = {1, 1, 1, 1};
    const mien_lesson l = {
        .rows = 4, .classes = 2, .label = label, .weight = one, .width = 1};
    /* three right, the row of class 1 wrong; margins 2, 1, 0.5 and 0.6 */
    const double z[] = {2, 0, 1, 0, 0.5, 0, 0.6, 0};
    double loss = -(log(1 + exp(-2.)) + log(1 + exp(-1.)) + log(1 + exp(-0.5)) +
                      log(1 + exp(0.6))) /
                  4;
    assert_near(mien_inner_score_of(MIEN_INNER_ACCURACY, &l, z), 0.75, 0);
    assert_near(mien_inner_score_of(MIEN_INNER_BALANCED, &l, z), 0.5, 0);
    assert_near(mien_inner_score_of(MIEN_INNER_LOSS, &l, z), loss, 1e-12);
    assert_near(mien_inner_score_of(MIEN_INNER_AUC, &l, z), 2. / 3, 1e-12);
    const double value[] = {1, 2, 3, 4}, guess[] = {1, 1, 3, 6};
    const mien_lesson numbers = {.rows = 4, .value = value, .weight = one, .width = 1};
    assert_near(mien_inner_score_of(MIEN_INNER_LOSS, &numbers, guess), -5. / 4, 1e-12);
}

/* Weights that are far too small lose against those that fit. */
static void the_better_candidate_is_chosen_on_inner_folds(void **state) {
    (void)state;
    static taught t;
    mien_study *study = mien_alloc(1, sizeof *study);
    assert_good(mien_options_new(mien_study_keys, &study->options));
    study->heads.c[0] = 1e-9;
    study->heads.c[1] = 1;
    study->heads.c_count = 2;
    make_classes(&t, 3, 3);
    const mien_inner inner = {&mien_learner_logistic, study, &t.lesson, NULL};
    int chosen = -1;
    double score = 0;
    assert_good(mien_inner_choose(&inner, &chosen, &score));
    assert_int_equal(chosen, 1);
    assert_true(score > -0.9 && score < 0);
    const char *group[ROWS];
    for (int i = 0; i < ROWS; i++) {
        group[i] = "one";
    }
    const mien_inner alone = {&mien_learner_logistic, study, &t.lesson, group};
    assert_fails(mien_inner_choose(&alone, &chosen, &score), MIEN_EFORMAT, "one group");
    mien_options_free(&study->options);
    mien_free(study);
}

/* ---- trees ------------------------------------------------------------------------
 */

static const char *const settings[][2] = {{"max_depth", "4"}, {"eta", "0.3"},
    {"subsample", "0.7"}, {"colsample_bynode", "0.5"}, {"tree_method", "exact"}};

/* Trees of a lesson; XGBoost's own predictions beside. */
static mien_forest grow(
    const taught *t, bool forest, uint32_t seed, float *label, float *own) {
    const mien_lesson *l = &t->lesson;
    float weight[ROWS];
    for (int i = 0; i < ROWS; i++) {
        weight[i] = 1 + (float)(i % 2);
        label[i] = l->classes ? (float)t->label[i] : (float)t->value[i];
    }
    mien_booster_setup s = {.rows = ROWS,
        .width = WIDTH,
        .x = t->x,
        .label = label,
        .weight = weight,
        .classes = l->classes,
        .base = l->classes ? 0 : 0.25,
        .forest = forest,
        .trees = 20,
        .seed = seed,
        .set = settings,
        .sets = 5};
    mien_forest f;
    assert_good(mien_booster_grow(&s, &f, own));
    return f;
}

static void forest_clear(mien_forest *f) {
    mien_learned l = {.forest = *f};
    mien_learned_clear(&l);
    *f = (mien_forest){0};
}

static void trees_give_what_xgboost_gives(void **state) {
    (void)state;
    static taught t;
    if (mien_booster_check() != MIEN_OK) {
        print_message("skipped: %s\n", mien_error());
        skip();
    }
    for (int k = 0; k < 4; k++) {
        bool numbers = k / 2;
        float label[ROWS], own[ROWS * 3];
        double z[ROWS * 3], bias[3] = {numbers ? 0.25 : 0};
        make_classes(&t, 3, numbers ? 0 : 3);
        mien_forest f = grow(&t, k % 2, 7, label, own);
        const int64_t outputs = numbers ? 1 : 3;
        assert_int_equal(f.trees, 20 * outputs);
        const mien_learned l = {
            .width = WIDTH, .outputs = outputs, .bias = bias, .forest = f};
        mien_learned_run(&l, t.x, ROWS, z);
        for (int64_t i = 0; i < ROWS * outputs; i++) {
            assert_near(z[i], (double)own[i], TOLERANCE);
        }
        assert_true(f.nodes > f.trees); /* they ask something */
        forest_clear(&f);
    }
}

static void trees_depend_on_the_seed_alone(void **state) {
    (void)state;
    static taught t;
    float label[ROWS], first[ROWS * 3], again[ROWS * 3], other[ROWS * 3];
    if (mien_booster_check() != MIEN_OK) {
        skip();
    }
    make_classes(&t, 3, 3);
    mien_forest a = grow(&t, true, 1, label, first);
    mien_forest b = grow(&t, true, 1, label, again);
    mien_forest c = grow(&t, true, 2, label, other);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_not_equal(first, other, sizeof first);
    assert_int_equal(a.nodes, b.nodes);
    assert_memory_equal(a.threshold, b.threshold, (size_t)a.nodes * sizeof(float));
    forest_clear(&a);
    forest_clear(&b);
    forest_clear(&c);
}

#define TREE(left, right, condition, feature)                                          \
    "{\"left_children\":[" left "],\"right_children\":[" right                         \
    "],\"split_conditions\":[" condition "],\"split_indices\":[" feature "]}"

static void damaged_trees_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "has no trees"},
        {"{\"tree_info\":[0],\"trees\":[{\"left_children\":[1,-1,-1]}]}",
            "has no right_children"},
        {"{\"tree_info\":[0],\"trees\":[" TREE(
             "1,-1,-1", "2,-1", "0.5,1,2", "0,0,0") "]}",
            "differ in length"},
        {"{\"tree_info\":[0],\"trees\":[" TREE(
             "1,-1,-1", "9,-1,-1", "0.5,1,2", "0,0,0") "]}",
            "children that are not there"},
        {"{\"tree_info\":[0],\"trees\":[" TREE(
             "0,-1,-1", "0,-1,-1", "0.5,1,2", "0,0,0") "]}",
            "children that are not there"},
        {"{\"tree_info\":[0],\"trees\":[" TREE(
             "1,-1,-1", "2,-1,-1", "0.5,x,2", "0,0,0") "]}",
            "\"x\" is no number"},
        {"{\"tree_info\":[3],\"trees\":[" TREE("-1", "-1", "0.5", "0") "]}",
            "output 3 among 2"},
        {"{\"tree_info\":[0,1],\"trees\":[" TREE("-1", "-1", "0.5", "0") "]}",
            "outputs of 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_forest f;
        assert_fails(mien_forest_read(cases[i].text, strlen(cases[i].text), 2, &f),
            MIEN_EFORMAT, cases[i].part);
        forest_clear(&f);
    }
}

static void nodes_are_numbered_behind_their_parents(void **state) {
    (void)state;
    static const char text[] = "{\"tree_info\":[0,1],\"trees\":[" TREE("3,-1,-1,-1,1",
        "4,-1,-1,-1,2", "0.5,10,20,30,1.5E0",
        "1,0,0,0,0") "," TREE("-1", "-1", "-2.5E-1", "0") "]}";
    const float x[] = {0, 0, 1, 1, 2, 1};
    double bias[2] = {1, 2}, z[6];
    mien_forest f;
    assert_good(mien_forest_read(text, strlen(text), 2, &f));
    assert_int_equal(f.trees, 2);
    assert_int_equal(f.nodes, 6);
    const mien_learned l = {.width = 2, .outputs = 2, .bias = bias, .forest = f};
    mien_learned_run(&l, x, 3, z);
    const double want[] = {31, 1.75, 11, 1.75, 21, 1.75};
    for (int i = 0; i < 6; i++) {
        assert_near(z[i], want[i], 0);
    }
    forest_clear(&f);
}

/* ---- memory -----------------------------------------------------------------------
 */

static mien_status choose_and_fit(void *context) {
    taught *t = context;
    mien_study *study = NULL;
    mien_learned learned[2] = {{0}};
    mien_options *options = NULL;
    int chosen = 0;
    double score = 0;
    mien_status status = mien_options_new(mien_study_keys, &options);
    study = status == MIEN_OK ? mien_alloc(1, sizeof *study) : NULL;
    status = status == MIEN_OK && !study ? MIEN_ENOMEM : status;
    if (status == MIEN_OK) {
        study->options = options;
        study->heads.c[0] = 0.1;
        study->heads.c[1] = study->lambdas[0] = 1;
        study->heads.c_count = 2;
        const mien_inner inner = {&mien_learner_logistic, study, &t->lesson, NULL};
        status = mien_inner_choose(&inner, &chosen, &score);
    }
    if (status == MIEN_OK) {
        status = mien_learner_logistic.fit(&t->lesson, study, chosen, &learned[0]);
    }
    if (status == MIEN_OK) {
        status = mien_learner_ridge.fit(&t->lesson, study, 0, &learned[1]);
    }
    mien_learned_clear(&learned[0]);
    mien_learned_clear(&learned[1]);
    mien_options_free(&options);
    mien_free(study);
    return status;
}

static mien_status read_trees(void *context) {
    mien_forest f;
    mien_status status = mien_forest_read(context, strlen(context), 2, &f);
    forest_clear(&f);
    return status;
}

static void each_allocation_may_fail(void **state) {
    (void)state;
    static taught t;
    static char text[] = "{\"tree_info\":[0],\"trees\":[" TREE(
        "1,-1,-1", "2,-1,-1", "0.5,1,2", "0,0,0") "]}";
    make_classes(&t, 3, 3);
    support_each_allocation_fails(choose_and_fit, &t, 5000);
    support_each_allocation_fails(read_trees, text, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regressions_reach_scikit_learns_optimum),
        cmocka_unit_test(a_class_without_rows_is_never_the_answer),
        cmocka_unit_test(one_class_alone_is_refused),
        cmocka_unit_test(more_classes_than_rows_are_learnt_as_far_as_they_show),
        cmocka_unit_test(scores_are_those_of_their_definitions),
        cmocka_unit_test(the_better_candidate_is_chosen_on_inner_folds),
        cmocka_unit_test(trees_give_what_xgboost_gives),
        cmocka_unit_test(trees_depend_on_the_seed_alone),
        cmocka_unit_test(damaged_trees_are_refused),
        cmocka_unit_test(nodes_are_numbered_behind_their_parents),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
