/* SPDX-License-Identifier: MIT */
/* Predicted series are smoothed film by film, and as strongly as errs least. */
#include "train/films.h"

#include "mien/signal.h"
#include "train/smoothing.h"

static int set_up(void **state) {
    (void)state;
    films_make();
    return 0;
}

typedef struct fixture {
    mien_study *study;
    mien_dataset dataset;
    int64_t rows[FILMS_ROWS];
    float values[2 * FILMS_ROWS]; /* every other belongs to another target */
    mien_smoothing_rows all;
} fixture;

/* Noise that changes its sign from row to row over what was felt. */
static void open_fixture(fixture *f, double noise, const char *const *set, int count) {
    *f = (fixture){0};
    assert_good(films_study(set, count, &f->study));
    assert_good(mien_dataset_open(&f->dataset, f->study));
    for (int i = 0; i < FILMS_ROWS; i++) {
        int row = FILMS_ROWS - 1 - i; /* predicted in any order */
        f->rows[i] = row;
        f->values[2 * i] =
            (float)(f->dataset.target[0].value[row] + noise * (row % 2 ? 1 : -1));
        f->values[2 * i + 1] = 77;
    }
    f->all = (mien_smoothing_rows){f->rows, FILMS_ROWS, f->values, 2};
}

static void close_fixture(fixture *f) {
    mien_dataset_clear(&f->dataset);
    mien_study_close(&f->study);
}

static void a_series_is_smoothed_within_its_film(void **state) {
    (void)state;
    fixture f;
    double x[FILMS_SEGMENTS], want[FILMS_SEGMENTS];
    open_fixture(&f, 0.4,
        FILMS_SET("smoothing.rule=butterworth", "smoothing.candidates=0.2",
            "smoothing.order=3"));
    float before[2 * FILMS_ROWS];
    memcpy(before, f.values, sizeof before);
    assert_good(mien_smoothing_run(&f.dataset, f.study, 0.2, &f.all));
    for (int film = 0; film < FILMS; film++) {
        for (int k = 0; k < FILMS_SEGMENTS; k++) {
            int place = FILMS_ROWS - 1 - (film * FILMS_SEGMENTS + k);
            x[k] = (double)before[2 * place];
        }
        assert_good(mien_smooth_butterworth(x, FILMS_SEGMENTS, 3, 0.2, want));
        for (int k = 0; k < FILMS_SEGMENTS; k++) {
            int place = FILMS_ROWS - 1 - (film * FILMS_SEGMENTS + k);
            assert_near((double)f.values[2 * place], want[k], 1e-6);
            assert_true(f.values[2 * place + 1] == 77);
        }
    }
    close_fixture(&f);
}

static void the_candidate_that_errs_least_is_chosen(void **state) {
    (void)state;
    const struct { double noise, want; } cases[] = {{0, 0}, {0.5, 3}, {4, 9}};
    for (int i = 0; i < 3; i++) {
        fixture f;
        double chosen = -1;
        open_fixture(&f, cases[i].noise,
            FILMS_SET("smoothing.rule=mean", "smoothing.candidates=0;3;9"));
        float before[2 * FILMS_ROWS];
        memcpy(before, f.values, sizeof before);
        assert_good(mien_smoothing_choose(
            &f.dataset, f.study, f.dataset.target[0].value, &f.all, &chosen));
        assert_near(chosen, cases[i].want, 0);
        assert_memory_equal(before, f.values, sizeof before);
        close_fixture(&f);
    }
}

/* A fold predicts some films only. */
static void rows_that_were_not_predicted_are_left_out(void **state) {
    (void)state;
    fixture f;
    open_fixture(&f, 0.4, FILMS_SET("smoothing.rule=mean", "smoothing.candidates=3"));
    mien_smoothing_rows some = f.all;
    some.count = FILMS_SEGMENTS; /* the last film, from its end */
    float second = (f.values[0] + f.values[2] + f.values[4]) / 3;
    float other = f.values[2 * FILMS_SEGMENTS];
    assert_good(mien_smoothing_run(&f.dataset, f.study, 3, &some));
    assert_near((double)f.values[2], (double)second, 1e-6);
    assert_true(f.values[2 * FILMS_SEGMENTS] == other);
    close_fixture(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_series_is_smoothed_within_its_film),
        cmocka_unit_test(the_candidate_that_errs_least_is_chosen),
        cmocka_unit_test(rows_that_were_not_predicted_are_left_out),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
