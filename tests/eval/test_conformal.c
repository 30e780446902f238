/* SPDX-License-Identifier: MIT */
/* Conformal intervals and sets: their places among order statistics, and that they hold
 * a next truth as often as they say, by thirds too. */
#include "support/support.h"

#include <math.h>

#include "mien/base.h"
#include "mien/eval.h"

static void the_interval_lies_at_order_statistics(void **state) {
    (void)state;
    enum { N = 39 };
    double truth[N], prediction[N] = {0};
    mien_conformal c;
    for (int i = 0; i < N; i++) {
        truth[i] = (i * 7) % N; /* 0 to 38 */
    }
    assert_good(mien_conformal_fit(truth, prediction, N, 1, 0.95, 1, &c));
    assert_near(c.low[0], 0, 1e-12); /* place 40 · 0.025 of 40 gaps */
    assert_near(c.high[0], 38, 1e-12);
    assert_good(mien_conformal_fit(truth, prediction, N, 1, 0.9, 1, &c));
    assert_near(c.low[0], 1, 1e-12);
    assert_near(c.high[0], 37, 1e-12);
}

static void few_rows_have_the_normal_interval(void **state) {
    (void)state;
    const double truth[4] = {-1, 1, 3, 5}, prediction[4] = {0, 0, 0, 0};
    mien_conformal c;
    assert_good(mien_conformal_fit(truth, prediction, 4, 1, 0.95, 1, &c));
    /* t(3, 97.5 %) = 3.182446; SD 2.581989; √(1 + 1/4) */
    assert_near(c.high[0], 2 + 3.182446 * 2.581989 * sqrt(1.25), 1e-4);
    assert_near(c.low[0], 2 - 3.182446 * 2.581989 * sqrt(1.25), 1e-4);
}

/* Box and Muller's. */
static double normal(mien_stream *s) {
    double u = 1 - mien_stream_uniform(s),
           turn = 6.283185307179586 * mien_stream_uniform(s);
    return sqrt(-2 * log(u)) * cos(turn);
}

/* Errors that grow with the prediction from .2 to 1.4. */
static void draw(mien_stream *s, int64_t n, double *truth, double *prediction) {
    for (int64_t i = 0; i < n; i++) {
        prediction[i] = 4 * mien_stream_uniform(s);
        truth[i] = prediction[i] + (0.2 + 0.3 * prediction[i]) * normal(s);
    }
}

static void thirds_are_covered_each(void **state) {
    (void)state;
    enum { N = 60, NEXT = 60, DRAWS = 1500 };
    double truth[N], prediction[N], next[NEXT], said[NEXT];
    double held[2][3] = {{0}}, all[3] = {0};
    for (int d = 0; d < DRAWS; d++) {
        mien_stream s;
        mien_conformal c[2];
        mien_stream_init(&s, 3, (uint64_t)d, 0);
        draw(&s, N, truth, prediction);
        draw(&s, NEXT, next, said);
        assert_good(mien_conformal_fit(truth, prediction, N, 1, 0.9, 1, &c[0]));
        assert_good(mien_conformal_fit(truth, prediction, N, 1, 0.9, 3, &c[1]));
        for (int i = 0; i < NEXT; i++) {
            int third = mien_conformal_part(&c[1], said[i]);
            all[third]++;
            for (int k = 0; k < 2; k++) {
                double low, high;
                mien_conformal_interval(&c[k], said[i], &low, &high);
                held[k][third] += next[i] >= low && next[i] <= high;
            }
        }
    }
    for (int t = 0; t < 3; t++) {
        assert_near(held[1][t] / all[t], 0.9, 0.02);
    }
    /* one width for all holds too much where errors are small, too little where large
     */
    assert_true(held[0][0] / all[0] > 0.97 && held[0][2] / all[2] < 0.85);
}

static void equal_predictions_have_one_width(void **state) {
    (void)state;
    double truth[30], prediction[30];
    mien_conformal one, three;
    for (int i = 0; i < 30; i++) {
        prediction[i] = 2;
        truth[i] = i;
    }
    assert_good(mien_conformal_fit(truth, prediction, 30, 1, 0.9, 1, &one));
    assert_good(mien_conformal_fit(truth, prediction, 30, 1, 0.9, 3, &three));
    double low, high;
    mien_conformal_interval(&three, 2, &low, &high);
    assert_near(low, 2 + one.low[0], 1e-12);
    assert_near(high, 2 + one.high[0], 1e-12);
}

