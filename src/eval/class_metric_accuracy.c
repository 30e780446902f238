/* SPDX-License-Identifier: MIT */
/* The share of right answers. */
#include "eval/class_metric.h"

#include <math.h>

static double compute(const mien_class_answers *a) {
    int64_t right = 0;
    for (int64_t i = 0; i < a->n; i++) {
        int64_t at = mien_answer_row(a, i);
        right += a->truth[at] == mien_answer_of(a, at);
    }
    return a->n > 0 ? (double)right / (double)a->n : NAN;
}

const mien_class_metric mien_class_metric_accuracy = {
    .name = "accuracy",
    .title = "Accuracy",
    .summary = "right answers / answers; the largest class alone gives its share",
    .perfect = 1,
    .higher_is_better = true,
    .compute = compute,
};
