/* SPDX-License-Identifier: MIT */
/* The mean of a cost over all values of a batch. */
#include "train/losses/value_loss.h"

void mien_value_loss(
    const void *settings, mien_value_cost *cost, mien_loss_work *work) {
    int64_t width = work->width;
    for (int64_t i = 0; i < work->rows; i++) {
        double r = work->row_weights[i], part = 0;
        if (r == 0) {
            continue;
        }
        for (int64_t c = 0; c < width; c++) {
            int64_t at = i * width + c;
            double slope;
            part += cost(settings, work->prediction[at] - work->values[at], &slope);
            work->gradient[at] = r * slope / (double)width;
        }
        mien_loss_add(work, i, r * part / (double)width, r);
    }
}
