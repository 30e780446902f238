/* SPDX-License-Identifier: MIT */
/* Shared by the losses of single values. */
#ifndef MIEN_TRAIN_VALUE_LOSS_H
#define MIEN_TRAIN_VALUE_LOSS_H

#include "train/losses/loss.h"

/** Cost of a difference prediction − truth, and its slope. */
typedef double mien_value_cost(const void *settings, double difference, double *slope);

/** Σ r_i mean_c cost(p_ic − t_ic), divided by Σ r_i: the mean over all values where the
 * weights are 1. */
void mien_value_loss(const void *settings, mien_value_cost *cost, mien_loss_work *work);

/** Adds factor × Σ r_i × (1 − the concordance correlation of the batch, mean over
 * columns) to the sum, and its slopes to the gradient; returns Σ r_i. */
double mien_ccc_loss(mien_loss_work *work, double factor);

#endif
