/* SPDX-License-Identifier: MIT */
/* A weighted sum of losses of numbers for one target: agreement over the batch and
 * closeness row by row. */
#include <math.h>

#include "train/losses/value_loss.h"

typedef struct settings {
    double mse, ccc, mae;
} settings;

#define WEIGHT(of, usual, what)                                                        \
    {                                                                                  \
        .name = of, .type = MIEN_OPTION_NUMBER, .initial = usual, .minimum = 0,        \
        .maximum = 1e6, .help = "weight of the " what                                  \
    }

static const mien_option options[] = {
    WEIGHT("mse", "1", "mean squared error"),
    WEIGHT("ccc", "1", "loss ccc, 1 - CCC of the batch"),
    WEIGHT("mae", "0", "mean absolute error"),
    {0},
};

static mien_status parse(const mien_options *given, void *to) {
    settings *s = to;
    s->mse = mien_options_number(given, "mse");
    s->ccc = mien_options_number(given, "ccc");
    s->mae = mien_options_number(given, "mae");
    return s->mse + s->ccc + s->mae > 0
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "loss mixed: all of its weights are 0");
}

static double cost(const void *from, double difference, double *slope) {
    const settings *s = from;
    int side = (difference > 0) - (difference < 0);
    *slope = 2 * s->mse * difference + s->mae * side;
    return s->mse * difference * difference + s->mae * fabs(difference);
}

static void compute(const void *from, mien_loss_work *work) {
    const settings *s = from;
    mien_value_loss(from, cost, work);
    if (s->ccc > 0) {
        mien_ccc_loss(work, s->ccc);
    }
}

const mien_loss mien_loss_mixed = {
    .name = "mixed",
    .summary = "mse x mean of (p - t)^2 + ccc x (1 - CCC of the batch) + mae x mean of "
               "|p - t|",
    .options = options,
    .classes_min = 1,
    .settings_size = sizeof(settings),
    .parse = parse,
    .compute = compute,
};
