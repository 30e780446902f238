/* SPDX-License-Identifier: MIT */
/* Intervals by both rules: right width, whole groups, and the same bits whatever the
 * threads. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "mien/eval.h"

enum { N = 400 };

static const mien_interval_options rules[] = {
    {.rule = MIEN_INTERVAL_JACKKNIFE, .repeats = 2000, .level = 0.95, .seed = 1},
    {.rule = MIEN_INTERVAL_BOOTSTRAP, .repeats = 2000, .level = 0.95, .seed = 1}};
enum { RULES = sizeof rules / sizeof *rules };

static mien_status interval_of(const mien_metric *metric, const double *truth,
    const double *prediction, const int64_t *group, const mien_interval_options *o,
    mien_thread_pool *pool, mien_interval *interval) {
    const mien_sample a = {N, truth, &prediction, 1, NULL, group, NULL};
    return mien_intervals(&metric, 1, &a, NULL, o, pool, interval);
}

static mien_status difference_of(const mien_metric *metric, const double *truth,
    const double *const *a, int a_count, const double *const *b, int b_count,
    const int64_t *group, const mien_interval_options *o, mien_interval *interval) {
    const mien_sample first = {N, truth, a, a_count, NULL, group, NULL};
    const mien_sample second = {N, truth, b, b_count, NULL, group, NULL};
    return mien_intervals(&metric, 1, &first, &second, o, NULL, interval);
}

typedef struct sample {
    double truth[N], prediction[N];
    int64_t group[N];
} sample;

/* Pairs with correlation 0.8 (expected); groups of four rows with the same values. */
static void fill(sample *s, bool clustered) {
    mien_random random;
    mien_random_init(&random, 7);
    for (int i = 0; i < N; i++) {
        double a = mien_random_normal(&random), b = mien_random_normal(&random);
        s->truth[i] = a;
        s->prediction[i] = 0.8 * a + 0.6 * b;
        s->group[i] = i / 4;
        if (clustered && i % 4) {
            s->truth[i] = s->truth[i - 1];
            s->prediction[i] = s->prediction[i - 1];
        }
    }
}

static void interval_of_r_is_as_wide_as_fishers(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    for (int k = 0; k < RULES; k++) {
        mien_interval i;
        assert_good(interval_of(
            mien_metric_find("r"), s.truth, s.prediction, NULL, &rules[k], NULL, &i));
        double z = atanh(i.value), half = 1.96 / sqrt(N - 3);
        assert_near(i.low, tanh(z - half), 0.012);
        assert_near(i.high, tanh(z + half), 0.012);
    }
}

static void repeated_rows_widen_the_interval_only_when_grouped(void **state) {
    (void)state;
    sample s;
    fill(&s, true);
    const mien_metric *r = mien_metric_find("r");
    for (int k = 0; k < RULES; k++) {
        mien_interval rows, groups;
        assert_good(
            interval_of(r, s.truth, s.prediction, NULL, &rules[k], NULL, &rows));
        assert_good(
            interval_of(r, s.truth, s.prediction, s.group, &rules[k], NULL, &groups));
        double ratio = (groups.high - groups.low) / (rows.high - rows.low);
        assert_true(ratio > 1.7 && ratio < 2.4); /* four copies: √4 */
    }
}

static void threads_do_not_change_the_interval(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    mien_thread_pool *pool = NULL;
    assert_good(mien_thread_pool_new(3, &pool));
    const mien_metric *ccc = mien_metric_find("ccc");
    for (int k = 0; k < RULES; k++) {
        mien_interval one, three;
        assert_good(
            interval_of(ccc, s.truth, s.prediction, s.group, &rules[k], NULL, &one));
        assert_good(
            interval_of(ccc, s.truth, s.prediction, s.group, &rules[k], pool, &three));
        assert_memory_equal(&one, &three, sizeof one);
    }
    mien_thread_pool_free(&pool);
}

/* Of three rows nothing is known of skewness: the textbook's t interval. */
static void jackknife_of_a_mean_is_students_interval(void **state) {
    (void)state;
    const double x[3] = {1, 4, 10};
    mien_interval i;
    assert_good(mien_interval_of_mean(x, 3, &rules[0], NULL, &i));
    /* sd √21, t(2) .975 = 4.302652730 */
    double half = 4.302652730 * sqrt(21.0 / 3);
    assert_near(i.value, 5, 1e-14);
    assert_near(i.low, 5 - half, 1e-8);
    assert_near(i.high, 5 + half, 1e-8);
}

