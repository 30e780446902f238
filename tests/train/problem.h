/* SPDX-License-Identifier: MIT */
/* The small smooth problem of python/golden/optimisers.py: 16 values in two arrays. */
#ifndef MIEN_TESTS_TRAIN_PROBLEM_H
#define MIEN_TESTS_TRAIN_PROBLEM_H

#include <math.h>

#include "train/goldens.h"
#include "train/optimisers/optim.h"

enum { PROBLEM_COUNT = 16, PROBLEM_SPLIT = 10 };

typedef struct problem {
    float x[PROBLEM_COUNT], gradient[PROBLEM_COUNT];
    mien_trainables *trainables;
} problem;

static inline void problem_gradient(problem *p) {
    double sum = 0;
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        sum += (double)p->x[i];
    }
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        double a = 0.5 + 0.125 * i, b = (i * 5) % 7 - 3;
        p->gradient[i] = (float)(a * tanh(a * (double)p->x[i] - b) + sum / 25);
    }
}

static inline void problem_init(problem *p) {
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        p->x[i] = ((float)((i * 3) % 8) - 3.5f) / 2;
    }
    const mien_trainable rows[] = {{"x", p->x, p->gradient, PROBLEM_SPLIT, 1, 1},
        {"y", p->x + PROBLEM_SPLIT, p->gradient + PROBLEM_SPLIT,
            PROBLEM_COUNT - PROBLEM_SPLIT, 2, 0.5}};
    assert_good(mien_trainables_new(rows, 2, NULL, &p->trainables));
}

static inline void problem_clear(problem *p) {
    mien_trainables_free(&p->trainables);
}

static inline mien_pace problem_pace(double rate, int step) {
    return (mien_pace){rate / (1 + step / 10.0), (double)NAN};
}

static inline mien_optimiser *problem_optimiser(
    problem *p, const char *name, const char *options, double value, double norm) {
    mien_optimiser *o = NULL;
    mien_options *given = NULL;
    const mien_optim *optim = mien_optim_find(name);
    assert_non_null(optim);
    golden_options(optim->options, options, &given);
    assert_good(mien_optimiser_new(optim, given,
        &(mien_optimiser_setup){.clip_value = value, .clip_norm = norm}, p->trainables,
        &o));
    mien_options_free(&given);
    return o;
}

/* x against the row's values after step + 1 steps, where the row has any. */
static inline void problem_check(
    const problem *p, const mien_table *table, int64_t row, int step) {
    double want[GOLDEN_MOST];
    char column[32];
    if (step != 0 && step != 9 && step != 49) {
        return;
    }
    snprintf(column, sizeof column, "after_%d", step + 1);
    assert_int_equal(golden_numbers(table, row, column, want), PROBLEM_COUNT);
    for (int i = 0; i < PROBLEM_COUNT; i++) {
        double got = (double)p->x[i];
        if (!(fabs(got - want[i]) <= 1e-6 * fmax(1, fabs(want[i])))) {
            fail_msg("row %lld (%s), step %d, [%d]: got %.9g, want %.9g",
                (long long)row, golden_cell(table, row, "options"), step + 1, i, got,
                want[i]);
        }
    }
}

#endif
