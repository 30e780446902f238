/* SPDX-License-Identifier: MIT */
/* How surprised the probabilities are by the truth. */
#include "eval/class_metric.h"

static double of(const mien_class_counts *c) {
    return c->sums.log_loss / c->sums.n;
}

const mien_class_metric mien_class_metric_log_loss = {
    .name = "log_loss",
    .title = "Log loss",
    .summary = "mean of -ln p(truth), in nats, p at least 2.2e-16",
    .perfect = 0,
    .higher_is_better = false,
    .needs_probability = true,
    .scale = MIEN_SCALE_ERROR,
    .of = of,
};
