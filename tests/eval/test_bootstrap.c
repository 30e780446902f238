/* SPDX-License-Identifier: MIT */
/* Intervals: right width, whole groups, and the same bits whatever the threads. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "mien/eval.h"

enum { N = 400 };

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
    mien_interval interval;
    assert_good(mien_bootstrap(
        mien_metric_find("r"), s.truth, s.prediction, NULL, N, NULL, NULL, &interval));
    double z = atanh(interval.value), half = 1.96 / sqrt(N - 3);
    assert_near(interval.low, tanh(z - half), 0.012);
    assert_near(interval.high, tanh(z + half), 0.012);
}

static void repeated_rows_widen_the_interval_only_when_grouped(void **state) {
    (void)state;
    sample s;
    fill(&s, true);
    mien_interval rows, groups;
    const mien_metric *r = mien_metric_find("r");
    assert_good(mien_bootstrap(r, s.truth, s.prediction, NULL, N, NULL, NULL, &rows));
    assert_good(
        mien_bootstrap(r, s.truth, s.prediction, s.group, N, NULL, NULL, &groups));
    double ratio = (groups.high - groups.low) / (rows.high - rows.low);
    assert_true(ratio > 1.7 && ratio < 2.4); /* four copies: √4 */
}

static void threads_do_not_change_the_interval(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    mien_pool *pool = NULL;
    assert_good(mien_pool_new(3, &pool));
    mien_interval one, three;
    const mien_metric *ccc = mien_metric_find("ccc");
    assert_good(
        mien_bootstrap(ccc, s.truth, s.prediction, s.group, N, NULL, NULL, &one));
    assert_good(
        mien_bootstrap(ccc, s.truth, s.prediction, s.group, N, NULL, pool, &three));
    mien_pool_free(&pool);
    assert_memory_equal(&one, &three, sizeof one);
}

static void a_prediction_does_not_differ_from_itself(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    mien_interval interval;
    assert_good(mien_bootstrap_difference(mien_metric_find("rmse"), s.truth,
        s.prediction, s.prediction, s.group, N, NULL, NULL, &interval));
    assert_near(interval.value, 0, 0);
    assert_near(interval.low, 0, 0);
    assert_near(interval.high, 0, 0);
}

static void a_clearly_better_prediction_excludes_zero(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    double worse[N];
    for (int i = 0; i < N; i++) {
        worse[i] = s.prediction[(i + 1) % N];
    }
    mien_interval interval;
    assert_good(mien_bootstrap_difference(mien_metric_find("r"), s.truth, s.prediction,
        worse, NULL, N, NULL, NULL, &interval));
    assert_true(interval.low > 0.5);
}

/* On the same resamples a difference of means is the mean of differences. */
static void a_difference_of_means_is_over_all_of_both(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    double worse[N];
    for (int i = 0; i < N; i++) {
        worse[i] = s.prediction[i] + (i % 3);
    }
    const double *const a[] = {s.prediction, worse};
    const double *const b[] = {worse, s.prediction, worse, s.prediction};
    const mien_metric *mse = mien_metric_find("mse");
    mien_interval same, plain, mean;
    assert_good(mien_bootstrap_mean_difference(
        mse, s.truth, a, 2, b, 4, s.group, N, NULL, NULL, &same));
    assert_near(same.value, 0, 1e-12);
    assert_near(same.high, 0, 1e-12);
    assert_good(mien_bootstrap_difference(
        mse, s.truth, worse, s.prediction, s.group, N, NULL, NULL, &plain));
    assert_good(mien_bootstrap_mean_difference(
        mse, s.truth, a + 1, 1, b, 2, s.group, N, NULL, NULL, &mean));
    assert_near(mean.value, plain.value / 2, 1e-9);
    assert_near(mean.low, plain.low / 2, 1e-9);
    assert_fails(mien_bootstrap_mean_difference(
                     mse, s.truth, a, 0, b, 2, s.group, N, NULL, NULL, &mean),
        MIEN_EINVAL, "no predictions");
}

static void senseless_options_are_refused(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    mien_interval interval;
    mien_bootstrap_options o = mien_bootstrap_options_default();
    o.level = 1;
    assert_fails(mien_bootstrap(mien_metric_find("r"), s.truth, s.prediction, NULL, N,
                     &o, NULL, &interval),
        MIEN_EINVAL, "level");
    assert_fails(mien_bootstrap(mien_metric_find("r"), s.truth, s.prediction, NULL, 0,
                     NULL, NULL, &interval),
        MIEN_EINVAL, "0 rows");
}

