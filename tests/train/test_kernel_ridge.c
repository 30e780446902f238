/* SPDX-License-Identifier: MIT */
/* Tests of kernels against their formula, written out plainly. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "train/kernel_ridge.h"

enum { ROWS = 14, TRAINING = 9, WIDE = 5, NARROW = 3 };

static float wide[ROWS * WIDE], narrow[ROWS * NARROW];
static const int64_t training[TRAINING] = {0, 2, 3, 5, 6, 8, 10, 11, 13};
static const int64_t others[ROWS - TRAINING] = {1, 4, 7, 9, 12};

static mien_blocks made_blocks(void) {
    mien_stream stream;
    mien_stream_init(&stream, 3, 0, 0);
    for (int i = 0; i < ROWS * WIDE; i++) {
        wide[i] = (float)(mien_stream_uniform(&stream) * 4 - 1);
    }
    for (int i = 0; i < ROWS * NARROW; i++) {
        narrow[i] = (float)(mien_stream_uniform(&stream) * 100);
    }
    for (int i = 0; i < ROWS; i++) {
        wide[i * WIDE + 2] = 0.1F; /* a feature that never changes */
    }
    return (mien_blocks){.count = 2,
        .rows = ROWS,
        .width = {WIDE, NARROW},
        .values = {wide, narrow},
        .name = {"wide", "narrow"}};
}

/* A row standardised by the training rows, of length 1 if gamma > 0. */
static void plain_row(
    const mien_blocks *b, int block, double gamma, int64_t row, double *out) {
    int64_t width = b->width[block];
    const float *x = b->values[block];
    double square = 0;
    for (int64_t f = 0; f < width; f++) {
        double mean = 0, variance = 0;
        for (int i = 0; i < TRAINING; i++) {
            mean += (double)x[training[i] * width + f] / TRAINING;
        }
        for (int i = 0; i < TRAINING; i++) {
            variance += pow((double)x[training[i] * width + f] - mean, 2) / TRAINING;
        }
        out[f] =
            variance > 1e-12 ? ((double)x[row * width + f] - mean) / sqrt(variance) : 0;
        square += out[f] * out[f];
    }
    for (int64_t f = 0; gamma > 0 && f < width; f++) {
        out[f] /= sqrt(square);
    }
}

static double plain_product(
    const mien_blocks *b, int block, double gamma, int64_t i, int64_t j) {
    double u[WIDE], v[WIDE], sum = 0;
    plain_row(b, block, gamma, i, u);
    plain_row(b, block, gamma, j, v);
    for (int64_t f = 0; f < b->width[block]; f++) {
        sum += u[f] * v[f];
    }
    return gamma > 0 ? exp(gamma * sum) : sum;
}

/* k(i, j) minus the training means, over the mean training diagonal. */
static double plain_centred(
    const mien_blocks *b, int block, double gamma, int64_t i, int64_t j) {
    double row = 0, column = 0, all = 0, trace = 0;
    for (int s = 0; s < TRAINING; s++) {
        row += plain_product(b, block, gamma, i, training[s]) / TRAINING;
        column += plain_product(b, block, gamma, training[s], j) / TRAINING;
        for (int t = 0; t < TRAINING; t++) {
            all += plain_product(b, block, gamma, training[s], training[t]) /
                   (TRAINING * TRAINING);
        }
    }
    for (int s = 0; s < TRAINING; s++) {
        double mean = 0;
        for (int t = 0; t < TRAINING; t++) {
            mean += plain_product(b, block, gamma, training[s], training[t]) / TRAINING;
        }
        trace += (plain_product(b, block, gamma, training[s], training[s]) - 2 * mean +
                     all) /
                 TRAINING;
    }
    return (plain_product(b, block, gamma, i, j) - row - column + all) / trace;
}

static void check_against_formula(double gamma) {
    mien_blocks blocks = made_blocks();
    mien_candidate candidate = {.blocks = {0, 1}, .count = 2, .gamma = gamma};
    mien_kernel kernel = {0};
    double fitted[TRAINING * TRAINING], cross[(ROWS - TRAINING) * TRAINING];
    assert_good(mien_kernel_ridge_fit(
        &kernel, &blocks, &candidate, training, TRAINING, NULL, fitted));
    assert_good(mien_kernel_ridge_cross(
        &kernel, &blocks, others, ROWS - TRAINING, NULL, cross));
    for (int j = 0; j < TRAINING; j++) {
        for (int i = 0; i < TRAINING; i++) {
            double want = 0;
            for (int b = 0; b < 2; b++) {
                want += plain_centred(&blocks, b, gamma, training[i], training[j]) / 2;
            }
            assert_near(fitted[i * TRAINING + j], want, 1e-12);
        }
        for (int i = 0; i < ROWS - TRAINING; i++) {
            double want = 0;
            for (int b = 0; b < 2; b++) {
                want += plain_centred(&blocks, b, gamma, others[i], training[j]) / 2;
            }
            assert_near(cross[i * TRAINING + j], want, 1e-12);
        }
    }
    mien_kernel_clear(&kernel);
}

