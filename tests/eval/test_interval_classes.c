/* SPDX-License-Identifier: MIT */
/* Intervals of figures of classes by both rules. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "mien/eval.h"

enum { N = 400 };

static const mien_interval_options rules[] = {
    {.rule = MIEN_INTERVAL_JACKKNIFE, .repeats = 2000, .level = 0.95, .seed = 1},
    {.rule = MIEN_INTERVAL_BOOTSTRAP, .repeats = 2000, .level = 0.95, .seed = 1}};
enum { RULES = sizeof rules / sizeof *rules };

static mien_status class_interval_of(const mien_class_metric *metric,
    const mien_class_answers *a, int a_count, const mien_class_answers *b, int b_count,
    const int64_t *group, const mien_interval_options *o, mien_interval *interval) {
    const mien_class_sample first = {a, a_count, group, NULL},
                            second = {b, b_count, group, NULL};
    return mien_class_intervals(
        &metric, 1, &first, b ? &second : NULL, o, NULL, interval);
}

/* A fixed share of right answers in rows drawn singly. */
typedef struct answers {
    int truth[N], prediction[N];
    int64_t group[N];
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
    }
    return (mien_class_answers){
        .n = N, .classes = 3, .truth = a->truth, .prediction = a->prediction};
}

static mien_status alone(const mien_class_metric *metric, const mien_class_answers *a,
    const int64_t *group, const mien_interval_options *o, mien_interval *interval) {
    return class_interval_of(metric, a, 1, NULL, 0, group, o, interval);
}

static void interval_of_accuracy_is_as_wide_as_the_binomials(void **state) {
    (void)state;
    answers a;
    mien_class_answers given = fill_answers(&a, 0.7, 1);
    for (int k = 0; k < RULES; k++) {
        mien_interval i;
        assert_good(
            alone(mien_class_metric_find("accuracy"), &given, NULL, &rules[k], &i));
        double half = 1.96 * sqrt(i.value * (1 - i.value) / N);
        assert_near(i.low, i.value - half, 0.006);
        assert_near(i.high, i.value + half, 0.006);
    }
}

static void copied_answers_widen_the_interval_only_when_grouped(void **state) {
    (void)state;
    answers a;
    mien_class_answers given = fill_answers(&a, 0.7, 4);
    const mien_class_metric *accuracy = mien_class_metric_find("accuracy");
    for (int k = 0; k < RULES; k++) {
        mien_interval rows, groups;
        assert_good(alone(accuracy, &given, NULL, &rules[k], &rows));
        assert_good(alone(accuracy, &given, a.group, &rules[k], &groups));
        double ratio = (groups.high - groups.low) / (rows.high - rows.low);
        assert_true(ratio > 1.7 && ratio < 2.4);
    }
}

static void intervals_of_two_groups_stay_where_the_figure_can_be(void **state) {
    (void)state;
    static const int truth[] = {0, 1};
    static const double probability[] = {0.95, 0.05, 0.4, 0.6};
    static const int64_t group[] = {0, 1};
    const mien_class_answers given = {
        .n = 2, .classes = 2, .truth = truth, .probability = probability};
    mien_interval i;
    assert_good(alone(mien_class_metric_find("brier"), &given, group, &rules[0], &i));
    assert_near(i.value, (2 * 0.05 * 0.05 + 2 * 0.4 * 0.4) / 2, 1e-12);
    assert_true(i.low >= 0 && i.high <= 2 && i.low < i.value && i.value < i.high);
}

static void answers_are_checked_and_compared_row_by_row(void **state) {
    (void)state;
    answers a, b;
    mien_class_answers one = fill_answers(&a, 0.7, 1), two = fill_answers(&b, 0.7, 1);
    const mien_class_metric *kappa = mien_class_metric_find("kappa");
    mien_interval interval;
    assert_good(class_interval_of(kappa, &one, 1, &two, 1, NULL, &rules[0], &interval));
    assert_near(interval.value, 0, 0);
    assert_near(interval.high, 0, 0);
    two.n = N - 1;
    assert_fails(class_interval_of(kappa, &one, 1, &two, 1, NULL, &rules[0], &interval),
        MIEN_EINVAL, "400 and 399 answers");
    b.truth[9] = 3;
    assert_fails(alone(kappa, &two, NULL, &rules[0], &interval), MIEN_EINVAL, "row 9");
    one.n = 0;
    assert_fails(
        alone(kappa, &one, NULL, &rules[0], &interval), MIEN_EINVAL, "answers");
}

