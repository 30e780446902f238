/* SPDX-License-Identifier: MIT */
/* Early stopping counts as Keras does and remembers the best epoch. */
#include "support/support.h"

#include <math.h>

#include "train/fit/stopping.h"

/* Epoch after which it stops, −1: never. */
static int stop_after(
    const mien_stopping_options *options, const double *metrics, int count, int *best) {
    mien_stopping s;
    assert_good(mien_stopping_init(&s, options));
    assert_int_equal(mien_stopping_best_epoch(&s), -1);
    int stopped = -1;
    for (int i = 0; i < count && stopped < 0; i++) {
        mien_verdict verdict;
        assert_good(mien_stopping_tell(&s, metrics[i], &verdict));
        assert_int_equal(verdict.best, mien_stopping_best_epoch(&s) == i);
        stopped = verdict.stop ? i : -1;
    }
    *best = (int)mien_stopping_best_epoch(&s);
    assert_true(mien_stopping_best(&s) == metrics[*best]);
    return stopped;
}

static void patience_counts_epochs_without_a_better_one(void **state) {
    (void)state;
    static const double m[] = {5, 4, 4.5, 4.2, 3.9, 3.95, 3.9, 4, 3.8};
    int best;
    assert_int_equal(stop_after(&(mien_stopping_options){2, 0, false}, m, 9, &best), 3);
    assert_int_equal(best, 1);
    assert_int_equal(stop_after(&(mien_stopping_options){3, 0, false}, m, 9, &best), 7);
    assert_int_equal(best, 4);
    assert_int_equal(
        stop_after(&(mien_stopping_options){4, 0, false}, m, 9, &best), -1);
    assert_int_equal(best, 8);
    assert_int_equal(stop_after(&(mien_stopping_options){0, 0, false}, m, 9, &best), 2);
    assert_int_equal(best, 1);
    assert_int_equal(
        stop_after(&(mien_stopping_options){-1, 0, false}, m, 9, &best), -1);
}

static void better_means_by_more_than_min_delta(void **state) {
    (void)state;
    static const double m[] = {1, 0.75, 0.5, 0.25};
    int best;
    assert_int_equal(
        stop_after(&(mien_stopping_options){2, 0.25, false}, m, 4, &best), -1);
    assert_int_equal(best, 2); /* 0.25 less is not more than 0.25 */
    static const double rising[] = {-3, -2, -2, -1.5, -1.75};
    assert_int_equal(
        stop_after(&(mien_stopping_options){2, 0, true}, rising, 5, &best), -1);
    assert_int_equal(best, 3);
}

static void no_number_and_wrong_options_are_refused(void **state) {
    (void)state;
    mien_stopping s;
    mien_verdict verdict;
    assert_fails(mien_stopping_init(&s, &(mien_stopping_options){-2, 0, false}),
        MIEN_EINVAL, "patience");
    assert_fails(mien_stopping_init(&s, &(mien_stopping_options){1, -1, false}),
        MIEN_EINVAL, "min_delta");
    assert_fails(mien_stopping_init(&s, &(mien_stopping_options){1, NAN, false}),
        MIEN_EINVAL, "min_delta");
    assert_good(mien_stopping_init(&s, &(mien_stopping_options){1, 0, false}));
    assert_good(mien_stopping_tell(&s, 2, &verdict));
    assert_fails(mien_stopping_tell(&s, NAN, &verdict), MIEN_ENUMBER, "epoch 1");
    assert_near(mien_stopping_best(&s), 2, 0);
}

static void goes_on_from_a_checkpoint(void **state) {
    (void)state;
    const char *path = support_temp_path("stopping.safetensors");
    const mien_stopping_options options = {2, 0, false};
    mien_stopping whole, again;
    mien_checkpoint_state kept = {0}, loaded = {0};
    mien_archive *archive = NULL;
    mien_verdict verdict;
    assert_good(mien_stopping_init(&whole, &options));
    assert_good(mien_stopping_init(&again, &options));
    assert_good(mien_stopping_tell(&whole, 1, &verdict));
    assert_good(mien_stopping_tell(&whole, 2, &verdict));
    assert_good(mien_stopping_state(&whole, "stopping", &kept));
    assert_good(
        mien_safetensors_write(path, kept.count, (const char *const *)kept.names,
            (const mien_tensor *const *)kept.tensors, (const char *const[]){NULL}));
    assert_good(mien_stopping_state(&again, "stopping", &loaded));
    assert_good(mien_archive_open(path, &archive));
    assert_good(mien_checkpoint_state_load(&loaded, archive));
    assert_good(mien_stopping_tell(&again, 1.5, &verdict));
    assert_true(verdict.stop && !verdict.best);
    assert_int_equal(mien_stopping_best_epoch(&again), 0);
    mien_archive_close(&archive);
    mien_checkpoint_state_clear(&loaded);
    mien_checkpoint_state_clear(&kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patience_counts_epochs_without_a_better_one),
        cmocka_unit_test(better_means_by_more_than_min_delta),
        cmocka_unit_test(no_number_and_wrong_options_are_refused),
        cmocka_unit_test(goes_on_from_a_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