/* Squares are skewed: Student's t alone would cover less (see docs/numerics.md). */
static void skewed_groups_are_covered(void **state) {
    (void)state;
    enum { REPEATS = 4000, GROUPS = 8 };
    mien_random random;
    mien_random_init(&random, 2);
    int within = 0;
    for (int r = 0; r < REPEATS; r++) {
        double truth[GROUPS] = {0}, prediction[GROUPS];
        const double *each = prediction;
        const mien_metric *rmse = mien_metric_find("rmse");
        const mien_sample a = {GROUPS, truth, &each, 1, NULL, NULL, NULL};
        mien_interval i;
        for (int g = 0; g < GROUPS; g++) {
            prediction[g] = mien_random_normal(&random);
        }
        assert_good(mien_intervals(&rmse, 1, &a, NULL, &rules[0], NULL, &i));
        within += i.low <= 1 && 1 <= i.high;
    }
    double share = (double)within / REPEATS;
    assert_true(share > 0.92 && share < 0.98);
}

/* The bounds by their definition, from what a figure is (on its scale) with each group
 * left out; python/golden has no peer for it: Hall 1992, and k-statistics of the
 * influences. */
static void bounds_of(const double *left_out, int n, double value, double *bounds) {
    double mean = 0, m2 = 0, m3 = 0, m4 = 0;
    for (int g = 0; g < n; g++) {
        mean += left_out[g] / n;
    }
    for (int g = 0; g < n; g++) {
        double u = (n - 1) * (mean - left_out[g]);
        m2 += u * u / n;
        m3 += u * u * u / n;
        m4 += pow(u, 4) / n;
    }
    double skewness = m3 / pow(m2, 1.5) * sqrt((double)n * (n - 1)) / (n - 2);
    double excess =
        (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1) * (m4 / (m2 * m2) - 3) + 6);
    double freedom = fmin(n - 1, fmax(1.5, 2 * n / (excess + 2.0 * n / (n - 1))));
    double t = mien_student_two_sided(0.05, freedom), a = skewness / sqrt(n);
    for (int k = 0; k < 2; k++) {
        double z = (k ? -t : t) - a / 6;
        bounds[k] = value - sqrt(m2 / (n - 1)) * 3 / a * (cbrt(1 + a * z) - 1);
    }
}

/* The definition, by the rows that are left: no sums of groups. */
static void jackknife_leaves_each_group_out(void **state) {
    (void)state;
    enum { GROUPS = 6 };
    sample s;
    double z[GROUPS], truth[N], prediction[N];
    fill(&s, false);
    for (int i = 0; i < N; i++) {
        s.group[i] = i % 7 ? i % 5 : 5; /* of different sizes */
    }
    for (int g = 0; g < GROUPS; g++) {
        mien_pairs left = {0, truth, prediction, NULL};
        for (int i = 0; i < N; i++) {
            if (s.group[i] != g) {
                truth[left.n] = s.truth[i];
                prediction[left.n++] = s.prediction[i];
            }
        }
        z[g] = atanh(mien_metric_value(mien_metric_find("r"), &left));
    }
    mien_interval i;
    assert_good(interval_of(
        mien_metric_find("r"), s.truth, s.prediction, s.group, &rules[0], NULL, &i));
    double bounds[2];
    bounds_of(z, GROUPS, atanh(i.value), bounds);
    assert_near(atanh(i.low), bounds[0], 1e-8);
    assert_near(atanh(i.high), bounds[1], 1e-8);
}

/* The same draws, by rows. */
static void bootstrap_by_sums_is_that_of_drawn_rows(void **state) {
    (void)state;
    enum { REPEATS = 50, GROUPS = N / 4 };
    sample s;
    fill(&s, false);
    double null[N], truth[N], prediction[N], drawn_null[N], sample_of[16][REPEATS];
    mien_interval_options o = rules[1];
    assert_true(mien_metric_count() <= 16);
    o.repeats = REPEATS;
    for (int i = 0; i < N; i++) {
        s.truth[i] += 100;
        s.prediction[i] += 100;
        null[i] = 100 + 0.1 * (i % 3);
    }
    for (int k = 0; k < REPEATS; k++) {
        mien_stream stream;
        mien_pairs pairs = {0, truth, prediction, drawn_null};
        mien_stream_init(&stream, o.seed, (uint64_t)k, 0);
        for (int g = 0; g < GROUPS; g++) {
            int drawn = (int)(mien_stream_uniform(&stream) * GROUPS);
            for (int i = 4 * drawn; i < 4 * drawn + 4; i++) {
                truth[pairs.n] = s.truth[i];
                prediction[pairs.n] = s.prediction[i];
                drawn_null[pairs.n++] = null[i];
            }
        }
        for (int m = 0; m < mien_metric_count(); m++) {
            sample_of[m][k] = mien_metric_value(mien_metric_at(m), &pairs);
        }
    }
    for (int m = 0; m < mien_metric_count(); m++) {
        const mien_metric *metric = mien_metric_at(m);
        const double *prediction_of = s.prediction;
        const mien_sample a = {N, s.truth, &prediction_of, 1, null, s.group, NULL};
        mien_interval i;
        assert_good(mien_intervals(&metric, 1, &a, NULL, &o, NULL, &i));
        double least = INFINITY, second = INFINITY;
        for (int k = 0; k < REPEATS; k++) {
            double x = sample_of[m][k];
            second = x < least ? least : fmin(second, x);
            least = fmin(least, x);
        }
        /* 2.5 % of 49 steps: 1.225, between the second and the third; so ask for 1 / 49
         */
        o.level = 1 - 2.0 / 49;
        assert_good(mien_intervals(&metric, 1, &a, NULL, &o, NULL, &i));
        assert_near(i.low, second, 1e-9 * fmax(1, fabs(second)));
        o.level = rules[1].level;
    }
}

