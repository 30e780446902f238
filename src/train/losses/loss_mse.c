/* SPDX-License-Identifier: MIT */
/* Mean squared error. */
#include "train/losses/value_loss.h"

static double cost(const void *settings, double difference, double *slope) {
    (void)settings;
    *slope = 2 * difference;
    return difference * difference;
}

static void compute(const void *settings, mien_loss_work *work) {
    mien_value_loss(settings, cost, work);
}

const mien_loss mien_loss_mse = {
    .name = "mse",
    .summary = "mean of (p - t)^2",
    .classes_min = 1,
    .compute = compute,
};
