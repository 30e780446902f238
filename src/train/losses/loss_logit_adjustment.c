/* SPDX-License-Identifier: MIT */
/* Cross-entropy of logits to which the log of the class shares was added, so that the
 * bare logits are learnt for balanced classes. */
#include "train/losses/class_loss.h"

typedef struct settings {
    double tau, smoothing;
} settings;

static const mien_option options[] = {
    {.name = "tau",
        .type = MIEN_OPTION_NUMBER,
        .initial = "1",
        .minimum = 0,
        .maximum = 100,
        .help = "factor of the log share of each class in the training part"},
    MIEN_LOSS_SMOOTHING_OPTION,
    {0},
};

static mien_status parse(const mien_options *given, void *to) {
    settings *s = to;
    s->tau = mien_options_number(given, "tau");
    s->smoothing = mien_options_number(given, "smoothing");
    return MIEN_OK;
}

static void compute(const void *from, mien_loss_work *work) {
    const settings *s = from;
    double *offset = work->scratch + 4 * work->classes;
    for (int64_t c = 0; c < work->classes; c++) {
        offset[c] = s->tau * work->log_prior[c];
    }
    mien_loss_cross_entropy_rows(work, s->smoothing, offset);
}

const mien_loss mien_loss_logit_adjustment = {
    .name = "logit_adjustment",
    .summary = "cross_entropy of z + tau log(class shares); probabilities are those of "
               "z, for balanced classes; Menon et al. 2021",
    .options = options,
    .of_classes = true,
    .wants_counts = true,
    .classes_min = 1,
    .settings_size = sizeof(settings),
    .parse = parse,
    .compute = compute,
    .predict = mien_loss_softmax_predict,
};
