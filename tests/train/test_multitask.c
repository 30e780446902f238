/* SPDX-License-Identifier: MIT */
/* Sums of losses: fixed and learnt weights, and targets that are missing. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "train/fit/multitask.h"

enum { ROWS = 4, CLASSES = 3 };

static const float z[ROWS * CLASSES] = {
    0.5f, -1, 0.25f, 2, -0.75f, 0, 1, 0.5f, -2, 0, 0.125f, 1};
static const int32_t y[ROWS] = {0, 2, 1, 1};
static const float p[ROWS * 2] = {0.5f, -1, 0.25f, 1, -0.75f, 0, 1, 0.5f};
static const float t[ROWS * 2] = {0, 0, 1, 0.5f, -1, 0.25f, 0.75f, 1};
static const float none[ROWS] = {0};

typedef struct pair {
    mien_objective *classes, *values;
    mien_multitask *sum;
    mien_loss_batch batches[2];
} pair;

static void pair_init(pair *m, bool learned, double first, double second) {
    assert_good(mien_objective_new(mien_loss_find("cross_entropy"), NULL,
        &(mien_objective_setup){.classes = CLASSES}, &m->classes));
    assert_good(mien_objective_new(mien_loss_find("mse"), NULL,
        &(mien_objective_setup){.classes = 2}, &m->values));
    const mien_task tasks[] = {
        {"emotion", m->classes, first}, {"valence", m->values, second}};
    assert_good(mien_multitask_new(tasks, 2, learned, &m->sum));
    assert_int_equal(mien_multitask_count(m->sum), 2);
    m->batches[0] = (mien_loss_batch){.rows = ROWS, .prediction = z, .classes = y};
    m->batches[1] = (mien_loss_batch){.rows = ROWS, .prediction = p, .values = t};
}

static void pair_clear(pair *m) {
    mien_multitask_free(&m->sum);
    mien_objective_free(&m->values);
    mien_objective_free(&m->classes);
}

static void fixed_weights_scale_losses_and_gradients(void **state) {
    (void)state;
    pair m;
    double total;
    mien_loss_result results[2], ce, mse;
    float g_z[ROWS * CLASSES], g_p[ROWS * 2], own_z[ROWS * CLASSES], own_p[ROWS * 2];
    float *gradients[] = {g_z, g_p};
    mien_trainable none_of;
    pair_init(&m, false, 0.5, 3);
    assert_good(mien_multitask_compute(m.sum, m.batches, &total, results, gradients));
    assert_good(mien_objective_compute(m.classes, &m.batches[0], &ce, own_z));
    assert_good(mien_objective_compute(m.values, &m.batches[1], &mse, own_p));
    assert_near(total, 0.5 * ce.value + 3 * mse.value, 1e-15);
    assert_near(results[0].value, ce.value, 0);
    assert_near(results[1].value, mse.value, 0);
    for (int i = 0; i < ROWS * CLASSES; i++) {
        own_z[i] *= 0.5f;
    }
    for (int i = 0; i < ROWS * 2; i++) {
        own_p[i] *= 3;
    }
    assert_close(g_z, own_z, ROWS * CLASSES, 1e-6, 0);
    assert_close(g_p, own_p, ROWS * 2, 1e-6, 0);
    assert_false(mien_multitask_trainable(m.sum, &none_of));
    pair_clear(&m);
}

static double total_of(const pair *m) {
    double total;
    assert_good(mien_multitask_compute(m->sum, m->batches, &total, NULL, NULL));
    return total;
}

static void learnt_weights_follow_the_formula(void **state) {
    (void)state;
    pair m;
    double total;
    mien_loss_result results[2];
    mien_trainable s;
    float g_p[ROWS * 2], own_p[ROWS * 2];
    float *gradients[] = {NULL, g_p};
    pair_init(&m, true, 1, 2);
    assert_true(mien_multitask_trainable(m.sum, &s));
    assert_int_equal(s.count, 2);
    assert_true(s.decay == 0 && s.values[0] == 0 && s.values[1] == 0);
    s.values[0] = 0.5f;
    s.values[1] = -0.75f;
    assert_good(mien_multitask_compute(m.sum, m.batches, &total, results, gradients));
    assert_near(total,
        exp(-0.5) * results[0].value + 0.25 + 0.5 * 2 * exp(0.75) * results[1].value -
            0.375,
        1e-14);
    assert_good(mien_objective_compute(m.values, &m.batches[1], &results[1], own_p));
    for (int i = 0; i < ROWS * 2; i++) {
        own_p[i] = (float)(exp(0.75) * (double)own_p[i]);
    }
    assert_close(g_p, own_p, ROWS * 2, 1e-6, 0);
    for (int i = 0; i < 2; i++) { /* steps that a float takes exactly */
        float gradient = s.gradient[i], kept = s.values[i];
        s.values[i] = kept + 0.0078125f;
        double above = total_of(&m);
        s.values[i] = kept - 0.0078125f;
        double below = total_of(&m);
        s.values[i] = kept;
        assert_near((double)gradient, (above - below) / 0.015625, 3e-5);
        total_of(&m);
    }
    pair_clear(&m);
}