static void a_prediction_does_not_differ_from_itself(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    const double *a = s.prediction;
    for (int k = 0; k < RULES; k++) {
        mien_interval i;
        assert_good(difference_of(
            mien_metric_find("rmse"), s.truth, &a, 1, &a, 1, s.group, &rules[k], &i));
        assert_near(i.value, 0, 0);
        assert_near(i.low, 0, 0);
        assert_near(i.high, 0, 0);
    }
}

static void a_clearly_better_prediction_excludes_zero(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    double worse[N];
    for (int i = 0; i < N; i++) {
        worse[i] = s.prediction[(i + 1) % N];
    }
    const double *a = s.prediction, *b = worse;
    for (int k = 0; k < RULES; k++) {
        mien_interval i;
        assert_good(difference_of(
            mien_metric_find("r"), s.truth, &a, 1, &b, 1, NULL, &rules[k], &i));
        assert_true(i.low > 0.5);
    }
}

static void a_difference_of_means_is_the_mean_of_differences(void **state) {
    (void)state;
    /* mean errors 1 and 3 against 2.5, the same in every row: no resample differs */
    double near[N], far[N], middle[N];
    sample s;
    fill(&s, false);
    for (int i = 0; i < N; i++) {
        near[i] = s.truth[i] + 1;
        far[i] = s.truth[i] - 3;
        middle[i] = s.truth[i] + (i % 2 ? 2.5 : -2.5);
    }
    const double *a[] = {near, far}, *b[] = {middle};
    const mien_metric *mae = mien_metric_find("mae");
    for (int k = 0; k < RULES; k++) {
        mien_interval i;
        assert_good(difference_of(mae, s.truth, a, 2, b, 1, s.group, &rules[k], &i));
        assert_near(i.value, -0.5, 1e-12);
        assert_near(i.low, -0.5, 1e-12);
        assert_near(i.high, -0.5, 1e-12);
        assert_good(difference_of(mae, s.truth, b, 1, a, 2, s.group, &rules[k], &i));
        assert_near(i.value, 0.5, 1e-12);
        assert_fails(difference_of(mae, s.truth, a, 2, b, 0, s.group, &rules[k], &i),
            MIEN_EINVAL, "0 predictions");
    }
}

static void senseless_options_are_refused(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    mien_interval interval;
    mien_interval_options o = mien_interval_options_default();
    o.level = 1;
    assert_fails(interval_of(mien_metric_find("r"), s.truth, s.prediction, NULL, &o,
                     NULL, &interval),
        MIEN_EINVAL, "level");
    const mien_metric *r = mien_metric_find("r");
    const double *prediction = s.prediction;
    const mien_sample none = {0, s.truth, &prediction, 1, NULL, NULL, NULL};
    assert_fails(mien_intervals(&r, 1, &none, NULL, NULL, NULL, &interval), MIEN_EINVAL,
        "0 rows");
}

static void one_group_has_a_figure_and_no_interval(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    for (int i = 0; i < N; i++) {
        s.group[i] = 7;
    }
    for (int k = 0; k < RULES; k++) {
        mien_interval i;
        assert_good(interval_of(mien_metric_find("r"), s.truth, s.prediction, s.group,
            &rules[k], NULL, &i));
        assert_true(isfinite(i.value) && isnan(i.low) && isnan(i.high));
    }
}

/* One group of 30,000 rows and 30,000 of one: what used to ask for memory by the
 * largest. */
static void lopsided_groups_cost_what_their_rows_do(void **state) {
    (void)state;
    enum { ROWS = 60000 };
    double *x = mien_alloc(2 * ROWS, sizeof *x);
    int64_t *group = mien_alloc(ROWS, sizeof *group);
    mien_random random;
    mien_random_init(&random, 3);
    for (int i = 0; i < ROWS; i++) {
        x[i] = mien_random_normal(&random);
        x[ROWS + i] = x[i] + mien_random_normal(&random);
        group[i] = i < ROWS / 2 ? 0 : i;
    }
    const double *prediction = x + ROWS;
    const mien_sample a = {ROWS, x, &prediction, 1, NULL, group, NULL};
    const mien_metric *r = mien_metric_find("r");
    mien_interval_options o = rules[1];
    o.repeats = 20;
    mien_interval i;
    assert_good(mien_intervals(&r, 1, &a, NULL, &o, NULL, &i));
    assert_near(i.value, sqrt(0.5), 0.01);
    assert_true(i.low < i.value && i.value < i.high);
    assert_good(mien_intervals(&r, 1, &a, NULL, &rules[0], NULL, &i));
    assert_true(i.low < i.value && i.value < i.high);
    mien_free(group);
    mien_free(x);
}