/* Classes: a fixed share p of right answers in rows drawn singly. */
typedef struct answers {
    int truth[N], prediction[N];
    int64_t group[N], row[N];
} answers;

static mien_class_answers fill_answers(answers *a, double right, int copies) {
    mien_random random;
    mien_random_init(&random, 4);
    for (int i = 0; i < N; i++) {
        bool copied = i % copies != 0;
        a->truth[i] = i / copies % 3;
        a->prediction[i] = copied ? a->prediction[i - 1]
                           : mien_random_uniform(&random) < right
                               ? a->truth[i]
                               : (a->truth[i] + 1) % 3;
        a->group[i] = i / copies;
        a->row[i] = N - 1 - i;
    }
    return (mien_class_answers){
        .n = N, .classes = 3, .truth = a->truth, .prediction = a->prediction};
}

static void interval_of_accuracy_is_as_wide_as_the_binomials(void **state) {
    (void)state;
    answers a;
    mien_class_answers given = fill_answers(&a, 0.7, 1);
    mien_interval interval;
    const mien_class_metric *accuracy = mien_class_metric_find("accuracy");
    assert_good(mien_class_bootstrap(accuracy, &given, NULL, NULL, NULL, &interval));
    double half = 1.96 * sqrt(interval.value * (1 - interval.value) / N);
    assert_near(interval.low, interval.value - half, 0.006);
    assert_near(interval.high, interval.value + half, 0.006);
}

static void copied_answers_widen_the_interval_only_when_grouped(void **state) {
    (void)state;
    answers a;
    mien_class_answers given = fill_answers(&a, 0.7, 4);
    mien_interval rows, groups;
    const mien_class_metric *accuracy = mien_class_metric_find("accuracy");
    assert_good(mien_class_bootstrap(accuracy, &given, NULL, NULL, NULL, &rows));
    assert_good(mien_class_bootstrap(accuracy, &given, a.group, NULL, NULL, &groups));
    double ratio = (groups.high - groups.low) / (rows.high - rows.low);
    assert_true(ratio > 1.7 && ratio < 2.4);
}

static void answers_are_checked_and_compared_row_by_row(void **state) {
    (void)state;
    answers a, b;
    mien_class_answers one = fill_answers(&a, 0.7, 1), two = fill_answers(&b, 0.7, 1);
    mien_interval interval;
    const mien_class_metric *kappa = mien_class_metric_find("kappa");
    one.row = a.row; /* the same rows, from behind */
    two.row = a.row;
    assert_good(mien_class_bootstrap_difference(
        kappa, &one, &two, NULL, NULL, NULL, &interval));
    assert_near(interval.value, 0, 0);
    assert_near(interval.high, 0, 0);
    two.n = N - 1;
    assert_fails(
        mien_class_bootstrap_difference(kappa, &one, &two, NULL, NULL, NULL, &interval),
        MIEN_EINVAL, "400 and 399 answers");
    b.truth[9] = 3;
    assert_fails(mien_class_bootstrap(kappa, &two, NULL, NULL, NULL, &interval),
        MIEN_EINVAL, "row 9");
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
    mien_interval one, mean;
    assert_good(mien_bootstrap(mae, s.truth, above, s.group, N, NULL, NULL, &one));
    assert_good(
        mien_bootstrap_mean(mae, s.truth, both, 2, s.group, N, NULL, NULL, &mean));
    assert_near(mean.value, one.value + 0.5, 1e-12);
    assert_near(mean.low, one.low + 0.5, 1e-12);
    assert_near(mean.high, one.high + 0.5, 1e-12);
    assert_fails(
        mien_bootstrap_mean(mae, s.truth, both, 0, s.group, N, NULL, NULL, &mean),
        MIEN_EINVAL, "no predictions");
}

/* Where one is right the other is wrong: the mean accuracy is a half, whatever is
 * drawn.
 */
