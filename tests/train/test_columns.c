/* SPDX-License-Identifier: MIT */
/* Batches of features: standardised on the training rows, windows that stop at the ends
 * of a film, masks, and a dropout of inputs that is a function of where it stands. */
#include "train/films.h"

#include "train/dataset/batches.h"

enum { LIMIT = 64 };

static int set_up(void **state) {
    (void)state;
    films_make();
    return 0;
}

typedef struct fixture {
    mien_study *study;
    mien_dataset dataset;
    mien_columns inputs;
    int64_t all[FILMS_ROWS];
    float sound[LIMIT * FILMS_SOUND], sight[LIMIT * FILMS_SIGHT], mask[LIMIT * 2];
} fixture;

static void open_fixture(
    fixture *f, const char *const *set, int count, int64_t training) {
    *f = (fixture){0};
    assert_good(films_study(set, count, &f->study));
    assert_good(mien_dataset_open(&f->dataset, f->study));
    for (int64_t i = 0; i < FILMS_ROWS; i++) {
        f->all[i] = i;
    }
    mien_item_table tables[MIEN_INPUTS_MAX];
    mien_item_tables(&f->dataset, NULL, tables);
    assert_good(
        mien_columns_init(&f->inputs, &f->dataset, f->study, tables, f->all, training));
}

static void close_fixture(fixture *f) {
    mien_columns_clear(&f->inputs);
    mien_dataset_clear(&f->dataset);
    mien_study_close(&f->study);
}

static void fill(fixture *f, const int64_t *rows, int64_t n, int64_t epoch) {
    const mien_column_parts parts[] = {
        {1, {f->sound}, {FILMS_SOUND}}, {1, {f->sight}, {FILMS_SIGHT}}};
    mien_columns_fill(&f->inputs, rows, n, epoch, parts, f->mask);
}

static void columns_are_standardised_on_the_training_rows(void **state) {
    (void)state;
    fixture f;
    enum { TRAINING = 24 };
    open_fixture(&f, NULL, 0, TRAINING);
    double sum[FILMS_SIGHT] = {0}, square[FILMS_SIGHT] = {0};
    fill(&f, f.all, TRAINING, -1);
    for (int i = 0; i < TRAINING; i++) {
        for (int k = 0; k < FILMS_SIGHT; k++) {
            double x = (double)f.sight[i * FILMS_SIGHT + k];
            sum[k] += x;
            square[k] += x * x;
        }
    }
    for (int k = 0; k < FILMS_SIGHT; k++) {
        assert_near(sum[k] / TRAINING, 0, 1e-5);
        assert_near(square[k] / TRAINING, 1, 1e-5);
    }
    /* a row that is not of them, by the formula */
    double mean = 0, spread = 0;
    for (int i = 0; i < TRAINING; i++) {
        mean += (double)films_sight(i, 1) / TRAINING;
    }
    for (int i = 0; i < TRAINING; i++) {
        double d = (double)films_sight(i, 1) - mean;
        spread += d * d / TRAINING;
    }
    fill(&f, f.all + 40, 1, -1);
    assert_near(
        (double)f.sight[1], ((double)films_sight(40, 1) - mean) / sqrt(spread), 1e-5);
    close_fixture(&f);
}

static void a_constant_column_becomes_0(void **state) {
    (void)state;
    fixture f;
    open_fixture(&f, NULL, 0, FILMS_ROWS);
    fill(&f, f.all, 20, -1);
    for (int i = 0; i < 20; i++) {
        assert_near((double)f.sound[i * FILMS_SOUND + 1], 0, 1e-6);
    }
    /* what it is at prediction has no say */
    assert_near((double)f.inputs.standard[0].scale[1], 0, 0);
    close_fixture(&f);
}

static void values_may_be_taken_as_they_are(void **state) {
    (void)state;
    fixture f;
    open_fixture(&f, FILMS_SET("standardise=false"), FILMS_ROWS);
    fill(&f, f.all + 5, 3, -1);
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < FILMS_SOUND; k++) {
            assert_near((double)f.sound[i * FILMS_SOUND + k],
                (double)films_sound(5 + i, k), 1e-5);
        }
        assert_true(f.mask[2 * i] == 1 && f.mask[2 * i + 1] == 1);
    }
    close_fixture(&f);
}