/* Where one is right the other is wrong: the mean accuracy is a half, whatever is
 * drawn. */
static void a_mean_over_answers_is_taken_within_each_resample(void **state) {
    (void)state;
    answers a, b;
    mien_class_answers each[] = {fill_answers(&a, 0.7, 1), fill_answers(&b, 0.7, 1)};
    for (int i = 0; i < N; i++) {
        b.prediction[i] =
            a.prediction[i] == a.truth[i] ? (a.truth[i] + 1) % 3 : a.truth[i];
    }
    const mien_class_metric *accuracy = mien_class_metric_find("accuracy");
    for (int k = 0; k < RULES; k++) {
        mien_interval mean;
        assert_good(
            class_interval_of(accuracy, each, 2, NULL, 0, a.group, &rules[k], &mean));
        assert_near(mean.value, 0.5, 1e-12);
        assert_near(mean.low, 0.5, 1e-12);
        assert_near(mean.high, 0.5, 1e-12);
        assert_fails(
            class_interval_of(accuracy, each, 0, NULL, 0, NULL, &rules[k], &mean),
            MIEN_EINVAL, "no answers");
    }
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
    for (int k = 0; k < 2 * RULES; k++) {
        mien_interval interval;
        int count = 1 + k % 2;
        assert_good(class_interval_of(
            accuracy, a, count, &b, 1, group, &rules[k / 2], &interval));
        double want = count == 1 ? 0.5 : 0;
        assert_near(interval.value, want, 1e-12);
        assert_near(interval.low, want, 1e-12);
        assert_near(interval.high, want, 1e-12);
    }
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

/* The definition, by the rows that are left. */
static void jackknife_leaves_each_group_out(void **state) {
    (void)state;
    enum { GROUPS = 8 };
    answers a;
    mien_class_answers given = fill_answers(&a, 0.6, 1);
    double kappa[GROUPS], bounds[2];
    for (int i = 0; i < N; i++) {
        a.group[i] = i * 3 % GROUPS;
    }
    for (int g = 0; g < GROUPS; g++) {
        answers some;
        mien_class_answers left = given;
        left.n = 0;
        left.truth = some.truth;
        left.prediction = some.prediction;
        for (int i = 0; i < N; i++) {
            if (a.group[i] != g) {
                some.truth[left.n] = a.truth[i];
                some.prediction[left.n++] = a.prediction[i];
            }
        }
        kappa[g] =
            atanh(mien_class_metric_value(mien_class_metric_find("kappa"), &left));
    }
    mien_interval i;
    assert_good(alone(mien_class_metric_find("kappa"), &given, a.group, &rules[0], &i));
    bounds_of(kappa, GROUPS, atanh(i.value), bounds);
    assert_near(atanh(i.low), bounds[0], 1e-8);
    assert_near(atanh(i.high), bounds[1], 1e-8);
}

static mien_status run_once(void *context) {
    mien_interval interval;
    mien_interval_options o = rules[1];
    o.repeats = 5;
    return alone(mien_class_metric_find("macro_f1"), context, NULL, &o, &interval);
}

static void running_out_of_memory_is_reported(void **state) {
    (void)state;
    answers a;
    mien_class_answers given = fill_answers(&a, 0.7, 1);
    support_each_allocation_fails(run_once, &given, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interval_of_accuracy_is_as_wide_as_the_binomials),
        cmocka_unit_test(copied_answers_widen_the_interval_only_when_grouped),
        cmocka_unit_test(intervals_of_two_groups_stay_where_the_figure_can_be),
        cmocka_unit_test(answers_are_checked_and_compared_row_by_row),
        cmocka_unit_test(a_mean_over_answers_is_taken_within_each_resample),
        cmocka_unit_test(a_difference_of_mean_answers_is_known),
        cmocka_unit_test(jackknife_leaves_each_group_out),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
