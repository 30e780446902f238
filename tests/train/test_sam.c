/* SPDX-License-Identifier: MIT */
/* SAM around optimisers against PyTorch (python/golden/optimisers.py, PyTorch 2.15.0).
 */
#include "support/support.h"

#include "train/problem.h"
#include "train/optimisers/sam.h"

static void fifty_steps_equal_pytorch(void **state) {
    (void)state;
    mien_table *table = NULL;
    int done = 0;
    assert_good(
        mien_table_read(support_source("tests/golden/optimisers.tsv"), NULL, &table));
    for (int64_t i = 0; i < mien_table_rows(table); i++) {
        mien_sam_options options = {
            golden_number(table, i, "rho"), golden_number(table, i, "adaptive") != 0};
        if (options.rho == 0) {
            continue;
        }
        problem p;
        mien_sam *sam = NULL;
        problem_init(&p);
        mien_optimiser *o = problem_optimiser(&p, golden_cell(table, i, "optimiser"),
            golden_cell(table, i, "options"), 0, 0);
        assert_good(mien_sam_new(p.trainables, &options, &sam));
        for (int step = 0; step < 50; step++) {
            mien_pace pace = problem_pace(golden_number(table, i, "rate"), step);
            problem_gradient(&p);
            assert_good(mien_sam_perturb(sam));
            problem_gradient(&p);
            assert_good(mien_sam_step(sam, o, &pace));
            problem_check(&p, table, i, step);
        }
        mien_sam_free(&sam);
        mien_optimiser_free(&o);
        problem_clear(&p);
        done++;
    }
    assert_int_equal(done, 4);
    mien_table_free(&table);
}

static void restoring_gives_the_same_bits(void **state) {
    (void)state;
    problem p;
    mien_sam *sam = NULL;
    problem_init(&p);
    assert_good(mien_sam_new(p.trainables, &(mien_sam_options){1.7, true}, &sam));
    problem_gradient(&p);
    float before[PROBLEM_COUNT];
    memcpy(before, p.x, sizeof before);
    assert_good(mien_sam_perturb(sam));
    assert_memory_not_equal(p.x, before, sizeof before);
    mien_sam_restore(sam);
    assert_memory_equal(p.x, before, sizeof before);
    p.x[0] += 1;
    before[0] = p.x[0];
    mien_sam_restore(sam); /* nothing to put back */
    assert_memory_equal(p.x, before, sizeof before);
    mien_sam_free(&sam);
    problem_clear(&p);
}

static void phases_out_of_order_are_refused(void **state) {
    (void)state;
    problem p;
    mien_sam *sam = NULL;
    mien_pace pace = {0.1, NAN};
    problem_init(&p);
    mien_optimiser *o = problem_optimiser(&p, "sgd", "", 0, 0);
    assert_fails(mien_sam_new(p.trainables, &(mien_sam_options){0, false}, &sam),
        MIEN_EINVAL, "rho");
    assert_good(mien_sam_new(p.trainables, &(mien_sam_options){0.05, false}, &sam));
    assert_fails(mien_sam_step(sam, o, &pace), MIEN_EINVAL, "first gradient");
    problem_gradient(&p);
    assert_good(mien_sam_perturb(sam));
    assert_fails(mien_sam_perturb(sam), MIEN_EINVAL, "already");
    mien_sam_free(&sam);
    mien_optimiser_free(&o);
    problem_clear(&p);
}

static void no_number_in_either_gradient_changes_nothing(void **state) {
    (void)state;
    problem p;
    mien_sam *sam = NULL;
    mien_pace pace = {0.1, NAN};
    float before[PROBLEM_COUNT];
    problem_init(&p);
    mien_optimiser *o = problem_optimiser(&p, "sgd", "", 0, 0);
    assert_good(mien_sam_new(p.trainables, &(mien_sam_options){0.05, false}, &sam));
    memcpy(before, p.x, sizeof before);
    problem_gradient(&p);
    p.gradient[2] = NAN;
    assert_fails(mien_sam_perturb(sam), MIEN_ENUMBER, "of x is");
    assert_memory_equal(p.x, before, sizeof before);
    problem_gradient(&p);
    assert_good(mien_sam_perturb(sam));
    p.gradient[11] = NAN;
    assert_fails(mien_sam_step(sam, o, &pace), MIEN_ENUMBER, "of y is");
    assert_memory_equal(p.x, before, sizeof before);
    mien_sam_free(&sam);
    mien_optimiser_free(&o);
    problem_clear(&p);
}

static mien_status make_one(void *context) {
    mien_sam *sam = NULL;
    mien_status status = mien_sam_new(
        ((problem *)context)->trainables, &(mien_sam_options){0.05, false}, &sam);
    mien_sam_free(&sam);
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
        cmocka_unit_test(fifty_steps_equal_pytorch),
        cmocka_unit_test(restoring_gives_the_same_bits),
        cmocka_unit_test(phases_out_of_order_are_refused),
        cmocka_unit_test(no_number_in_either_gradient_changes_nothing),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
