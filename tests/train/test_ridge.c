/* SPDX-License-Identifier: MIT */
/* Ridge read-outs against explicit refitting, and against NumPy
 * (python/golden/ridge.py, NumPy 2.4.6). */
#include "support/support.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/io.h"
#include "train/kernel_ridge.h"
#include "train/ridge.h"
#include "train/solve.h"

enum { ROWS = 20, WIDTH = 6, TARGETS = 2, LAMBDAS = 5 };

static const double lambdas[LAMBDAS] = {0.01, 100, 0.1, 10, 1};
static const int64_t group[ROWS] = {
    3, 0, 1, 1, 4, 2, 0, 3, 3, 1, 4, 5, 5, 2, 0, 1, 1, 4, 2, 6};

typedef struct problem {
    double kernel[ROWS * ROWS], targets[TARGETS * ROWS];
} problem;

/* Features, their centred kernel, a target that depends on them and one that does not.
 */
static void make_problem(problem *p) {
    float values[ROWS * WIDTH];
    int64_t rows[ROWS];
    mien_stream stream;
    mien_stream_init(&stream, 11, 0, 0);
    for (int i = 0; i < ROWS * WIDTH; i++) {
        values[i] = (float)mien_stream_uniform(&stream);
    }
    for (int i = 0; i < ROWS; i++) {
        rows[i] = i;
        p->targets[i] = 3 * (double)values[i * WIDTH] - (double)values[i * WIDTH + 1] +
                        0.2 * mien_stream_uniform(&stream) + 5;
        p->targets[ROWS + i] = mien_stream_uniform(&stream);
    }
    mien_blocks blocks = {
        .count = 1, .rows = ROWS, .width = {WIDTH}, .values = {values}, .name = {"x"}};
    mien_candidate candidate = {.blocks = {0}, .count = 1, .gamma = 1};
    mien_kernel kernel = {0};
    assert_good(mien_kernel_ridge_fit(
        &kernel, &blocks, &candidate, rows, ROWS, NULL, p->kernel));
    mien_kernel_clear(&kernel);
}

/* Predictions of the rows of group `gone` by the fit on all others: coefficients and a
 * free intercept solve [K + λI, 1; 1ᵀ, 0] [a; b] = [y; 0]. */
static void refit_without(
    const problem *p, const double *y, int64_t gone, double lambda, double *out) {
    double a[(ROWS + 1) * (ROWS + 1)], b[ROWS + 1];
    int keep[ROWS], n = 0;
    for (int i = 0; i < ROWS; i++) {
        if (group[i] != gone) {
            keep[n++] = i;
        }
    }
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            a[i * (n + 1) + j] =
                p->kernel[keep[i] * ROWS + keep[j]] + (i == j ? lambda : 0);
        }
        a[i * (n + 1) + n] = a[n * (n + 1) + i] = 1;
        b[i] = y[keep[i]];
    }
    a[n * (n + 1) + n] = 0;
    b[n] = 0;
    assert_good(mien_solve_linear(n + 1, a, 1, b));
    for (int i = 0; i < ROWS; i++) {
        if (group[i] == gone) {
            out[i] = b[n];
            for (int j = 0; j < n; j++) {
                out[i] += p->kernel[i * ROWS + keep[j]] * b[j];
            }
        }
    }
}

static double refit_all(const problem *p, const double *y, double lambda, double *out) {
    double error = 0;
    for (int64_t g = 0; g < 7; g++) {
        refit_without(p, y, g, lambda, out);
    }
    for (int i = 0; i < ROWS; i++) {
        error += (out[i] - y[i]) * (out[i] - y[i]) / ROWS;
    }
    return error;
}

static void fit(const problem *p, const double *list, int count, mien_ridge *ridges) {
    double kernel[ROWS * ROWS];
    memcpy(kernel, p->kernel, sizeof kernel);
    assert_good(
        mien_ridge_fit(ROWS, kernel, TARGETS, p->targets, group, list, count, ridges));
}

