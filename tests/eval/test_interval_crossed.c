/* SPDX-License-Identifier: MIT */
/* Intervals over persons and stimuli: right width where both have effects of their own,
 * figures within persons, differences of cells, and refusals. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "mien/eval.h"

enum { PERSONS = 14, STIMULI = 18, ROWS = PERSONS * STIMULI };

typedef struct rows {
    double truth[ROWS], prediction[ROWS], null[ROWS];
    int64_t person[ROWS], stimulus[ROWS];
} rows;

static mien_crossed_sample sample_of(const rows *r, const double *const *prediction) {
    return (mien_crossed_sample){.n = ROWS,
        .truth = r->truth,
        .predictions = prediction,
        .count = 1,
        .null = r->null,
        .person = r->person,
        .stimulus = r->stimulus};
}

/* truth = a person's offset + a stimulus' offset + noise, prediction: `gain` of the
 * stimulus' offset and effects of its own, also of persons and stimuli. */
static void fill(rows *r, uint32_t seed, double person, double stimulus, double gain) {
    mien_random random;
    double p[PERSONS], q[PERSONS], s[STIMULI], u[STIMULI];
    mien_random_init(&random, seed);
    for (int i = 0; i < PERSONS; i++) {
        p[i] = person * mien_random_normal(&random);
        q[i] = person * mien_random_normal(&random);
    }
    for (int k = 0; k < STIMULI; k++) {
        s[k] = stimulus * mien_random_normal(&random);
        u[k] = stimulus * mien_random_normal(&random);
    }
    for (int i = 0; i < ROWS; i++) {
        int a = i / STIMULI, b = i % STIMULI;
        r->person[i] = a;
        r->stimulus[i] = b;
        r->null[i] = 0;
        r->truth[i] = p[a] + s[b] + mien_random_normal(&random);
        r->prediction[i] = gain * s[b] + q[a] + u[b] + mien_random_normal(&random);
    }
}

static mien_interval interval_of(
    const rows *r, const char *metric, bool within, mien_interval_rule rule) {
    const double *prediction = r->prediction;
    const mien_crossed_sample a = sample_of(r, &prediction);
    const mien_crossed_figure figure = {mien_metric_find(metric), within};
    mien_interval_options o = mien_interval_options_default();
    mien_interval i;
    o.rule = rule;
    o.repeats = 400;
    assert_good(
        mien_crossed_intervals(&figure, 1, &a, NULL, PERSONS, STIMULI, &o, NULL, &i));
    return i;
}

/* The mean error (truth − prediction squared) has a known expectation whatever persons
 * and stimuli are drawn: 2 (person² + stimulus² + 1) + the square of what gain leaves.
 */
static void check_coverage(mien_interval_rule rule, int low, int high) {
    enum { REPEATS = 200 };
    static rows r;
    const double person = 0.7, stimulus = 0.8;
    const double want = 2 * (person * person + stimulus * stimulus + 1);
    int held = 0, one_way = 0;
    for (uint32_t seed = 0; seed < REPEATS; seed++) {
        fill(&r, seed, person, stimulus, 0);
        mien_interval i = interval_of(&r, "mse", false, rule);
        held += i.low <= want && want <= i.high;
        const double *prediction = r.prediction;
        const mien_sample alone = {
            .n = ROWS, .truth = r.truth, .predictions = &prediction, .count = 1};
        const mien_metric *mse = mien_metric_find("mse");
        assert_good(mien_intervals(&mse, 1, &alone, NULL, NULL, NULL, &i));
        one_way += i.low <= want && want <= i.high;
    }
    print_message("covers %d of %d, taking rows singly %d\n", held, REPEATS, one_way);
    assert_true(held >= low && held <= high);
    assert_true(one_way < held - 20);
}

static void jackknife_covers_as_often_as_it_says(void **state) {
    (void)state;
    check_coverage(MIEN_INTERVAL_JACKKNIFE, 178, 200);
}

static void bootstrap_covers_as_often_as_it_says(void **state) {
    (void)state;
    check_coverage(MIEN_INTERVAL_BOOTSTRAP, 174, 200);
}

