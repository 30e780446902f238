/* SPDX-License-Identifier: MIT */
/* Mixup (Zhang et al. 2018): pictures of a batch laid over each other. */
#include "signal/augment.h"

#include <math.h>
#include <string.h>

static const char *const whose[] = {"batch", "picture", NULL};

static const mien_option options[] = {
    MIEN_AUGMENT_P("1"),
    {.name = "alpha",
        .type = MIEN_OPTION_NUMBER,
        .initial = "0.2",
        .minimum = 0.01,
        .maximum = 100,
        .help = "weights are drawn from Beta(alpha, alpha)"},
    {.name = "per",
        .type = MIEN_OPTION_CHOICE,
        .initial = "batch",
        .choices = whose,
        .help = "a weight for the whole batch, or one for each picture"},
    {.name = NULL},
};

static mien_status prepare(mien_augment_step *step) {
    const char *per = mien_options_text(step->options, "per");
    step->number[0] = mien_options_number(step->options, "alpha");
    step->number[1] = strcmp(per, "picture") == 0 ? 1.0 : 0.0;
    return MIEN_OK;
}

static double normal(mien_stream *stream) {
    double far = sqrt(-2.0 * log(1.0 - mien_stream_uniform(stream)));
    return far * cos(6.28318530717958647692 * mien_stream_uniform(stream));
}

/* Logarithm of a Gamma(shape, 1) number: Marsaglia and Tsang, ACM TOMS 26(3), 2000; of
 * small shapes by shape + 1 and a uniform number, in logarithms, for they can be very
 * small. */
static double log_gamma_number(mien_stream *stream, double shape) {
    double boost = 0.0;
    if (shape < 1.0) {
        boost = log(1.0 - mien_stream_uniform(stream)) / shape;
        shape += 1.0;
    }
    const double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = normal(stream), v = 1.0 + c * x;
        v = v * v * v;
        double u = 1.0 - mien_stream_uniform(stream);
        if (v > 0.0 && log(u) < 0.5 * x * x + d - d * v + d * log(v)) {
            return boost + log(d * v);
        }
    }
}

static double beta_number(mien_stream *stream, double alpha) {
    double a = log_gamma_number(stream, alpha), b = log_gamma_number(stream, alpha);
    return 1.0 / (1.0 + exp(b - a));
}

static void mix(
    const mien_augment_step *step, mien_stream *stream, int64_t n, double *weight) {
    double common = beta_number(stream, step->number[0]);
    for (int64_t i = 0; i < n; i++) {
        weight[i] =
            step->number[1] != 0.0 ? beta_number(stream, step->number[0]) : common;
    }
}

static const mien_augment_work work = {
    .phase = MIEN_AUGMENT_MIXES, .prepare = prepare, .mix = mix};

const mien_augment_kind mien_augment_mixup = {
    .name = "mixup",
    .summary = "lays pictures of a batch over each other, and their targets",
    .main = "alpha",
    .options = options,
    .work = &work,
};