/* Resamples of one stimulus have a constant truth, whether or not it is exact in
 * binary. */
static void resamples_that_do_not_vary_are_left_out(void **state) {
    (void)state;
    enum { EACH = 20, STIMULI = 3 };
    static const double rated[2][STIMULI] = {{0.125, 0.5, 0.75}, {0.1, 0.5, 0.7}};
    for (int inexact = 0; inexact < 2; inexact++) {
        double truth[N], prediction[N];
        int64_t group[N];
        mien_random random;
        mien_random_init(&random, 5);
        for (int i = 0; i < N; i++) {
            group[i] = i % STIMULI;
            truth[i] = rated[inexact][i % STIMULI];
            prediction[i] = truth[i] + 0.1 * mien_random_normal(&random);
        }
        for (int k = 0; k < RULES; k++) {
            mien_interval r2, r;
            assert_good(interval_of(mien_metric_find("r2"), truth, prediction, group,
                &rules[k], NULL, &r2));
            assert_good(interval_of(
                mien_metric_find("r"), truth, prediction, group, &rules[k], NULL, &r));
            assert_true(r2.low > (k == 1 ? -1 : -1000) && r2.high < 1);
            assert_true(r.low > (k == 1 ? 0.5 : -1));
        }
    }
}

/* Its error is larger by 1 in every row, so in every resample. */
static void a_mean_over_predictions_is_taken_within_each_resample(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    double above[N], higher[N];
    for (int i = 0; i < N; i++) {
        above[i] = s.truth[i] + fabs(s.prediction[i]);
        higher[i] = above[i] + 1;
    }
    const double *const both[] = {above, higher};
    const mien_metric *mae = mien_metric_find("mae");
    for (int k = 0; k < RULES; k++) {
        const mien_sample two = {N, s.truth, both, 2, NULL, s.group, NULL};
        const mien_sample none = {N, s.truth, both, 0, NULL, s.group, NULL};
        mien_interval one, mean;
        assert_good(interval_of(mae, s.truth, above, s.group, &rules[k], NULL, &one));
        assert_good(mien_intervals(&mae, 1, &two, NULL, &rules[k], NULL, &mean));
        assert_near(mean.value, one.value + 0.5, 1e-12);
        if (rules[k].rule ==
            MIEN_INTERVAL_BOOTSTRAP) { /* the other is on a log scale */
            assert_near(mean.low, one.low + 0.5, 1e-12);
            assert_near(mean.high, one.high + 0.5, 1e-12);
        }
        assert_fails(mien_intervals(&mae, 1, &none, NULL, &rules[k], NULL, &mean),
            MIEN_EINVAL, "0 predictions");
    }
}

static mien_status run_once(void *context) {
    sample *s = context;
    mien_interval interval;
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < RULES; k++) {
        mien_interval_options o = rules[k];
        o.repeats = 5;
        status = interval_of(mien_metric_find("r"), s->truth, s->prediction, s->group,
            &o, NULL, &interval);
    }
    return status;
}

static void running_out_of_memory_is_reported(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    support_each_allocation_fails(run_once, &s, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_of_r_is_as_wide_as_fishers),
        cmocka_unit_test(repeated_rows_widen_the_interval_only_when_grouped),
        cmocka_unit_test(threads_do_not_change_the_interval),
        cmocka_unit_test(jackknife_of_a_mean_is_students_interval),
        cmocka_unit_test(skewed_groups_are_covered),
        cmocka_unit_test(jackknife_leaves_each_group_out),
        cmocka_unit_test(bootstrap_by_sums_is_that_of_drawn_rows),
        cmocka_unit_test(a_prediction_does_not_differ_from_itself),
        cmocka_unit_test(a_clearly_better_prediction_excludes_zero),
        cmocka_unit_test(a_difference_of_means_is_the_mean_of_differences),
        cmocka_unit_test(senseless_options_are_refused),
        cmocka_unit_test(one_group_has_a_figure_and_no_interval),
        cmocka_unit_test(lopsided_groups_cost_what_their_rows_do),
        cmocka_unit_test(resamples_that_do_not_vary_are_left_out),
        cmocka_unit_test(a_mean_over_predictions_is_taken_within_each_resample),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