static void figures_are_those_of_rows(void **state) {
    (void)state;
    static rows r;
    fill(&r, 3, 1, 1, 1);
    const mien_pairs pairs = {ROWS, r.truth, r.prediction, r.null};
    double sum = 0;
    for (int p = 0; p < PERSONS; p++) {
        const mien_pairs one = {STIMULI, r.truth + p * STIMULI,
            r.prediction + p * STIMULI, r.null + p * STIMULI};
        sum += mien_metric_value(mien_metric_find("r"), &one) / PERSONS;
    }
    for (int rule = 0; rule < 2; rule++) {
        mien_interval pooled = interval_of(&r, "r", false, (mien_interval_rule)rule);
        mien_interval within = interval_of(&r, "r", true, (mien_interval_rule)rule);
        assert_near(
            pooled.value, mien_metric_value(mien_metric_find("r"), &pairs), 1e-12);
        assert_near(within.value, sum, 1e-12);
        assert_true(within.low < within.value && within.value < within.high);
    }
}

static void what_persons_shift_has_no_say_within_them(void **state) {
    (void)state;
    static rows r;
    fill(&r, 4, 0, 1, 1);
    mien_interval before = interval_of(&r, "r", true, MIEN_INTERVAL_JACKKNIFE);
    for (int i = 0; i < ROWS; i++) {
        r.truth[i] += 3.0 * (double)(r.person[i] % 4);
        r.prediction[i] -= 5.0 * (double)(r.person[i] % 3);
    }
    mien_interval after = interval_of(&r, "r", true, MIEN_INTERVAL_JACKKNIFE);
    assert_near(after.value, before.value, 1e-12);
    assert_near(after.low, before.low, 1e-9);
    assert_near(after.high, before.high, 1e-9);
}

static void difference_of_a_sample_and_itself_is_nothing(void **state) {
    (void)state;
    static rows r;
    fill(&r, 5, 1, 1, 1);
    const double *prediction = r.prediction;
    const mien_crossed_sample a = sample_of(&r, &prediction);
    const mien_crossed_figure figures[] = {
        {mien_metric_find("r"), false}, {mien_metric_find("r"), true}};
    for (int rule = 0; rule < 2; rule++) {
        mien_interval_options o = mien_interval_options_default();
        mien_interval i[2];
        o.rule = (mien_interval_rule)rule;
        o.repeats = 50;
        assert_good(
            mien_crossed_intervals(figures, 2, &a, &a, PERSONS, STIMULI, &o, NULL, i));
        for (int f = 0; f < 2; f++) {
            assert_near(i[f].value, 0, 1e-12);
            assert_near(i[f].low, 0, 1e-12);
            assert_near(i[f].high, 0, 1e-12);
        }
    }
}

static void threads_do_not_matter(void **state) {
    (void)state;
    static rows r;
    fill(&r, 6, 1, 1, 1);
    const double *prediction = r.prediction;
    const mien_crossed_sample a = sample_of(&r, &prediction);
    const mien_crossed_figure figure = {mien_metric_find("ccc"), true};
    mien_thread_pool *pool = NULL;
    assert_good(mien_thread_pool_new(3, &pool));
    for (int rule = 0; rule < 2; rule++) {
        mien_interval_options o = mien_interval_options_default();
        mien_interval one, three;
        o.rule = (mien_interval_rule)rule;
        o.repeats = 100;
        assert_good(mien_crossed_intervals(
            &figure, 1, &a, NULL, PERSONS, STIMULI, &o, NULL, &one));
        assert_good(mien_crossed_intervals(
            &figure, 1, &a, NULL, PERSONS, STIMULI, &o, pool, &three));
        assert_memory_equal(&one, &three, sizeof one);
    }
    mien_thread_pool_free(&pool);
}

/* Half of a person's answers right, by persons: within them as good as pooled. */
static void classes_are_judged_too(void **state) {
    (void)state;
    static rows r;
    static int truth[ROWS], prediction[ROWS];
    fill(&r, 7, 0, 0, 0);
    for (int i = 0; i < ROWS; i++) {
        truth[i] = r.truth[i] > 0;
        prediction[i] = i % 4 == 0 ? 1 - truth[i] : truth[i];
    }
    const mien_class_answers answers = {ROWS, 2, truth, prediction, NULL};
    const mien_crossed_class_sample a = {&answers, 1, r.person, r.stimulus};
    const mien_crossed_figure figures[] = {{mien_class_metric_find("accuracy"), false},
        {mien_class_metric_find("accuracy"), true}};
    mien_interval i[2];
    assert_good(mien_crossed_class_intervals(
        figures, 2, &a, NULL, PERSONS, STIMULI, NULL, NULL, i));
    assert_near(i[0].value, 0.75, 1e-12);
    assert_near(i[1].value, 0.75, 0.02);
    for (int f = 0; f < 2; f++) {
        assert_true(i[f].low > 0.6 && i[f].low < 0.75 && i[f].high < 0.9);
    }
}