static void left_out_predictions_equal_refitting_without_the_group(void **state) {
    (void)state;
    problem p;
    make_problem(&p);
    for (int l = 0; l < LAMBDAS; l++) {
        mien_ridge ridges[TARGETS];
        fit(&p, &lambdas[l], 1, ridges);
        for (int t = 0; t < TARGETS; t++) {
            double want[ROWS], *y = p.targets + t * ROWS;
            double error = refit_all(&p, y, lambdas[l], want);
            assert_near(ridges[t].error, error, 1e-12 * fmax(1, error));
            for (int i = 0; i < ROWS; i++) {
                assert_near(ridges[t].left_out[i], want[i], 1e-10);
            }
            mien_ridge_clear(&ridges[t]);
        }
    }
}

static void lambda_with_the_smallest_left_out_error_wins_per_target(void **state) {
    (void)state;
    problem p;
    make_problem(&p);
    mien_ridge ridges[TARGETS];
    fit(&p, lambdas, LAMBDAS, ridges);
    for (int t = 0; t < TARGETS; t++) {
        double best = INFINITY, chosen = 0, out[ROWS];
        for (int l = 0; l < LAMBDAS; l++) {
            double error = refit_all(&p, p.targets + t * ROWS, lambdas[l], out);
            if (error < best) {
                best = error;
                chosen = lambdas[l];
            }
        }
        assert_near(ridges[t].lambda, chosen, 0);
        assert_near(ridges[t].error, best, 1e-12);
    }
    /* noise wants far more of it than a signal */
    assert_true(ridges[1].lambda > ridges[0].lambda);
    mien_ridge_clear(&ridges[0]);
    mien_ridge_clear(&ridges[1]);
}

static void coefficients_sum_to_zero_and_solve_the_ridge_equations(void **state) {
    (void)state;
    problem p;
    make_problem(&p);
    mien_ridge ridges[TARGETS];
    fit(&p, lambdas, LAMBDAS, ridges);
    for (int t = 0; t < TARGETS; t++) {
        const mien_ridge *r = &ridges[t];
        double sum = 0, mean = 0, fitted[ROWS];
        for (int i = 0; i < ROWS; i++) {
            sum += r->coefficient[i];
            mean += p.targets[t * ROWS + i] / ROWS;
        }
        assert_near(sum, 0, 1e-10);
        assert_near(r->mean, mean, 1e-13);
        /* (K + λI) a = y − mean */
        mien_ridge_predict(r, ROWS, p.kernel, ROWS, fitted);
        for (int i = 0; i < ROWS; i++) {
            assert_near(fitted[i] + r->lambda * r->coefficient[i],
                p.targets[t * ROWS + i], 1e-10);
        }
        mien_ridge_clear(&ridges[t]);
    }
}

static void one_target_alone_gives_the_same_bits_as_among_others(void **state) {
    (void)state;
    problem p;
    make_problem(&p);
    mien_ridge both[TARGETS], alone;
    fit(&p, lambdas, LAMBDAS, both);
    assert_good(mien_ridge_fit(
        ROWS, p.kernel, 1, p.targets + ROWS, group, lambdas, LAMBDAS, &alone));
    assert_memory_equal(
        alone.coefficient, both[1].coefficient, ROWS * sizeof *alone.coefficient);
    assert_memory_equal(
        alone.left_out, both[1].left_out, ROWS * sizeof *alone.left_out);
    mien_ridge_clear(&alone);
    mien_ridge_clear(&both[0]);
    mien_ridge_clear(&both[1]);
}

static double number(const mien_table *table, int64_t row, const char *column) {
    double value = NAN;
    assert_good(
        mien_table_number(table, row, mien_table_column(table, column), &value));
    return value;
}

