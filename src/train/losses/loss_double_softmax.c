/* SPDX-License-Identifier: MIT */
/* Cross-entropy that takes probabilities for logits: a published mistake, kept so that
 * its results can be made again. */
#include "train/losses/class_loss.h"

typedef struct settings {
    double smoothing;
} settings;

static const mien_option options[] = {MIEN_LOSS_SMOOTHING_OPTION, {0}};

static mien_status parse(const mien_options *given, void *to) {
    ((settings *)to)->smoothing = mien_options_number(given, "smoothing");
    return MIEN_OK;
}

static void compute(const void *from, mien_loss_work *work) {
    double smoothing = ((const settings *)from)->smoothing;
    int64_t k = work->classes;
    double *p = work->scratch, *twice = p + k, *log_twice = twice + k;
    double *q = log_twice + k;
    for (int64_t i = 0; i < work->rows; i++) {
        double r = work->row_weights[i], total = 0, mean = 0;
        if (r == 0) {
            continue;
        }
        mien_loss_softmax(k, work->prediction + i * k, p, NULL);
        mien_loss_softmax(k, p, twice, log_twice);
        double weight = mien_loss_shares(work, i, smoothing, q);
        mien_loss_add(work, i, r * mien_loss_entropy(k, q, log_twice), r * weight);
        for (int64_t c = 0; c < k; c++) {
            total += q[c];
        }
        for (int64_t c = 0; c < k; c++) {
            twice[c] = total * twice[c] - q[c]; /* now the slope in p */
            mean += twice[c] * p[c];
        }
        for (int64_t c = 0; c < k; c++) {
            work->gradient[i * k + c] = r * p[c] * (twice[c] - mean);
        }
    }
}

const mien_loss mien_loss_double_softmax = {
    .name = "double_softmax",
    .summary = "cross_entropy of softmax(z) in the place of z; never below "
               "-log(e / (e + K - 1))",
    .options = options,
    .of_classes = true,
    .classes_min = 1,
    .settings_size = sizeof(settings),
    .parse = parse,
    .compute = compute,
    .predict = mien_loss_softmax_predict,
};
