/* SPDX-License-Identifier: MIT */
/* A training by itself: what it is made of, that it learns, and what it skips. */
#include "support/support.h"

#include <math.h>

#include "train/heads.h"

static void open_heads(heads *h, const char *const *set, int count) {
    assert_good(heads_open(h, support_temp(), set, count));
}
#define SET(...)                                                                       \
    (const char *const[]){__VA_ARGS__},                                                \
        (int)(sizeof(const char *const[]){__VA_ARGS__} / sizeof(char *))

static void losses_fall_and_the_truth_is_found(void **state) {
    (void)state;
    heads h;
    mien_network_fit *t = NULL;
    const int64_t *rows = NULL;
    const float *p = NULL;
    open_heads(
        &h, SET("epochs=200", "head.dropout=0", "head.layers=16", "average.rule=none",
                "validation.rule=none", "stopping.patience=-1", "loss.learned=false",
                "schedule.name=constant"));
    assert_good(heads_fit(&h, 0, &t));
    assert_int_equal(mien_network_fit_steps(t), 2); /* 6 rows, batches of 4 */
    assert_good(mien_network_fit_run(t, NULL));
    assert_true(mien_network_fit_done(t));
    assert_int_equal(mien_network_fit_epochs(t), 200);
    double first = mien_network_fit_epoch_at(t, 0).loss_train;
    assert_true(mien_network_fit_epoch_at(t, 199).loss_train < first / 10);
    assert_int_equal(mien_network_fit_tested(t, &rows, &p), HEADS_ROWS / HEADS_FOLDS);
    for (int i = 0; i < HEADS_ROWS / HEADS_FOLDS; i++) {
        assert_int_equal(h.dataset.fold[rows[i]], 0);
        /* nearer than to the value of any other class */
        assert_near((double)p[4 * i], h.dataset.target[0].value[rows[i]], 1);
        assert_true(p[4 * i + 1 + h.dataset.target[1].label[rows[i]]] > 0.8F);
    }
    mien_network_fit_free(&t);
    heads_clear(&h);
}

static mien_status count_step(void *context, const mien_network_fit_moment *m) {
    int64_t *steps = context;
    assert_int_equal(m->epoch * m->steps + m->step, *steps);
    assert_int_equal(m->seed, 6);
    assert_int_equal(m->fold, 1);
    assert_true(isfinite(m->loss) && m->rate > 0 && m->norm >= 0);
    ++*steps;
    return MIEN_OK;
}

static void hooks_see_every_step_once(void **state) {
    (void)state;
    heads h;
    mien_network_fit *t = NULL;
    int64_t steps = 0;
    mien_network_fit_hooks hooks = {.context = &steps, .step = count_step};
    open_heads(&h, SET("seed=6"));
    assert_good(heads_fit(&h, 1, &t));
    assert_good(mien_network_fit_run(t, &hooks));
    assert_int_equal(steps, mien_network_fit_epochs(t) * mien_network_fit_steps(t));
    mien_network_fit_free(&t);
    heads_clear(&h);
}

/* Predictions of the rows that fold 0 tests. */
static void predict_with(heads *h, float p[4 * HEADS_ROWS]) {
    mien_network_fit *t = NULL;
    const int64_t *rows = NULL;
    const float *got = NULL;
    assert_good(heads_fit(h, 0, &t));
    assert_good(mien_network_fit_run(t, NULL));
    int64_t n = mien_network_fit_tested(t, &rows, &got);
    memcpy(p, got, (size_t)(4 * n) * sizeof *p);
    mien_network_fit_free(&t);
}

/* What stands for a missing target must not matter. */
static void a_missing_target_has_no_say(void **state) {
    (void)state;
    enum { BYTES = 4 * HEADS_ROWS / HEADS_FOLDS * sizeof(float) };
    heads h;
    float whole[4 * HEADS_ROWS], masked[4 * HEADS_ROWS], other[4 * HEADS_ROWS];
    open_heads(&h, NULL, 0);
    predict_with(&h, whole);
    h.dataset.masked = true;
    predict_with(&h, masked);
    assert_memory_equal(masked, whole, BYTES); /* nothing is missing yet */
    int64_t row = 0;
    while (h.dataset.fold[row] == 0) {
        row++;
    }
    h.dataset.target[0].value[row] = NAN;
    h.dataset.target[0].normal[row] = NAN;
    predict_with(&h, masked);
    assert_true(memcmp(masked, whole, BYTES) != 0);
    h.dataset.target[0].normal[row] = 0.75F;
    predict_with(&h, other);
    assert_memory_equal(other, masked, BYTES);
    h.dataset.target[1].label[row + 1] = -1;
    predict_with(&h, other);
    for (int i = 0; i < 4 * HEADS_ROWS / HEADS_FOLDS; i++) {
        assert_true(isfinite(other[i]));
    }
    heads_clear(&h);
}

static void what_cannot_be_is_told_by_its_key(void **state) {
    (void)state;
    static const struct {
        const char *set, *part;
    } cases[] = {{"batch=7", "batch: fold 0 has"}, {"sampler.name=batches", "batch"},
        {"class-weights.rule=given", "class-weights.values"}};
    for (int i = 0; i < 2; i++) {
        heads h;
        mien_network_fit *t = NULL;
        open_heads(&h, SET(cases[i].set));
        assert_fails(heads_fit(&h, 0, &t), MIEN_EFORMAT, cases[i].part);
        assert_null(t);
        heads_clear(&h);
    }
    heads h;
    assert_fails(
        heads_open(&h, support_temp(), SET(cases[2].set)), MIEN_EFORMAT, cases[2].part);
    heads_clear(&h);
}

static mien_status tune_once(void *context) {
    heads *h = context;
    mien_network_fit *t = NULL;
    mien_status status = heads_fit(h, 0, &t);
    if (status == MIEN_OK) {
        status = mien_network_fit_run(t, NULL);
    }
    mien_network_fit_free(&t);
    return status;
}

static void every_failing_allocation_is_reported(void **state) {
    (void)state;
    heads h;
    open_heads(&h, SET("epochs=1"));
    support_each_allocation_fails(tune_once, &h, 5000);
    heads_clear(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(losses_fall_and_the_truth_is_found),
        cmocka_unit_test(hooks_see_every_step_once),
        cmocka_unit_test(a_missing_target_has_no_say),
        cmocka_unit_test(what_cannot_be_is_told_by_its_key),
        cmocka_unit_test(every_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