/* A sample that says what lies across its groups is judged as crossed rows are; p is
 * that of the level whose interval ends at 0. */
static void across_of_a_sample_is_crossed(void **state) {
    (void)state;
    static rows r;
    fill(&r, 11, 1, 1, 0.3);
    const double *prediction = r.prediction;
    const mien_metric *metric = mien_metric_find("r");
    const mien_sample sample = {.n = ROWS,
        .truth = r.truth,
        .predictions = &prediction,
        .count = 1,
        .null = r.null,
        .group = r.person,
        .across = r.stimulus};
    for (int rule = 0; rule < 2; rule++) {
        double p = -1;
        mien_interval want = interval_of(&r, "r", false, (mien_interval_rule)rule), i;
        mien_interval_options o = mien_interval_options_default();
        o.rule = (mien_interval_rule)rule;
        o.repeats = 400;
        o.p = &p;
        assert_good(mien_intervals(&metric, 1, &sample, NULL, &o, NULL, &i));
        assert_memory_equal(&i, &want, sizeof i);
        assert_true(p > 0 && p <= 1);
        if (o.rule == MIEN_INTERVAL_JACKKNIFE) {
            o.level = 1 - p;
            assert_good(mien_intervals(&metric, 1, &sample, NULL, &o, NULL, &i));
            assert_near(i.value > 0 ? i.low : i.high, 0, 1e-6);
        }
    }
}

static void one_person_has_no_interval(void **state) {
    (void)state;
    static rows r;
    fill(&r, 8, 1, 1, 1);
    memset(r.person, 0, sizeof r.person);
    mien_interval i = interval_of(&r, "r", false, MIEN_INTERVAL_JACKKNIFE);
    assert_true(isfinite(i.value) && isnan(i.low) && isnan(i.high));
}

static void numbers_out_of_range_are_refused(void **state) {
    (void)state;
    static rows r;
    fill(&r, 9, 1, 1, 1);
    r.stimulus[17] = STIMULI;
    const double *prediction = r.prediction;
    const mien_crossed_sample a = sample_of(&r, &prediction);
    const mien_crossed_figure figure = {mien_metric_find("r"), false};
    mien_interval i;
    assert_int_equal(
        mien_crossed_intervals(&figure, 1, &a, NULL, PERSONS, STIMULI, NULL, NULL, &i),
        MIEN_EINVAL);
    assert_non_null(strstr(mien_error(), "row 17"));
}

static mien_status run_once(void *context) {
    const rows *r = context;
    const double *prediction = r->prediction;
    const mien_crossed_sample a = sample_of(r, &prediction);
    const mien_crossed_figure figures[] = {
        {mien_metric_find("r"), false}, {mien_metric_find("r"), true}};
    mien_interval_options o = mien_interval_options_default();
    mien_interval i[2];
    o.repeats = 3;
    mien_status status =
        mien_crossed_intervals(figures, 2, &a, &a, PERSONS, STIMULI, &o, NULL, i);
    o.rule = MIEN_INTERVAL_BOOTSTRAP;
    return status ? status
                  : mien_crossed_intervals(
                        figures, 2, &a, NULL, PERSONS, STIMULI, &o, NULL, i);
}

static void running_out_of_memory_is_reported(void **state) {
    (void)state;
    static rows r;
    fill(&r, 10, 1, 1, 1);
    support_each_allocation_fails(run_once, &r, 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jackknife_covers_as_often_as_it_says),
        cmocka_unit_test(bootstrap_covers_as_often_as_it_says),
        cmocka_unit_test(figures_are_those_of_rows),
        cmocka_unit_test(what_persons_shift_has_no_say_within_them),
        cmocka_unit_test(difference_of_a_sample_and_itself_is_nothing),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(classes_are_judged_too),
        cmocka_unit_test(across_of_a_sample_is_crossed),
        cmocka_unit_test(one_person_has_no_interval),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(running_out_of_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
