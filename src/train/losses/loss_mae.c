/* SPDX-License-Identifier: MIT */
/* Mean absolute error (L1). */
#include <math.h>

#include "train/losses/value_loss.h"

static double cost(const void *settings, double difference, double *slope) {
    (void)settings;
    *slope = (difference > 0) - (difference < 0);
    return fabs(difference);
}

static void compute(const void *settings, mien_loss_work *work) {
    mien_value_loss(settings, cost, work);
}

const mien_loss mien_loss_mae = {
    .name = "mae",
    .summary = "mean of |p - t|; its slope is 0 at the truth",
    .classes_min = 1,
    .compute = compute,
};
