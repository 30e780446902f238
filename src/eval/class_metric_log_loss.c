/* SPDX-License-Identifier: MIT */
/* How surprised the probabilities are by the truth. */
#include "eval/class_metric.h"

#include <math.h>

/* The smallest probability that counts, the double after 1 minus 1: a certain answer
 * that is wrong costs 36, not infinity. */
#define SMALLEST 2.220446049250313e-16

static double compute(const mien_class_answers *a) {
    if (!a->probability || a->n < 1) {
        return NAN;
    }
    double sum = 0;
    for (int64_t i = 0; i < a->n; i++) {
        int64_t at = mien_answer_row(a, i);
        double p = a->probability[at * a->classes + a->truth[at]];
        sum -= log(p > SMALLEST ? p : SMALLEST);
    }
    return sum / (double)a->n;
}

const mien_class_metric mien_class_metric_log_loss = {
    .name = "log_loss",
    .title = "Log loss",
    .summary = "mean of -ln p(truth), in nats, p at least 2.2e-16",
    .perfect = 0,
    .higher_is_better = false,
    .needs_probability = true,
    .compute = compute,
};
