/* SPDX-License-Identifier: MIT */
/* Trial tables with inputs of several kinds: what is predicted of them is what was
 * judged, and what a row lacks is told. */
#include "train/mixed.h"

#include "mien/predict.h"

/* What was predicted out of fold, by trial. */
typedef struct rows {
    mien_table *table;
    int trial, prediction, split;
    int64_t seen;
    double largest;
} rows;

static mien_status compare(void *context, const mien_prediction *p) {
    rows *r = context;
    assert_non_null(p->trial);
    assert_true(p->value[0] >= 1 && p->value[0] <= 7);
    assert_true(p->low[0] < p->high[0]);
    for (int64_t i = 0; i < mien_table_rows(r->table); i++) {
        double want = NAN;
        if (strcmp(mien_table_cell(r->table, i, r->split), "held-out") != 0 ||
            strcmp(mien_table_cell(r->table, i, r->trial), p->trial) != 0) {
            continue;
        }
        assert_good(mien_table_number(r->table, i, r->prediction, &want));
        r->largest = fmax(r->largest, fabs(want - p->value[0]));
        r->seen++;
    }
    return MIEN_OK;
}

static mien_predictor *predictor_of(const char *run, const char *const *columns) {
    mien_predict_options o = mien_predict_options_default();
    mien_predictor *p = NULL;
    char *path = mien_path_join(run, "model.safetensors");
    o.threads = 2;
    o.columns = columns;
    o.columns_count = columns != NULL;
    assert_good(mien_predictor_open(path, &o, &p));
    mien_free(path);
    return p;
}

#define ONE_FOLD                                                                       \
    PICTURED "inputs: [image, mood, skin]\nfolds: {rule: names, hold-out: 5}\n"

static int set_up_run(void **state) {
    make(state);
    r_of("one", ONE_FOLD);
    return 0;
}

/* The run's model is that of its only fold. */
static void a_table_gives_what_was_judged(void **state) {
    (void)state;
    const char *run = run_path("one"), *table = support_temp_path("mixed.tsv");
    rows r = {.table = table_of(run, "predictions.csv")};
    r.trial = mien_table_column(r.table, "trial");
    r.prediction = mien_table_column(r.table, "valence_prediction");
    r.split = mien_table_column(r.table, "split");
    mien_predictor *p = predictor_of(run, NULL);
    assert_good(mien_predictor_run(p, &table, 1, compare, NULL, &r));
    print_message("%lld rows, largest difference %.2g\n", (long long)r.seen, r.largest);
    assert_int_equal(r.seen, 30);
    assert_true(r.largest < 2e-5);
    mien_predictor_close(&p);
    mien_table_free(&r.table);
}

typedef struct told {
    int64_t rows, problems;
    double value[ROWS];
    char text[1024];
} told;

static mien_status keep(void *context, const mien_prediction *p) {
    told *t = context;
    assert_true(t->rows < ROWS);
    t->value[t->rows++] = p->value[0];
    return MIEN_OK;
}

static void hear(void *context, const char *input, const char *text) {
    told *t = context;
    (void)input;
    snprintf(t->text, sizeof t->text, "%s", text);
    t->problems++;
}

static mien_status predict(const char *text, const char *const *columns, told *t) {
    mien_predictor *p = predictor_of(run_path("one"), columns);
    const char *table = support_write("some.tsv", text, strlen(text));
    *t = (told){0};
    mien_status status = mien_predictor_run(p, &table, 1, keep, hear, t);
    mien_predictor_close(&p);
    return status;
}

static void what_a_row_lacks_is_told_by_name(void **state) {
    (void)state;
    static const char *const column[] = {"mood=feeling"};
    told t, other;
    /* skin was missing in training, image and mood never */
    assert_int_equal(predict("trial\timage\tmood\tskin\n"
                             "a\tpictures/0.png\tmood.csv#3\tskin.csv#3\n"
                             "b\tn/a\tn/a\tskin.csv#3\n"
                             "c\tpictures/0.png\tmood.csv#3\tn/a\n"
                             "d\tpictures/none.png\tmood.csv#3\tn/a\n"
                             "e\tpictures/0.png\tmood.csv#999\tn/a\n",
                         NULL, &t),
        MIEN_EFORMAT);
    assert_non_null(strstr(mien_error(), "some.tsv:3: trial b lacks image, mood"));
    assert_int_equal(t.rows, 2);
    assert_int_equal(t.problems, 3);
    assert_non_null(strstr(t.text, "mood.csv"));
    assert_true(t.value[0] != t.value[1]);
    /* a column of another name, and inputs that are missing in all rows */
    assert_good(predict(
        "trial\timage\tfeeling\nx\tpictures/0.png\tmood.csv#3\n", column, &other));
    assert_int_equal(other.rows, 1);
    assert_near(other.value[0], t.value[1], 1e-5);
    assert_fails(predict("trial\tskin\nx\tskin.csv#3\n", NULL, &t), MIEN_ENOTFOUND,
        "needs image (column \"image\" or \"film\"), mood (column \"features.mood\")");
    /* a picture alone is not enough */
    mien_predictor *p = predictor_of(run_path("one"), NULL);
    const char *picture = support_temp_path("pictures/0.png");
    assert_fails(mien_predictor_run(p, &picture, 1, keep, hear, &t), MIEN_EINVAL,
        "needs mood beside pictures and films");
    mien_predictor_close(&p);
}

/* Another input of the row stands beside every moment of its film. */
static void a_film_stands_beside_a_row_of_features(void **state) {
    (void)state;
    char text[8192];
    told t;
    const char *film = support_source("tests/golden/films/small.mp4");
    snprintf(text, sizeof text,
        "trial\tfilm\tstart_s\tend_s\tmood\n1\t%s\t0.4\t1\tmood.csv#1\n"
        "2\t%s\t0.4\t1\tmood.csv#2\n",
        film, film);
    assert_good(predict(text, NULL, &t));
    assert_int_equal(t.rows, 6); /* at 0.4, 0.6 and 0.8 s */
    for (int i = 0; i < 3; i++) {
        assert_true(fabs(t.value[i] - t.value[3 + i]) > 1e-3);
    }
}

static mien_status predict_again(void *context) {
    told t = {0};
    mien_status status = mien_predictor_run(context,
        (const char *const[]){support_temp_path("few.tsv")}, 1, keep, hear, &t);
    if (status == MIEN_OK) {
        assert_int_equal(t.rows, 3);
    }
    return t.problems ? MIEN_ENOMEM : status; /* where it ran out while reading */
}

static void running_out_of_memory_is_told(void **state) {
    (void)state;
    static const char text[] = "trial\timage\tmood\tskin\n"
                               "a\tpictures/0.png\tmood.csv#3\tskin.csv#3\n"
                               "b\tpictures/1.png\tmood.csv#4\tskin.csv#4\n"
                               "c\tpictures/0.png\tmood.csv#3\tn/a\n";
    support_write("few.tsv", text, sizeof text - 1);
    mien_predictor *p = predictor_of(run_path("one"), NULL);
    assert_good(predict_again(p)); /* the network is made once */
    support_each_allocation_fails(predict_again, p, 5000);
    mien_predictor_close(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_gives_what_was_judged),
        cmocka_unit_test(what_a_row_lacks_is_told_by_name),
        cmocka_unit_test(a_film_stands_beside_a_row_of_features),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, set_up_run, NULL);
}