static void golden_fit_of_another_program_is_reached(void **state) {
    (void)state;
    enum { OLD = 24, NEW = 6, FEATURES = 4, STEPS = 11 };
    float x[(OLD + NEW) * FEATURES];
    double y[2 * OLD], k[OLD * OLD], cross[NEW * OLD], steps[STEPS];
    int64_t groups[OLD], old[OLD], new[NEW];
    mien_table *table = NULL, *chosen = NULL;
    assert_good(
        mien_table_read(support_source("tests/golden/ridge.csv"), NULL, &table));
    assert_good(mien_table_read(
        support_source("tests/golden/ridge_chosen.csv"), NULL, &chosen));
    assert_int_equal(mien_table_rows(table), OLD + NEW);
    for (int i = 0; i < OLD + NEW; i++) {
        for (int f = 0; f < FEATURES; f++) {
            char name[8];
            snprintf(name, sizeof name, "x%d", f);
            x[i * FEATURES + f] = (float)number(table, i, name);
        }
        if (i < OLD) {
            old[i] = i;
            groups[i] = (int64_t)number(table, i, "group");
            y[i] = number(table, i, "y0");
            y[OLD + i] = number(table, i, "y1");
        } else {
            new[i - OLD] = i;
        }
    }
    for (int l = 0; l < STEPS; l++) {
        steps[l] = pow(10, -3 + 0.5 * l);
    }
    mien_blocks blocks = {.count = 1,
        .rows = OLD + NEW,
        .width = {FEATURES},
        .values = {x},
        .name = {"x"}};
    mien_candidate candidate = {.blocks = {0}, .count = 1, .gamma = 1};
    mien_kernel kernel = {0};
    mien_ridge ridges[2];
    assert_good(mien_kernel_ridge_fit(&kernel, &blocks, &candidate, old, OLD, NULL, k));
    assert_good(mien_kernel_ridge_cross(&kernel, &blocks, new, NEW, NULL, cross));
    assert_good(mien_ridge_fit(OLD, k, 2, y, groups, steps, STEPS, ridges));
    for (int t = 0; t < 2; t++) {
        const char *out = t ? "out1" : "out0", *a = t ? "a1" : "a0";
        double predicted[NEW];
        mien_ridge_predict(&ridges[t], OLD, cross, NEW, predicted);
        assert_near(ridges[t].lambda, number(chosen, t, "lambda"), 1e-12);
        assert_near(ridges[t].error, number(chosen, t, "error"), 1e-10);
        assert_near(ridges[t].mean, number(chosen, t, "intercept"), 1e-10);
        for (int i = 0; i < OLD; i++) {
            assert_near(ridges[t].left_out[i], number(table, i, out), 1e-10);
            assert_near(ridges[t].coefficient[i], number(table, i, a), 1e-10);
        }
        for (int i = 0; i < NEW; i++) {
            assert_near(predicted[i], number(table, OLD + i, out), 1e-10);
        }
        mien_ridge_clear(&ridges[t]);
    }
    mien_kernel_clear(&kernel);
    mien_table_free(&table);
    mien_table_free(&chosen);
}

static void one_group_of_all_rows_is_an_error(void **state) {
    (void)state;
    double kernel[9] = {1, -0.5, -0.5, -0.5, 1, -0.5, -0.5, -0.5, 1};
    const double y[3] = {1, 2, 4}, lambda = 1;
    const int64_t same[3] = {0, 0, 0};
    mien_ridge ridge;
    assert_fails(mien_ridge_fit(3, kernel, 1, y, same, &lambda, 1, &ridge), MIEN_EINVAL,
        "one group");
    assert_null(ridge.coefficient);
    assert_null(ridge.left_out);
}

static mien_status fit_once(void *context) {
    const problem *p = context;
    double kernel[ROWS * ROWS];
    mien_ridge ridges[TARGETS];
    memcpy(kernel, p->kernel, sizeof kernel);
    mien_status status = mien_ridge_fit(
        ROWS, kernel, TARGETS, p->targets, group, lambdas, LAMBDAS, ridges);
    for (int t = 0; t < TARGETS; t++) {
        mien_ridge_clear(&ridges[t]);
    }
    return status;
}

static void running_out_of_memory_is_told(void **state) {
    (void)state;
    problem p;
    make_problem(&p);
    support_each_allocation_fails(fit_once, &p, 200);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(left_out_predictions_equal_refitting_without_the_group),
        cmocka_unit_test(lambda_with_the_smallest_left_out_error_wins_per_target),
        cmocka_unit_test(coefficients_sum_to_zero_and_solve_the_ridge_equations),
        cmocka_unit_test(one_target_alone_gives_the_same_bits_as_among_others),
        cmocka_unit_test(golden_fit_of_another_program_is_reached),
        cmocka_unit_test(one_group_of_all_rows_is_an_error),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
