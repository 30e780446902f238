/* SPDX-License-Identifier: MIT */
/* Shared by the losses of classes: softmax, targets with their weights. */
#ifndef MIEN_TRAIN_CLASS_LOSS_H
#define MIEN_TRAIN_CLASS_LOSS_H

#include "train/losses/loss.h"

/** Softmax of z [n] and its logarithm (either may be NULL), safe for large z. */
void mien_loss_softmax(int64_t n, const double *z, double *p, double *log_p);

/** Fills q [classes] with w_c ((1 − smoothing) s_c + smoothing / K), s being the row's
 * shares or 1 at its label, and returns what the row adds to the divisor of the mean:
 * w of its label, but 1 where shares were given. As torch.nn.functional.cross_entropy.
 */
double mien_loss_shares(
    const mien_loss_work *work, int64_t row, double smoothing, double *q);

/** −Σ q_c log p_c; a class without share costs nothing, even at p_c = 0. */
double mien_loss_entropy(int64_t n, const double *q, const double *log_p);

/** Cross-entropy of every row with offset [classes] (NULL: none) added to the logits:
 * Σ r_i ℓ_i, divided by Σ r_i w_i. */
void mien_loss_cross_entropy_rows(
    mien_loss_work *work, double smoothing, const double *offset);

/** predict of a row whose logits go through softmax. */
int32_t mien_loss_softmax_predict(
    int64_t classes, const double *prediction, double *shares);

/** The option "smoothing", for a table of options. */
#define MIEN_LOSS_SMOOTHING_OPTION                                                     \
    {                                                                                  \
        .name = "smoothing", .type = MIEN_OPTION_NUMBER, .initial = "0", .minimum = 0, \
        .maximum = 1, .help = "part of the target spread evenly over all classes"      \
    }

#endif
