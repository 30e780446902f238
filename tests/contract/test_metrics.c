/* SPDX-License-Identifier: MIT */
/* Every row of eval/metrics.def: a perfect prediction gets the perfect score, a worse
 * one a worse score, and the row describes itself. */
#include "support/support.h"

#include "support/metric.h"

#include <math.h>
#include <string.h>

#include "mien/eval.h"

static const double truth[6] = {1, 4, 2, 6, 3, 5};
static const double poor[6] = {4, 1, 5, 2, 6, 3};

static void every_metric_is_perfect_at_the_truth(void **state) {
    (void)state;
    assert_true(mien_metric_count() > 0);
    for (int i = 0; i < mien_metric_count(); i++) {
        const mien_metric *metric = mien_metric_at(i);
        assert_near(metric_of(metric, truth, truth, 6), metric->perfect, 1e-15);
        double score = metric_of(metric, truth, poor, 6);
        assert_true(metric->higher_is_better ? score < metric->perfect
                                             : score > metric->perfect);
    }
}

static void every_metric_describes_itself(void **state) {
    (void)state;
    for (int i = 0; i < mien_metric_count(); i++) {
        const mien_metric *metric = mien_metric_at(i);
        assert_ptr_equal(mien_metric_find(metric->name), metric);
        assert_true(strlen(metric->title) > 0 && strlen(metric->summary) > 10);
    }
}

static void metrics_on_request_come_last(void **state) {
    (void)state;
    assert_true(mien_metric_usual_count() > 0);
    for (int i = 0; i < mien_metric_count(); i++) {
        assert_int_equal(mien_metric_at(i)->on_request, i >= mien_metric_usual_count());
    }
}

static void every_metric_survives_no_rows(void **state) {
    (void)state;
    for (int i = 0; i < mien_metric_count(); i++) {
        assert_true(isnan(metric_of(mien_metric_at(i), truth, truth, 0)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_is_perfect_at_the_truth),
        cmocka_unit_test(every_metric_describes_itself),
        cmocka_unit_test(metrics_on_request_come_last),
        cmocka_unit_test(every_metric_survives_no_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