static void windows_follow_time_and_stop_at_the_ends_of_a_film(void **state) {
    (void)state;
    fixture f;
    films_table("shuffled", (films_options){.shuffled = true});
    open_fixture(&f,
        FILMS_SET("trials=shuffled.tsv", "model.name=temporal_aan", "context.before=2",
            "context.after=1", "standardise=false"),
        FILMS_ROWS);
    assert_int_equal(f.dataset.segments, 4);
    for (int64_t i = 0; i < FILMS_ROWS; i++) {
        int row = (int)((7 * i + 3) % FILMS_ROWS), film = row / FILMS_SEGMENTS;
        fill(&f, &i, 1, -1);
        for (int t = 0; t < 4; t++) {
            int want = row + t - 2;
            bool there =
                want >= 0 && want / FILMS_SEGMENTS == film && want < FILMS_ROWS;
            assert_true(f.mask[2 * t] == (there ? 1 : 0));
            assert_true(f.mask[2 * t + 1] == (there ? 1 : 0));
            for (int k = 0; k < FILMS_SIGHT; k++) {
                assert_near((double)f.sight[t * FILMS_SIGHT + k],
                    there ? (double)films_sight(want, k) : 0, 1e-6);
            }
        }
    }
    close_fixture(&f);
}

static void missing_inputs_are_zeros_behind_a_mask(void **state) {
    (void)state;
    fixture f;
    films_table("silent", (films_options){.without_sound = 30});
    open_fixture(&f, FILMS_SET("trials=silent.tsv"), FILMS_ROWS);
    mien_architecture architecture;
    assert_good(mien_dataset_architecture(&f.dataset, f.study, &architecture));
    assert_true(mien_architecture_masked(&architecture));
    assert_int_equal(architecture.inputs[0].shape.size[0], FILMS_SOUND);
    fill(&f, f.all + 29, 2, -1);
    assert_true(f.mask[0] == 1 && f.mask[1] == 1 && f.mask[2] == 0 && f.mask[3] == 1);
    for (int k = 0; k < FILMS_SOUND; k++) {
        assert_true(f.sound[FILMS_SOUND + k] == 0);
    }
    assert_fails(mien_columns_check(&f.dataset, f.study, f.all + 30, 10), MIEN_EFORMAT,
        "features.sound: it is missing in all 10 training rows");
    close_fixture(&f);
}

static void dropout_of_inputs_is_a_function_of_its_place(void **state) {
    (void)state;
    fixture f;
    int dropped = 0, changed = 0;
    open_fixture(&f, FILMS_SET("modality-dropout=0.3", "seed=4"), FILMS_ROWS);
    for (int64_t epoch = 0; epoch < 20; epoch++) {
        float first[2 * LIMIT];
        fill(&f, f.all, 60, epoch);
        memcpy(first, f.mask, sizeof first);
        for (int i = 0; i < 60; i++) {
            assert_true(f.mask[2 * i] + f.mask[2 * i + 1] >= 1);
            dropped += (f.mask[2 * i] == 0) + (f.mask[2 * i + 1] == 0);
            if (f.mask[2 * i + 1] == 0) {
                assert_true(f.sight[FILMS_SIGHT * i] == 0);
            }
        }
        /* in another batch, after other rows: the same */
        fill(&f, f.all + 17, 5, epoch);
        assert_memory_equal(f.mask, first + 2 * 17, 10 * sizeof *first);
        fill(&f, f.all, 60, epoch + 1);
        changed += memcmp(f.mask, first, 120 * sizeof *first) != 0;
    }
    assert_int_equal(changed, 20);
    /* 0.3 of 2400, but for the 0.09 of rows where one of both is kept: 0.255 */
    assert_near(dropped / 2400.0, 0.255, 0.03);
    fill(&f, f.all, 60, -1);
    for (int i = 0; i < 120; i++) {
        assert_true(f.mask[i] == 1);
    }
    close_fixture(&f);
}

