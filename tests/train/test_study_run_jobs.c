/* SPDX-License-Identifier: MIT */
/* Folds and seeds of a run: each is what it would be alone, and a run of several seeds
 * that is killed ends with the same bits. */
#include "train/runs.h"

static const char *const busy_seeds[] = {"train.what=last-block",
    "train.rates=features.* = 0.1", "optimiser.name=sgd", "optimiser.momentum=0.9",
    "average.rule=decaying", "average.decay=0.8", "augment=flip; rotate 20; mixup",
    "head.dropout=0.2", "checkpoint.every=0.001", "checkpoint.pause=0", "epochs=2",
    "seed=3", "seeds=2"};
enum { BUSY_SEEDS = sizeof busy_seeds / sizeof *busy_seeds };

static const char *const small_seeds[] = {"head.layers=8", "head.layer=features.1",
    "head.dropout=0.2", "epochs=60", "batch=12", "seed=3", "seeds=3"};
enum { SMALL_SEEDS = sizeof small_seeds / sizeof *small_seeds };

/* The run of all seeds, made by the first call. */
static const char *whole(bool cached) {
    static char path[2][4096];
    char *at = path[cached];
    if (!at[0]) {
        snprintf(at, 4096, "%s", support_temp_path(cached ? "small" : "busy"));
        assert_good(cached ? train(at, small_seeds, SMALL_SEEDS)
                           : train(at, busy_seeds, BUSY_SEEDS));
    }
    return at;
}

static bool has(const char *run, const char *file) {
    char *path = mien_path_join(run, file);
    bool there = mien_file_exists(path);
    mien_free(path);
    return there;
}

static void each_fit_of_each_seed_has_a_folder(void **state) {
    (void)state;
    static const char *const folders[] = {"fold-0-seed-3", "fold-1-seed-3",
        "final-seed-3", "fold-0-seed-4", "fold-1-seed-4", "final-seed-4"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        assert_true(has(whole(false), folders[i]));
    }
    assert_false(has(whole(false), "fold-0"));
    assert_false(has(whole(false), "final"));
}

/* Rows of a seed among those of all are the rows of a run with that seed alone. */
static void assert_rows_of_seed(
    const mien_table *all, int64_t first, const char *seed, const mien_table *alone) {
    int column = mien_table_column(all, "seed");
    for (int64_t i = 0; i < PICTURES_ROWS; i++) {
        assert_string_equal(mien_table_cell(all, first + i, column), seed);
        for (int k = 0; k < mien_table_columns(alone); k++) {
            const char *want = mien_table_cell(alone, i, k);
            const char *got = mien_table_cell(
                all, first + i, mien_table_column(all, mien_table_name(alone, k)));
            assert_true(want ? got && strcmp(got, want) == 0 : !got);
        }
    }
}

static void assert_same_weights(const char *a, const char *b) {
    mien_archive *x = NULL, *y = NULL;
    char *first = mien_path_join(a, "model.safetensors"),
         *second = mien_path_join(b, "model.safetensors");
    assert_good(mien_archive_open(first, &x));
    assert_good(mien_archive_open(second, &y));
    assert_int_equal(mien_archive_count(x), mien_archive_count(y));
    for (int64_t i = 0; i < mien_archive_count(x); i++) {
        mien_tensor *s = NULL, *t = NULL;
        assert_good(mien_archive_load(x, i, &s));
        assert_good(
            mien_archive_load(y, mien_archive_find(y, mien_archive_name(x, i)), &t));
        assert_memory_equal(s->data, t->data, mien_tensor_bytes(s));
        mien_tensor_free(&s);
        mien_tensor_free(&t);
    }
    mien_archive_close(&x);
    mien_archive_close(&y);
    mien_free(first);
    mien_free(second);
}