static void sets_hold_the_class_as_often_as_they_say(void **state) {
    (void)state;
    enum { N = 50, K = 4, DRAWS = 2000 };
    double p[N][K], held = 0;
    int truth[N];
    for (int d = 0; d < DRAWS; d++) {
        mien_stream s;
        mien_stream_init(&s, 5, (uint64_t)d, 0);
        for (int i = 0; i < N; i++) {
            double sum = 0, at = mien_stream_uniform(&s);
            for (int k = 0; k < K; k++) {
                p[i][k] = exp(0.7 * normal(&s));
                sum += p[i][k];
            }
            truth[i] = -1;
            for (int k = 0; k < K; k++) {
                p[i][k] /= sum;
                at -= p[i][k];
                truth[i] = truth[i] < 0 && at < 0 ? k : truth[i];
            }
            truth[i] = truth[i] < 0 ? K - 1 : truth[i];
        }
        double threshold;
        bool in[K];
        const mien_class_answers a = {N - 1, K, truth, NULL, p[0]};
        assert_good(mien_conformal_sets_fit(&a, 1, 0.9, &threshold));
        mien_conformal_set(threshold, K, p[N - 1], 0, in);
        in[0] = p[N - 1][0] >= threshold; /* as it would be, were it not chosen */
        held += in[truth[N - 1]];
    }
    assert_near(held / DRAWS, 0.9, 0.02);
}

static void the_chosen_class_is_always_in_its_set(void **state) {
    (void)state;
    const double p[3] = {0.4, 0.35, 0.25};
    bool in[3];
    assert_int_equal(mien_conformal_set(0.9, 3, p, 0, in), 1);
    assert_true(in[0] && !in[1] && !in[2]);
    assert_int_equal(mien_conformal_set(0.3, 3, p, 0, in), 2);
    assert_int_equal(mien_conformal_set(0, 3, p, 0, in), 3);
}

static void the_narrowest_intervals_have_the_rows_they_say(void **state) {
    (void)state;
    const double error[5] = {1, -2, 3, 4, 0}, width[5] = {1, 1, 2, 3, 4};
    const double share[4] = {0.2, 0.4, 0.6, 1};
    double rmse[4];
    assert_good(mien_narrowest_of(error, width, 5, share, 4, rmse));
    assert_near(rmse[0], sqrt(2.5), 1e-12); /* one of two that are as narrow */
    assert_near(rmse[1], sqrt(2.5), 1e-12);
    assert_near(rmse[2], sqrt(14.0 / 3), 1e-12);
    assert_near(rmse[3], sqrt(6), 1e-12);
    const double same[5] = {2, 2, 2, 2, 2};
    assert_good(mien_narrowest_of(error, same, 5, share, 4, rmse));
    assert_true(isnan(rmse[0]) && isnan(rmse[3]));
}

static void what_cannot_be_fitted_is_refused(void **state) {
    (void)state;
    const double x[2] = {1, 2};
    mien_conformal c;
    assert_fails(mien_conformal_fit(x, x, 0, 1, 0.9, 1, &c), MIEN_EINVAL, "rows");
    assert_fails(mien_conformal_fit(x, x, 2, 1, 1, 1, &c), MIEN_EINVAL, "level");
    assert_fails(mien_conformal_fit(x, x, 2, 1, 0.9, 4, &c), MIEN_EINVAL, "parts");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_lies_at_order_statistics),
        cmocka_unit_test(few_rows_have_the_normal_interval),
        cmocka_unit_test(thirds_are_covered_each),
        cmocka_unit_test(equal_predictions_have_one_width),
        cmocka_unit_test(sets_hold_the_class_as_often_as_they_say),
        cmocka_unit_test(the_chosen_class_is_always_in_its_set),
        cmocka_unit_test(the_narrowest_intervals_have_the_rows_they_say),
        cmocka_unit_test(what_cannot_be_fitted_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