static void what_the_table_lacks_is_told(void **state) {
    (void)state;
    const struct {
        films_options table;
        const char *set[2];
        const char *part;
        mien_status status;
    } cases[] = {
        {{.no_starts = true}, {"smoothing.rule=mean", "epochs=1"}, "has no start_s",
            MIEN_EFORMAT},
        {{.no_starts = true}, {"model.name=temporal_aan", "context.before=1"},
            "context needs rows in order of time", MIEN_EFORMAT},
        {{.no_group = true}, {"folds.rule=groups", "smoothing.rule=mean"},
            "is of no group", MIEN_EFORMAT},
        {{.films = 1}, {"epochs=1", "seed=1"}, "1 group", MIEN_EFORMAT},
        {{0}, {"inputs=sound;smell", "epochs=1"}, "features.smell", MIEN_ENOTFOUND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mien_study *study = NULL;
        mien_dataset dataset;
        const char *const set[] = {
            "trials=lacking.tsv", cases[i].set[0], cases[i].set[1]};
        films_table("lacking", cases[i].table);
        assert_good(films_study(set, 3, &study));
        assert_fails(
            mien_dataset_open(&dataset, study), cases[i].status, cases[i].part);
        mien_dataset_clear(&dataset);
        mien_study_close(&study);
    }
}

static void the_hash_of_the_dataset_is_of_the_features_too(void **state) {
    (void)state;
    fixture f;
    char before[65];
    open_fixture(&f, NULL, 0, FILMS_ROWS);
    snprintf(before, sizeof before, "%s", f.dataset.hash);
    close_fixture(&f);
    films_array("sound", FILMS_SOUND, films_sight);
    open_fixture(&f, NULL, 0, FILMS_ROWS);
    assert_string_not_equal(before, f.dataset.hash);
    close_fixture(&f);
    films_array("sound", FILMS_SOUND, films_sound);
    open_fixture(&f, NULL, 0, FILMS_ROWS);
    assert_string_equal(before, f.dataset.hash);
    close_fixture(&f);
}

static void what_a_change_hides_is_missing_or_its_mean(void **state) {
    (void)state;
    fixture f;
    double mean[FILMS_SIGHT] = {0};
    open_fixture(&f, FILMS_SET("standardise=false"), FILMS_ROWS);
    assert_good(mien_columns_stand_in(&f.inputs, f.all, FILMS_ROWS));
    for (int row = 0; row < FILMS_ROWS; row++) {
        for (int k = 0; k < FILMS_SIGHT; k++) {
            mean[k] += (double)films_sight(row, k) / FILMS_ROWS;
        }
    }
    mien_columns_change change = {.hidden = 2};
    f.inputs.change = &change;
    for (int masked = 0; masked < 2; masked++) {
        change.masked = masked;
        fill(&f, f.all, 3, -1);
        for (int i = 0; i < 3; i++) {
            assert_near((double)f.mask[2 * i], 1, 0);
            assert_near((double)f.mask[2 * i + 1], masked ? 0 : 1, 0);
            assert_near(
                (double)f.sound[i * FILMS_SOUND], (double)films_sound(i, 0), 1e-4);
            for (int k = 0; k < FILMS_SIGHT; k++) {
                assert_near(
                    (double)f.sight[i * FILMS_SIGHT + k], masked ? 0 : mean[k], 1e-5);
            }
        }
    }
    close_fixture(&f);
}

static void what_a_change_moves_is_shown_from_its_row(void **state) {
    (void)state;
    fixture f;
    int64_t from[2 * FILMS_ROWS];
    open_fixture(&f, FILMS_SET("standardise=false"), FILMS_ROWS);
    for (int64_t i = 0; i < 2 * FILMS_ROWS; i++) {
        from[i] = (i + 5) % FILMS_ROWS;
    }
    const mien_columns_change change = {.moved = 2, .from = from};
    f.inputs.change = &change;
    fill(&f, f.all, 10, -1);
    for (int i = 0; i < 10; i++) {
        assert_near((double)f.sound[i * FILMS_SOUND], (double)films_sound(i, 0), 1e-4);
        assert_near(
            (double)f.sight[i * FILMS_SIGHT], (double)films_sight(i + 5, 0), 1e-5);
    }
    close_fixture(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_standardised_on_the_training_rows),
        cmocka_unit_test(a_constant_column_becomes_0),
        cmocka_unit_test(values_may_be_taken_as_they_are),
        cmocka_unit_test(windows_follow_time_and_stop_at_the_ends_of_a_film),
        cmocka_unit_test(missing_inputs_are_zeros_behind_a_mask),
        cmocka_unit_test(dropout_of_inputs_is_a_function_of_its_place),
        cmocka_unit_test(what_the_table_lacks_is_told),
        cmocka_unit_test(the_hash_of_the_dataset_is_of_the_features_too),
        cmocka_unit_test(what_a_change_hides_is_missing_or_its_mean),
        cmocka_unit_test(what_a_change_moves_is_shown_from_its_row),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
