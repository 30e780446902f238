/* SPDX-License-Identifier: MIT */
/* Squared error near the truth, absolute error far from it. */
#include <math.h>

#include "train/losses/value_loss.h"

typedef struct settings {
    double delta;
} settings;

static const mien_option options[] = {
    {.name = "delta",
        .type = MIEN_OPTION_NUMBER,
        .initial = "1",
        .minimum = 1e-12,
        .maximum = 1e12,
        .help = "difference from which on the error counts linearly"},
    {0},
};

static mien_status parse(const mien_options *given, void *to) {
    ((settings *)to)->delta = mien_options_number(given, "delta");
    return MIEN_OK;
}

static double cost(const void *from, double difference, double *slope) {
    double delta = ((const settings *)from)->delta, size = fabs(difference);
    if (size <= delta) {
        *slope = difference;
        return difference * difference / 2;
    }
    *slope = copysign(delta, difference);
    return delta * (size - delta / 2);
}

static void compute(const void *from, mien_loss_work *work) {
    mien_value_loss(from, cost, work);
}

const mien_loss mien_loss_huber = {
    .name = "huber",
    .summary = "mean of d^2 / 2 where |d| <= delta, of delta (|d| - delta / 2) beyond; "
               "Huber 1964",
    .options = options,
    .classes_min = 1,
    .settings_size = sizeof(settings),
    .parse = parse,
    .compute = compute,
};
