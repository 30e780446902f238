/* SPDX-License-Identifier: MIT */
/* Mixed batches: weights as Beta says, partners that are a permutation, sums that add
 * up. */
#include "support/support.h"

#include "mien/signal.h"

#include <math.h>
#include <string.h>

enum { N = 6 };

static mien_augment *parsed(const char *text) {
    mien_augment *a = NULL;
    assert_good(mien_augment_new(&a));
    assert_good(mien_augment_parse(a, NULL, text));
    return a;
}

static void draw(const mien_augment *a, uint64_t batch, const bool *failed,
    int64_t *partner, double *weight) {
    mien_stream stream;
    mien_stream_init(&stream, 7, batch, 0);
    assert_good(mien_augment_mix_draw(a, &stream, N, failed, partner, weight));
}

static void weights_are_beta_numbers(void **state) {
    (void)state;
    enum { TIMES = 20000 };
    static const double alphas[] = {0.2, 1.0, 4.0};
    static const char *const texts[] = {"mixup 0.2", "mixup 1", "mixup 4"};
    for (int k = 0; k < 3; k++) {
        mien_augment *a = parsed(texts[k]);
        double sum = 0, squares = 0, want = 1 / (4 * (2 * alphas[k] + 1));
        for (uint64_t t = 0; t < TIMES; t++) {
            int64_t partner[N];
            double weight[N];
            draw(a, t, NULL, partner, weight);
            assert_true(weight[0] >= 0.0 && weight[0] <= 1.0 && weight[0] == weight[5]);
            sum += weight[0] - 0.5;
            squares += (weight[0] - 0.5) * (weight[0] - 0.5);
        }
        assert_near(sum / TIMES, 0.0, 4 * sqrt(want / TIMES));
        assert_near(squares / TIMES / want, 1.0, 0.05); /* variance of Beta(a, a) */
        mien_augment_free(&a);
    }
}

static void failed_pictures_mix_with_nobody(void **state) {
    (void)state;
    const bool failed[N] = {false, true, false, false, true, false};
    mien_augment *a = parsed("mixup per=picture");
    for (uint64_t t = 0; t < 100; t++) {
        int64_t partner[N];
        double weight[N];
        int taken[N] = {0};
        draw(a, t, failed, partner, weight);
        for (int i = 0; i < N; i++) {
            taken[partner[i]]++;
            assert_true(!failed[i] || (partner[i] == i && weight[i] == 1.0));
        }
        for (int i = 0; i < N; i++) {
            assert_int_equal(taken[i], 1);
        }
        assert_true(weight[0] != weight[2]);
    }
    mien_augment_free(&a);
}

static void nothing_mixes_without_the_step_or_its_chance(void **state) {
    (void)state;
    static const char *const texts[] = {"flip", "mixup p=0"};
    for (int k = 0; k < 2; k++) {
        int64_t partner[N];
        double weight[N];
        mien_augment *a = parsed(texts[k]);
        draw(a, 1, NULL, partner, weight);
        for (int i = 0; i < N; i++) {
            assert_true(partner[i] == i && weight[i] == 1.0);
        }
        mien_augment_free(&a);
    }
}

static void images_are_weighted_sums_whatever_the_threads(void **state) {
    (void)state;
    enum { VALUES = 2500 };
    static float before[N * VALUES], images[N * VALUES];
    const int64_t partner[N] = {3, 1, 0, 5, 4, 2};
    const double weight[N] = {0.25, 0.5, 1.0, 0.0, 0.75, 0.9};
    for (int i = 0; i < N * VALUES; i++) {
        before[i] = (float)((i * 7919) % 1000) / 1000.0f;
    }
    for (int threads = 1; threads <= 8; threads += 7) {
        mien_thread_pool *pool = NULL;
        assert_good(mien_thread_pool_new(threads, &pool));
        memcpy(images, before, sizeof images);
        assert_good(mien_augment_mix(N, VALUES, partner, weight, pool, images));
        for (int i = 0; i < N * VALUES; i++) {
            int p = i / VALUES, v = i % VALUES;
            assert_near((double)images[i],
                weight[p] * (double)before[i] +
                    (1 - weight[p]) * (double)before[partner[p] * VALUES + v],
                1e-6);
        }
        mien_thread_pool_free(&pool);
    }
}

static mien_status mix_some(void *context) {
    float images[N] = {0};
    int64_t partner[N];
    double weight[N];
    mien_stream stream;
    mien_stream_init(&stream, 1, 2, 3);
    mien_status status =
        mien_augment_mix_draw(context, &stream, N, NULL, partner, weight);
    return status ? status : mien_augment_mix(N, 1, partner, weight, NULL, images);
}

static void each_failing_allocation_is_reported(void **state) {
    (void)state;
    mien_augment *a = parsed("mixup");
    support_each_allocation_fails(mix_some, a, 10);
    mien_augment_free(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_beta_numbers),
        cmocka_unit_test(failed_pictures_mix_with_nobody),
        cmocka_unit_test(nothing_mixes_without_the_step_or_its_chance),
        cmocka_unit_test(images_are_weighted_sums_whatever_the_threads),
        cmocka_unit_test(each_failing_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