static void linear_kernel_follows_its_formula(void **state) {
    (void)state;
    check_against_formula(0);
}

static void exponential_kernel_follows_its_formula(void **state) {
    (void)state;
    check_against_formula(2);
}

static void fitted_kernel_is_symmetric_centred_and_of_mean_diagonal_one(void **state) {
    (void)state;
    mien_blocks blocks = made_blocks();
    mien_candidate candidate = {.blocks = {1, 0}, .count = 2, .gamma = 1};
    mien_kernel kernel = {0};
    double k[TRAINING * TRAINING], trace = 0;
    assert_good(mien_kernel_ridge_fit(
        &kernel, &blocks, &candidate, training, TRAINING, NULL, k));
    for (int i = 0; i < TRAINING; i++) {
        double sum = 0;
        for (int j = 0; j < TRAINING; j++) {
            sum += k[i * TRAINING + j];
            assert_near(k[i * TRAINING + j], k[j * TRAINING + i], 0);
        }
        assert_near(sum, 0, 1e-13);
        trace += k[i * TRAINING + i];
    }
    assert_near(trace / TRAINING, 1, 1e-13);
    mien_kernel_clear(&kernel);
}

static void training_rows_taken_again_give_the_fitted_kernel(void **state) {
    (void)state;
    mien_blocks blocks = made_blocks();
    mien_candidate candidate = {.blocks = {0}, .count = 1, .gamma = 2};
    mien_kernel kernel = {0};
    double k[TRAINING * TRAINING], again[TRAINING * TRAINING];
    assert_good(mien_kernel_ridge_fit(
        &kernel, &blocks, &candidate, training, TRAINING, NULL, k));
    assert_good(
        mien_kernel_ridge_cross(&kernel, &blocks, training, TRAINING, NULL, again));
    for (int i = 0; i < TRAINING * TRAINING; i++) {
        assert_near(again[i], k[i], 1e-13);
    }
    mien_kernel_clear(&kernel);
}

static void a_block_that_never_changes_adds_nothing(void **state) {
    (void)state;
    static float constant[ROWS];
    for (int i = 0; i < ROWS; i++) {
        constant[i] = 7;
    }
    mien_blocks blocks = {
        .count = 1, .rows = ROWS, .width = {1}, .values = {constant}, .name = {"c"}};
    for (int gamma = 0; gamma <= 2; gamma += 2) {
        mien_candidate candidate = {.blocks = {0}, .count = 1, .gamma = gamma};
        mien_kernel kernel = {0};
        double k[TRAINING * TRAINING];
        assert_good(mien_kernel_ridge_fit(
            &kernel, &blocks, &candidate, training, TRAINING, NULL, k));
        for (int i = 0; i < TRAINING * TRAINING; i++) {
            assert_near(k[i], 0, 0);
        }
        mien_kernel_clear(&kernel);
    }
}

static void threads_do_not_change_a_bit(void **state) {
    (void)state;
    mien_blocks blocks = made_blocks();
    mien_candidate candidate = {.blocks = {0, 1}, .count = 2, .gamma = 2};
    double one[TRAINING * TRAINING], three[TRAINING * TRAINING];
    mien_kernel kernel = {0};
    mien_thread_pool *pool = NULL;
    assert_good(mien_thread_pool_new(3, &pool));
    assert_good(mien_kernel_ridge_fit(
        &kernel, &blocks, &candidate, training, TRAINING, NULL, one));
    mien_kernel_clear(&kernel);
    assert_good(mien_kernel_ridge_fit(
        &kernel, &blocks, &candidate, training, TRAINING, pool, three));
    mien_kernel_clear(&kernel);
    mien_thread_pool_free(&pool);
    assert_memory_equal(one, three, sizeof one);
}

static mien_status fit_and_cross(void *context) {
    (void)context;
    mien_blocks blocks = made_blocks();
    mien_candidate candidate = {.blocks = {0, 1}, .count = 2, .gamma = 2};
    mien_kernel kernel = {0};
    double k[TRAINING * TRAINING], cross[(ROWS - TRAINING) * TRAINING];
    mien_status status = mien_kernel_ridge_fit(
        &kernel, &blocks, &candidate, training, TRAINING, NULL, k);
    if (status == MIEN_OK) {
        status = mien_kernel_ridge_cross(
            &kernel, &blocks, others, ROWS - TRAINING, NULL, cross);
    }
    mien_kernel_clear(&kernel);
    return status;
}

static void running_out_of_memory_is_told(void **state) {
    (void)state;
    support_each_allocation_fails(fit_and_cross, NULL, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linear_kernel_follows_its_formula),
        cmocka_unit_test(exponential_kernel_follows_its_formula),
        cmocka_unit_test(fitted_kernel_is_symmetric_centred_and_of_mean_diagonal_one),
        cmocka_unit_test(training_rows_taken_again_give_the_fitted_kernel),
        cmocka_unit_test(a_block_that_never_changes_adds_nothing),
        cmocka_unit_test(threads_do_not_change_a_bit),
        cmocka_unit_test(running_out_of_memory_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