static void assert_seeds_are_those_alone(bool cached) {
    const char *set[SMALL_SEEDS + BUSY_SEEDS];
    int count = cached ? SMALL_SEEDS : BUSY_SEEDS, seeds = cached ? 3 : 2;
    memcpy(set, cached ? small_seeds : busy_seeds, (size_t)count * sizeof *set);
    set[count - 1] = "seeds=1";
    mien_table *all = table_of(whole(cached), "predictions.csv");
    assert_int_equal(mien_table_rows(all), seeds * PICTURES_ROWS);
    for (int k = 0; k < seeds; k++) {
        char name[32], seed[16];
        snprintf(name, sizeof name, "alone-%d-%d", cached, k);
        snprintf(seed, sizeof seed, "seed=%d", 3 + k);
        set[count - 2] = seed;
        const char *run = run_path(name);
        assert_good(train(run, set, count));
        mien_table *alone = table_of(run, "predictions.csv");
        assert_int_equal(mien_table_column(alone, "seed"), -1);
        assert_rows_of_seed(all, k * PICTURES_ROWS, seed + 5, alone);
        mien_table_free(&alone);
        if (k == 0) {
            assert_same_weights(whole(cached), run);
        }
    }
    mien_table_free(&all);
}

static void a_seed_of_several_trains_as_it_would_alone(void **state) {
    (void)state;
    assert_seeds_are_those_alone(false);
}

static void heads_of_several_seeds_train_as_they_would_alone(void **state) {
    (void)state;
    assert_seeds_are_those_alone(true);
}

static void heads_side_by_side_have_the_same_bits_on_any_threads(void **state) {
    (void)state;
    const char *two = run_path("two");
    mien_study *study = NULL;
    mien_train_options o = options_of();
    assert_good(pictures_study(small_seeds, SMALL_SEEDS, &study));
    o.threads = 2;
    assert_good(mien_train(study, two, &o));
    mien_study_close(&study);
    assert_same_files(whole(true), two);
}

static void killed_seeds_end_with_the_same_bits(void **state) {
    (void)state;
    mien_random random;
    mien_random_init(&random, (uint32_t)getpid());
    const char *run = run_path("killed");
    end_after_kills(run, busy_seeds, BUSY_SEEDS, &random);
    assert_same_files(whole(false), run);
    /* saves after every epoch change no bit, and take long where many fits do it */
    const char *set[SMALL_SEEDS + 1];
    memcpy(set, small_seeds, sizeof small_seeds);
    set[SMALL_SEEDS] = "checkpoint.pause=0";
    run = run_path("killed-heads");
    end_after_kills(run, set, SMALL_SEEDS + 1, &random);
    assert_same_files(whole(true), run);
}

static void the_log_tells_the_seed_of_each_step(void **state) {
    (void)state;
    char *path = mien_path_join(whole(false), "log.jsonl"), *text = NULL;
    size_t length = 0;
    assert_good(mien_file_read(path, 1 << 24, &text, &length));
    assert_non_null(
        strstr(text, "{\"fold\": 1, \"seed\": 3, \"epoch\": 0, \"step\": 0,"));
    assert_non_null(
        strstr(text, "{\"fold\": 1, \"seed\": 4, \"epoch\": 1, \"loss_train\""));
    mien_free(text);
    mien_free(path);
}

static void a_backbone_that_is_drawn_is_another_with_each_seed(void **state) {
    (void)state;
    const char *run = run_path("drawn");
    mien_study *study = NULL;
    mien_train_options o = options_of();
    o.weights = "random";
    assert_good(
        pictures_study(PICTURES_SET("epochs=1", "seeds=2", "targets=valence"), &study));
    assert_good(mien_train(study, run, &o));
    mien_study_close(&study);
    mien_table *t = table_of(run, "predictions.csv");
    int column = mien_table_column(t, "valence_prediction");
    assert_string_not_equal(
        mien_table_cell(t, 0, column), mien_table_cell(t, PICTURES_ROWS, column));
    mien_table_free(&t);
}

static void seeds_beyond_the_last_are_refused(void **state) {
    (void)state;
    assert_fails(train(run_path("beyond"), PICTURES_SET("seed=4294967295", "seeds=2")),
        MIEN_EFORMAT, "the last seed would be 4294967296");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fit_of_each_seed_has_a_folder),
        cmocka_unit_test(a_seed_of_several_trains_as_it_would_alone),
        cmocka_unit_test(heads_of_several_seeds_train_as_they_would_alone),
        cmocka_unit_test(heads_side_by_side_have_the_same_bits_on_any_threads),
        cmocka_unit_test(killed_seeds_end_with_the_same_bits),
        cmocka_unit_test(the_log_tells_the_seed_of_each_step),
        cmocka_unit_test(a_backbone_that_is_drawn_is_another_with_each_seed),
        cmocka_unit_test(seeds_beyond_the_last_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