static void learnt_weights_settle_at_the_size_of_the_losses(void **state) {
    (void)state;
    pair m;
    mien_trainable s;
    mien_loss_result results[2];
    double total;
    pair_init(&m, true, 1, 1);
    assert_true(mien_multitask_trainable(m.sum, &s));
    for (int n = 0; n < 3000; n++) {
        assert_good(mien_multitask_compute(m.sum, m.batches, &total, results, NULL));
        for (int i = 0; i < 2; i++) {
            s.values[i] -= 0.1f * s.gradient[i];
        }
    }
    /* where the slope is 0: e^s = 2 L of classes, L of values */
    assert_near((double)s.values[0], log(2 * results[0].value), 1e-5);
    assert_near((double)s.values[1], log(results[1].value), 1e-5);
    pair_clear(&m);
}

static void a_task_without_rows_takes_no_part(void **state) {
    (void)state;
    pair m;
    double total;
    mien_loss_result results[2];
    mien_trainable s;
    float g_z[ROWS * CLASSES];
    const float zero[ROWS * CLASSES] = {0};
    float *gradients[] = {g_z, NULL};
    pair_init(&m, true, 1, 1);
    assert_true(mien_multitask_trainable(m.sum, &s));
    s.values[0] = 1;
    m.batches[0].row_weights = none;
    assert_good(mien_multitask_compute(m.sum, m.batches, &total, results, gradients));
    assert_near(total, 0.5 * results[1].value, 1e-15);
    assert_near(results[0].weight, 0, 0);
    assert_true(s.gradient[0] == 0 && s.gradient[1] != 0);
    assert_close(g_z, zero, ROWS * CLASSES, 0, 0);
    pair_clear(&m);
}

static void the_task_and_row_at_fault_are_named(void **state) {
    (void)state;
    pair m;
    double total = 7;
    int64_t task, row;
    float bad[ROWS * 2];
    mien_trainable s;
    pair_init(&m, true, 1, 1);
    memcpy(bad, p, sizeof bad);
    bad[5] = NAN;
    m.batches[1].prediction = bad;
    assert_fails(mien_multitask_compute(m.sum, m.batches, &total, NULL, NULL),
        MIEN_ENUMBER, "valence: loss mse: row 2");
    mien_multitask_bad_row(m.sum, &task, &row);
    assert_true(task == 1 && row == 2 && total == 7);
    m.batches[1].prediction = p;
    total_of(&m);
    mien_multitask_bad_row(m.sum, &task, &row);
    assert_true(task == -1 && row == -1);
    assert_true(mien_multitask_trainable(m.sum, &s));
    s.values[0] = -1000; /* its weight overflows */
    assert_fails(mien_multitask_compute(m.sum, m.batches, &total, NULL, NULL),
        MIEN_ENUMBER, "emotion: the sum");
    pair_clear(&m);
}

static void a_checkpoint_keeps_what_is_learnt(void **state) {
    (void)state;
    pair fixed, learned;
    mien_checkpoint_state kept = {0};
    mien_trainable s;
    pair_init(&fixed, false, 1, 1);
    pair_init(&learned, true, 1, 1);
    assert_good(mien_multitask_state(fixed.sum, "loss", &kept));
    assert_int_equal(kept.count, 0);
    assert_good(mien_multitask_state(learned.sum, "loss", &kept));
    assert_int_equal(kept.count, 1);
    assert_string_equal(kept.names[0], "loss.log_variances");
    assert_true(mien_multitask_trainable(learned.sum, &s));
    assert_ptr_equal(kept.tensors[0]->data, s.values);
    mien_checkpoint_state_clear(&kept);
    pair_clear(&learned);
    pair_clear(&fixed);
}

static void wrong_tasks_are_refused(void **state) {
    (void)state;
    pair m;
    mien_multitask *sum = NULL;
    pair_init(&m, false, 1, 1);
    const mien_task bad = {"valence", m.values, -1};
    assert_fails(mien_multitask_new(&bad, 1, false, &sum), MIEN_EINVAL, "valence");
    assert_fails(mien_multitask_new(&bad, 0, false, &sum), MIEN_EINVAL, "no targets");
    assert_null(sum);
    pair_clear(&m);
}

static mien_status make_one(void *context) {
    const mien_task tasks[] = {{"a", context, 1}, {"b", context, 1}};
    mien_multitask *sum = NULL;
    mien_status status = mien_multitask_new(tasks, 2, true, &sum);
    mien_multitask_free(&sum);
    return status;
}

static void survives_every_failed_allocation(void **state) {
    (void)state;
    pair m;
    pair_init(&m, false, 1, 1);
    support_each_allocation_fails(make_one, m.values, 20);
    pair_clear(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_weights_scale_losses_and_gradients),
        cmocka_unit_test(learnt_weights_follow_the_formula),
        cmocka_unit_test(learnt_weights_settle_at_the_size_of_the_losses),
        cmocka_unit_test(a_task_without_rows_takes_no_part),
        cmocka_unit_test(the_task_and_row_at_fault_are_named),
        cmocka_unit_test(a_checkpoint_keeps_what_is_learnt),
        cmocka_unit_test(wrong_tasks_are_refused),
        cmocka_unit_test(survives_every_failed_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
