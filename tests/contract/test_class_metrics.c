/* SPDX-License-Identifier: MIT */
/* Every row of eval/class_metrics.def: a perfect answer gets the perfect score, a worse
 * one a worse score, an interval holds its value, and the row describes itself. */
#include "support/support.h"

#include <math.h>
#include <string.h>

#include "mien/eval.h"

enum { N = 200, CLASSES = 5 };

typedef struct answers {
    int truth[N];
    double certain[N][CLASSES], doubtful[N][CLASSES];
    int64_t group[N];
} answers;

/* Every third doubtful answer leans to another class. */
static void fill(answers *a) {
    memset(a, 0, sizeof *a);
    for (int i = 0; i < N; i++) {
        int t = i * i % 11 % CLASSES;
        a->truth[i] = t;
        a->group[i] = i / 4;
        a->certain[i][t] = 1;
        for (int c = 0; c < CLASSES; c++) {
            a->doubtful[i][c] = 0.1;
        }
        a->doubtful[i][i % 3 ? t : (t + 1 + i % 4) % CLASSES] += 0.5;
    }
}

static mien_class_answers of(const answers *a, const double *probability) {
    return (mien_class_answers){
        .n = N, .classes = CLASSES, .truth = a->truth, .probability = probability};
}

static void every_metric_is_perfect_at_the_truth(void **state) {
    (void)state;
    answers a;
    fill(&a);
    mien_class_answers certain = of(&a, a.certain[0]), doubtful = of(&a, a.doubtful[0]);
    assert_true(mien_class_metric_count() > 0);
    for (int i = 0; i < mien_class_metric_count(); i++) {
        const mien_class_metric *metric = mien_class_metric_at(i);
        assert_near(mien_class_metric_value(metric, &certain), metric->perfect, 1e-15);
        double score = mien_class_metric_value(metric, &doubtful);
        assert_true(metric->higher_is_better ? score < metric->perfect
                                             : score > metric->perfect);
    }
}

static void every_metric_describes_itself(void **state) {
    (void)state;
    for (int i = 0; i < mien_class_metric_count(); i++) {
        const mien_class_metric *metric = mien_class_metric_at(i);
        assert_ptr_equal(mien_class_metric_find(metric->name), metric);
        assert_true(strlen(metric->title) > 0 && strlen(metric->summary) > 10);
    }
}

static void every_metric_survives_no_rows(void **state) {
    (void)state;
    answers a;
    fill(&a);
    mien_class_answers none = of(&a, a.certain[0]);
    none.n = 0;
    for (int i = 0; i < mien_class_metric_count(); i++) {
        assert_true(isnan(mien_class_metric_value(mien_class_metric_at(i), &none)));
    }
}

static void every_metric_has_an_interval(void **state) {
    (void)state;
    answers a;
    fill(&a);
    mien_class_answers certain = of(&a, a.certain[0]), doubtful = of(&a, a.doubtful[0]);
    const mien_class_sample doubts = {&doubtful, 1, a.group, NULL},
                            certainty = {&certain, 1, a.group, NULL};
    for (int i = 0; i < mien_class_metric_count(); i++) {
        const mien_class_metric *metric = mien_class_metric_at(i);
        mien_interval one, apart;
        assert_good(mien_class_intervals(&metric, 1, &doubts, NULL, NULL, NULL, &one));
        assert_near(one.value, mien_class_metric_value(metric, &doubtful), 1e-14);
        assert_true(one.low < one.value && one.value < one.high);
        assert_good(
            mien_class_intervals(&metric, 1, &certainty, &doubts, NULL, NULL, &apart));
        assert_near(apart.value, metric->perfect - one.value, 1e-14);
        assert_true(metric->higher_is_better ? apart.low > 0 : apart.high < 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_is_perfect_at_the_truth),
        cmocka_unit_test(every_metric_describes_itself),
        cmocka_unit_test(every_metric_survives_no_rows),
        cmocka_unit_test(every_metric_has_an_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
