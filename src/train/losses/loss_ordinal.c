/* SPDX-License-Identifier: MIT */
/* Ordered classes by K - 1 conditional thresholds (CORN). */
#include <math.h>

#include "train/losses/loss.h"

/* log(1 + e^x), safe for large x */
static double softplus(double x) {
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static double sigmoid(double x) {
    return x >= 0 ? 1 / (1 + exp(-x)) : exp(x) / (1 + exp(x));
}

static int64_t width(int64_t classes) {
    return classes - 1;
}

/* Threshold k asks, of what lies above threshold k − 1, which part lies above k: a
 * label either does or does not take part; shares take part as far as they lie there.
 * Each (row, threshold) counts once in the mean, times the weights. */
static void compute(const void *settings, mien_loss_work *work) {
    (void)settings;
    int64_t classes = work->classes;
    double *at_least = work->scratch; /* [classes] weighted share of classes ≥ c */
    for (int64_t i = 0; i < work->rows; i++) {
        double r = work->row_weights[i], above = 0;
        if (r == 0) {
            continue;
        }
        for (int64_t c = classes - 1; c >= 0; c--) {
            double share =
                work->labels ? work->labels[i] == c : work->values[i * classes + c];
            above += work->class_weights[c] * share;
            at_least[c] = above;
        }
        double part = 0, weight = 0;
        for (int64_t k = 0; k < work->width; k++) {
            double z = work->prediction[i * work->width + k];
            double over = at_least[k + 1], under = at_least[k] - at_least[k + 1];
            part += over > 0 ? over * softplus(-z) : 0;
            part += under > 0 ? under * softplus(z) : 0;
            weight += at_least[k];
            work->gradient[i * work->width + k] = r * (at_least[k] * sigmoid(z) - over);
        }
        mien_loss_add(work, i, r * part, r * weight);
    }
}

static int32_t predict(int64_t classes, const double *prediction, double *shares) {
    double above = 1;
    int32_t rank = 0;
    for (int64_t k = 0; k < classes - 1; k++) {
        double higher = above * sigmoid(prediction[k]);
        shares[k] = above * sigmoid(-prediction[k]);
        rank += higher > 0.5;
        above = higher;
    }
    shares[classes - 1] = above;
    return rank;
}

const mien_loss mien_loss_ordinal = {
    .name = "ordinal",
    .summary =
        "cross-entropy of P(y > k | y > k - 1) = sigmoid(z_k), mean over the rows "
        "that each of the K - 1 thresholds sees; the class is the number of "
        "P(y > k) above 1/2; CORN, Shi, Cao & Raschka 2023",
    .of_classes = true,
    .classes_min = 2,
    .width = width,
    .compute = compute,
    .predict = predict,
};
