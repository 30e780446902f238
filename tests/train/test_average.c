/* SPDX-License-Identifier: MIT */
/* Averages of weights against PyTorch (python/golden/optimisers.py, PyTorch 2.15.0). */
#include "support/support.h"

#include "train/optimisers/average.h"
#include "train/problem.h"

static void averages_over_fifty_steps_equal_pytorch(void **state) {
    (void)state;
    mien_table *table = NULL;
    int done = 0;
    assert_good(
        mien_table_read(support_source("tests/golden/optimisers.tsv"), NULL, &table));
    for (int64_t i = 0; i < mien_table_rows(table); i++) {
        const char *kind = golden_cell(table, i, "average");
        if (mien_cell_missing(kind)) {
            continue;
        }
        problem p;
        mien_average *average = NULL;
        problem_init(&p);
        mien_optimiser *o = problem_optimiser(&p, golden_cell(table, i, "optimiser"),
            golden_cell(table, i, "options"), 0, 0);
        assert_good(mien_average_new(
            strcmp(kind, "ema") == 0 ? MIEN_AVERAGE_DECAYING : MIEN_AVERAGE_MEAN, 0.9,
            p.trainables, &average));
        for (int step = 0; step < 50; step++) {
            mien_pace pace = problem_pace(golden_number(table, i, "rate"), step);
            problem_gradient(&p);
            assert_good(mien_optimiser_step(o, &pace));
            assert_good(mien_average_add(average));
            assert_good(mien_average_swap(average));
            problem_check(&p, table, i, step);
            assert_good(mien_average_swap(average));
        }
        mien_average_free(&average);
        mien_optimiser_free(&o);
        problem_clear(&p);
        done++;
    }
    assert_int_equal(done, 2);
    mien_table_free(&table);
}

static void swapping_twice_gives_the_same_bits(void **state) {
    (void)state;
    problem p;
    mien_average *average = NULL;
    mien_checkpoint_state kept = {0};
    problem_init(&p);
    assert_good(mien_average_new(MIEN_AVERAGE_MEAN, 0, p.trainables, &average));
    assert_fails(mien_average_swap(average), MIEN_EINVAL, "nothing");
    assert_good(mien_average_add(average));
    float before[PROBLEM_COUNT], first = p.x[3];
    p.x[3] = 0.1f;
    memcpy(before, p.x, sizeof before);
    assert_good(mien_average_swap(average));
    assert_true(p.x[3] == first);
    assert_fails(mien_average_add(average), MIEN_EINVAL, "in their place");
    assert_fails(
        mien_average_state(average, "a", &kept), MIEN_EINVAL, "in their place");
    assert_good(mien_average_swap(average));
    assert_memory_equal(p.x, before, sizeof before);
    mien_average_free(&average);
    problem_clear(&p);
}

static void averages_go_on_from_a_checkpoint(void **state) {
    (void)state;
    const char *path = support_temp_path("average.safetensors");
    problem p;
    mien_average *whole = NULL, *again = NULL;
    mien_checkpoint_state kept = {0}, loaded = {0};
    mien_archive *archive = NULL;
    problem_init(&p);
    assert_good(mien_average_new(MIEN_AVERAGE_MEAN, 0, p.trainables, &whole));
    assert_good(mien_average_new(MIEN_AVERAGE_MEAN, 0, p.trainables, &again));
    assert_good(mien_average_add(whole));
    p.x[5] = 0.3f;
    assert_good(mien_average_add(whole));
    assert_good(mien_average_state(whole, "average", &kept));
    assert_int_equal(kept.count, 3);
    assert_good(
        mien_safetensors_write(path, kept.count, (const char *const *)kept.names,
            (const mien_tensor *const *)kept.tensors, (const char *const[]){NULL}));
    assert_good(mien_average_state(again, "average", &loaded));
    assert_good(mien_archive_open(path, &archive));
    assert_good(mien_checkpoint_state_load(&loaded, archive));
    p.x[5] = -1.7f;
    assert_good(mien_average_add(whole));
    assert_good(mien_average_add(again));
    for (int64_t i = 0; i < kept.count; i++) {
        assert_memory_equal(kept.tensors[i]->data, loaded.tensors[i]->data,
            mien_tensor_bytes(kept.tensors[i]));
    }
    mien_archive_close(&archive);
    mien_checkpoint_state_clear(&loaded);
    mien_checkpoint_state_clear(&kept);
    mien_average_free(&again);
    mien_average_free(&whole);
    problem_clear(&p);
}

static void a_decay_out_of_range_is_refused(void **state) {
    (void)state;
    problem p;
    mien_average *average = NULL;
    const double bad[] = {-0.1, 1, NAN};
    problem_init(&p);
    for (int i = 0; i < 3; i++) {
        assert_fails(
            mien_average_new(MIEN_AVERAGE_DECAYING, bad[i], p.trainables, &average),
            MIEN_EINVAL, "[0, 1)");
    }
    problem_clear(&p);
}

static mien_status make_one(void *context) {
    mien_average *average = NULL;
    mien_status status = mien_average_new(
        MIEN_AVERAGE_MEAN, 0, ((problem *)context)->trainables, &average);
    mien_average_free(&average);
    return status;
}

static void survives_every_failed_allocation(void **state) {
    (void)state;
    problem p;
    problem_init(&p);
    support_each_allocation_fails(make_one, &p, 20);
    problem_clear(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(averages_over_fifty_steps_equal_pytorch),
        cmocka_unit_test(swapping_twice_gives_the_same_bits),
        cmocka_unit_test(averages_go_on_from_a_checkpoint),
        cmocka_unit_test(a_decay_out_of_range_is_refused),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
