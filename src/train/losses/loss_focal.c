/* SPDX-License-Identifier: MIT */
/* Focal loss with the class weight inside: (1 - p)^gamma ce, p = exp(-ce). */
#include <math.h>

#include "train/losses/class_loss.h"

typedef struct settings {
    double gamma;
} settings;

static const mien_option options[] = {
    {.name = "gamma",
        .type = MIEN_OPTION_NUMBER,
        .initial = "3",
        .minimum = 0,
        .maximum = 100,
        .help = "how much rows that are already right are held back; 0: cross-entropy, "
                "divided by the number of rows"},
    {0},
};

static mien_status parse(const mien_options *given, void *to) {
    ((settings *)to)->gamma = mien_options_number(given, "gamma");
    return MIEN_OK;
}

/* (1 − e^−ce)^γ ce and its slope in ce. */
static double focus(double ce, double gamma, double *slope) {
    double missed = -expm1(-ce);
    if (missed <= 0) { /* the limit; pow(0, gamma - 1) has none for gamma < 1 */
        *slope = gamma == 0;
        return 0;
    }
    double held = pow(missed, gamma);
    *slope = held + ce * gamma * (held / missed) * exp(-ce);
    return held * ce;
}

static void compute(const void *from, mien_loss_work *work) {
    double gamma = ((const settings *)from)->gamma;
    int64_t k = work->classes;
    double *p = work->scratch, *log_p = p + k, *q = log_p + k;
    for (int64_t i = 0; i < work->rows; i++) {
        double r = work->row_weights[i], total = 0, slope;
        if (r == 0) {
            continue;
        }
        mien_loss_softmax(k, work->prediction + i * k, p, log_p);
        mien_loss_shares(work, i, 0, q);
        double part = focus(mien_loss_entropy(k, q, log_p), gamma, &slope);
        mien_loss_add(work, i, r * part, r);
        for (int64_t c = 0; c < k; c++) {
            total += q[c];
        }
        for (int64_t c = 0; c < k; c++) {
            work->gradient[i * k + c] = r * slope * (total * p[c] - q[c]);
        }
    }
}

const mien_loss mien_loss_focal = {
    .name = "focal",
    .summary =
        "(1 - p)^gamma ce with ce = -w_y log softmax(z)_y and p = exp(-ce), mean "
        "over rows; Lin et al. 2017, with the class weight inside",
    .options = options,
    .of_classes = true,
    .classes_min = 1,
    .settings_size = sizeof(settings),
    .parse = parse,
    .compute = compute,
    .predict = mien_loss_softmax_predict,
};