static void a_mean_over_answers_is_taken_within_each_resample(void **state) {
    (void)state;
    answers a, b;
    mien_class_answers each[] = {fill_answers(&a, 0.7, 1), fill_answers(&b, 0.7, 1)};
    for (int i = 0; i < N; i++) {
        b.prediction[i] =
            a.prediction[i] == a.truth[i] ? (a.truth[i] + 1) % 3 : a.truth[i];
    }
    const mien_class_metric *accuracy = mien_class_metric_find("accuracy");
    mien_interval mean;
    assert_good(
        mien_class_bootstrap_mean(accuracy, each, 2, a.group, NULL, NULL, &mean));
    assert_near(mean.value, 0.5, 1e-12);
    assert_near(mean.low, 0.5, 1e-12);
    assert_near(mean.high, 0.5, 1e-12);
    assert_fails(mien_class_bootstrap_mean(accuracy, each, 0, NULL, NULL, NULL, &mean),
        MIEN_EINVAL, "no answers");
    each[1].n = N - 1;
    assert_fails(mien_class_bootstrap_mean(accuracy, each, 2, NULL, NULL, NULL, &mean),
        MIEN_EINVAL, "400 and 399 answers");
}

static mien_status run_classes_once(void *context) {
    mien_interval interval;
    mien_bootstrap_options o = {.repeats = 5, .level = 0.9, .seed = 1};
    return mien_class_bootstrap(
        mien_class_metric_find("macro_f1"), context, NULL, &o, NULL, &interval);
}

static mien_status run_once(void *context) {
    sample *s = context;
    mien_interval interval;
    mien_bootstrap_options o = {.repeats = 5, .level = 0.9, .seed = 1};
    return mien_bootstrap(mien_metric_find("r"), s->truth, s->prediction, s->group, N,
        &o, NULL, &interval);
}

static void running_out_of_memory_is_reported(void **state) {
    (void)state;
    sample s;
    fill(&s, false);
    support_each_allocation_fails(run_once, &s, 50);
    answers a;
    mien_class_answers given = fill_answers(&a, 0.7, 1);
    support_each_allocation_fails(run_classes_once, &given, 50);
}

/* All right, and with all wrong beside, against half right in each group: 1 − 0.5, then
 * 0.5 − 0.5. */
static void a_difference_of_mean_answers_is_known(void **state) {
    (void)state;
    int truth[8], wrong[8], half[8];
    int64_t group[8];
    for (int i = 0; i < 8; i++) {
        truth[i] = i % 3;
        wrong[i] = (truth[i] + 1) % 3;
        half[i] = i % 2 ? truth[i] : wrong[i];
        group[i] = i / 2;
    }
    const mien_class_answers right = {
        .n = 8, .classes = 3, .truth = truth, .prediction = truth};
    mien_class_answers a[] = {right, right}, b = right;
    a[1].prediction = wrong;
    b.prediction = half;
    const mien_class_metric *accuracy = mien_class_metric_find("accuracy");
    mien_interval interval;
    for (int count = 1; count <= 2; count++) {
        assert_good(mien_class_bootstrap_mean_difference(
            accuracy, a, count, &b, 1, group, NULL, NULL, &interval));
        double want = count == 1 ? 0.5 : 0;
        assert_near(interval.value, want, 1e-12);
        assert_near(interval.low, want, 1e-12);
        assert_near(interval.high, want, 1e-12);
    }
    assert_fails(mien_class_bootstrap_mean_difference(
                     accuracy, a, 0, &b, 1, group, NULL, NULL, &interval),
        MIEN_EINVAL, "no answers");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_of_r_is_as_wide_as_fishers),
        cmocka_unit_test(repeated_rows_widen_the_interval_only_when_grouped),
        cmocka_unit_test(threads_do_not_change_the_interval),
        cmocka_unit_test(a_prediction_does_not_differ_from_itself),
        cmocka_unit_test(a_clearly_better_prediction_excludes_zero),
        cmocka_unit_test(a_difference_of_means_is_over_all_of_both),
        cmocka_unit_test(a_difference_of_mean_answers_is_known),
        cmocka_unit_test(senseless_options_are_refused),
        cmocka_unit_test(interval_of_accuracy_is_as_wide_as_the_binomials),
        cmocka_unit_test(copied_answers_widen_the_interval_only_when_grouped),
        cmocka_unit_test(answers_are_checked_and_compared_row_by_row),
        cmocka_unit_test(a_mean_over_predictions_is_taken_within_each_resample),
        cmocka_unit_test(a_mean_over_answers_is_taken_within_each_resample),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
