/* SPDX-License-Identifier: MIT */
/* Optimisers against PyTorch in float64 (python/golden/optimisers.py, PyTorch 2.15.0),
 * and what they must refuse and keep. */
#include "support/support.h"

#include "train/problem.h"

static void fifty_steps_equal_pytorch(void **state) {
    (void)state;
    mien_table *table = NULL;
    int done = 0;
    assert_good(
        mien_table_read(support_source("tests/golden/optimisers.tsv"), NULL, &table));
    for (int64_t i = 0; i < mien_table_rows(table); i++) {
        if (golden_number(table, i, "rho") != 0 ||
            !mien_cell_missing(golden_cell(table, i, "average"))) {
            continue; /* of test_sam.c, test_average.c */
        }
        problem p;
        problem_init(&p);
        mien_optimiser *o = problem_optimiser(&p, golden_cell(table, i, "optimiser"),
            golden_cell(table, i, "options"), golden_number(table, i, "clip_value"),
            golden_number(table, i, "clip_norm"));
        for (int step = 0; step < 50; step++) {
            mien_pace pace = problem_pace(golden_number(table, i, "rate"), step);
            problem_gradient(&p);
            assert_good(mien_optimiser_step(o, &pace));
            problem_check(&p, table, i, step);
        }
        assert_int_equal(mien_optimiser_steps(o), 50);
        mien_optimiser_free(&o);
        problem_clear(&p);
        done++;
    }
    assert_true(done >= 28);
    mien_table_free(&table);
}

static void the_norm_is_that_before_clipping(void **state) {
    (void)state;
    problem p;
    problem_init(&p);
    mien_optimiser *o = problem_optimiser(&p, "sgd", "", 3, 1);
    mien_pace pace = problem_pace(1, 0);
    float before[PROBLEM_COUNT];
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        before[i] = p.x[i];
        p.gradient[i] = i == 3 ? -4.0f : 0;
    }
    p.gradient[12] = 5;
    assert_good(mien_optimiser_step(o, &pace));
    assert_near(mien_optimiser_norm(o), sqrt(18), 1e-12); /* both cut to 3 */
    assert_near((double)(p.x[3] - before[3]), 3 / sqrt(18), 1e-6);
    assert_near((double)(p.x[12] - before[12]), -2 * 3 / sqrt(18), 1e-6);
    assert_true(p.gradient[3] == -4); /* only read */
    mien_optimiser_free(&o);
    problem_clear(&p);
}

static void no_number_leaves_everything_as_it_was(void **state) {
    (void)state;
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int k = 0; k < 6; k++) {
        problem p;
        problem_init(&p);
        mien_optimiser *o = problem_optimiser(&p, "adam", "", k < 3 ? 0 : 0.5, 0);
        mien_pace pace = problem_pace(0.1, 0);
        mien_checkpoint_state kept = {0};
        problem_gradient(&p);
        assert_good(mien_optimiser_step(o, &pace));
        assert_good(mien_optimiser_state(o, "o", &kept));
        problem before = p;
        float mean[PROBLEM_SPLIT];
        memcpy(mean, kept.tensors[1]->data, sizeof mean);
        p.gradient[14] = bad[k % 3];
        assert_fails(mien_optimiser_step(o, &pace), MIEN_ENUMBER,
            "step 2: the gradient of y is infinite or not a number");
        assert_memory_equal(p.x, before.x, sizeof p.x);
        assert_memory_equal(mean, kept.tensors[1]->data, sizeof mean);
        assert_int_equal(mien_optimiser_steps(o), 1);
        mien_checkpoint_state_clear(&kept);
        mien_optimiser_free(&o);
        problem_clear(&p);
    }
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    problem p;
    problem_init(&p);
    mien_optimiser *o = NULL;
    mien_options *given = NULL;
    const mien_optim *sgd = mien_optim_find("sgd");
    mien_optimiser_setup setup = {.clip_norm = -1};
    assert_fails(mien_optimiser_new(sgd, NULL, &setup, p.trainables, &o), MIEN_EINVAL,
        "0 or more");
    setup = (mien_optimiser_setup){.clip_norm = 1, .unchecked = true};
    assert_fails(mien_optimiser_new(sgd, NULL, &setup, p.trainables, &o), MIEN_EINVAL,
        "checked");
    golden_options(sgd->options, "nesterov=true", &given);
    assert_fails(mien_optimiser_new(sgd, given, NULL, p.trainables, &o), MIEN_EINVAL,
        "nesterov needs");
    mien_options_free(&given);
    assert_null(o);
    assert_good(mien_optimiser_new(sgd, NULL, NULL, p.trainables, &o));
    problem_gradient(&p);
    mien_pace pace = {0.1, 0.9};
    assert_fails(mien_optimiser_step(o, &pace), MIEN_EINVAL, "momentum");
    pace = (mien_pace){NAN, NAN};
    assert_fails(mien_optimiser_step(o, &pace), MIEN_EINVAL, "rate");
    pace.rate = -1;
    assert_fails(mien_optimiser_step(o, &pace), MIEN_EINVAL, "rate");
    mien_optimiser_free(&o);
    assert_null(mien_optim_find("adamm"));
    assert_non_null(strstr(mien_error(), "adam"));
    problem_clear(&p);
}

static void a_step_allocates_nothing(void **state) {
    (void)state;
    problem p;
    problem_init(&p);
    mien_optimiser *o = problem_optimiser(&p, "nadam", "", 0, 1);
    mien_pace pace = problem_pace(0.1, 0);
    problem_gradient(&p);
    uint64_t before = mien_alloc_count();
    assert_good(mien_optimiser_step(o, &pace));
    assert_int_equal(mien_alloc_count(), before);
    mien_optimiser_free(&o);
    problem_clear(&p);
}

static void unchecked_steps_are_the_same(void **state) {
    (void)state;
    problem p, q;
    problem_init(&p);
    problem_init(&q);
    mien_optimiser *o = problem_optimiser(&p, "adamw", "", 0, 0), *u = NULL;
    assert_good(mien_optimiser_new(mien_optim_find("adamw"), NULL,
        &(mien_optimiser_setup){.unchecked = true}, q.trainables, &u));
    mien_pace pace = problem_pace(0.1, 0);
    problem_gradient(&p);
    problem_gradient(&q);
    assert_good(mien_optimiser_step(o, &pace));
    assert_good(mien_optimiser_step(u, &pace));
    assert_memory_equal(p.x, q.x, sizeof p.x);
    assert_true(isnan(mien_optimiser_norm(u)));
    mien_optimiser_free(&u);
    mien_optimiser_free(&o);
    problem_clear(&q);
    problem_clear(&p);
}

static mien_status make_one(void *context) {
    mien_optimiser *o = NULL;
    mien_checkpoint_state kept = {0};
    mien_status status = mien_optimiser_new(
        mien_optim_find("adam"), NULL, NULL, ((problem *)context)->trainables, &o);
    if (status == MIEN_OK) {
        status = mien_optimiser_state(o, "o", &kept);
    }
    mien_checkpoint_state_clear(&kept);
    mien_optimiser_free(&o);
    return status;
}

static void survives_every_failed_allocation(void **state) {
    (void)state;
    problem p;
    problem_init(&p);
    support_each_allocation_fails(make_one, &p, 100);
    problem_clear(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifty_steps_equal_pytorch),
        cmocka_unit_test(the_norm_is_that_before_clipping),
        cmocka_unit_test(no_number_leaves_everything_as_it_was),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(unchecked_steps_are_the_same),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
