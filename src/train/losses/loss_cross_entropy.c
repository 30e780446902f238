/* SPDX-License-Identifier: MIT */
/* Cross-entropy with class weights, label smoothing and shares. */
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
    mien_loss_cross_entropy_rows(work, ((const settings *)from)->smoothing, NULL);
}

const mien_loss mien_loss_cross_entropy = {
    .name = "cross_entropy",
    .summary = "-sum w_c t_c log softmax(z)_c, divided by the sum of the labels' class "
               "weights (by the number of rows where shares are given), as PyTorch's",
    .options = options,
    .of_classes = true,
    .classes_min = 1,
    .settings_size = sizeof(settings),
    .parse = parse,
    .compute = compute,
    .predict = mien_loss_softmax_predict,
};
