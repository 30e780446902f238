/* SPDX-License-Identifier: MIT */
/* Offsets of persons beside the fit: the mean of their training trials' residuals,
 * shrunk. */
#ifndef MIEN_TRAIN_OFFSETS_H
#define MIEN_TRAIN_OFFSETS_H

#include "train/trainers/trainer.h"

/** One target's offsets of a fit. */
typedef struct mien_offset_spread {
    double between, within; /* variances of residuals: of persons' means, inside them */
    int64_t persons;        /* that have a training row */
} mien_offset_spread;

/**
 * Shrunken means of residuals.
 *
 * @param residual, person  [n]; persons are numbers below `persons`
 * @param offset  [persons]: n_p / (n_p + within / between) · (mean of p − mean of all),
 *                variances by the analysis of variance of unequal groups (Searle,
 *                Casella & McCulloch 1992, ch. 3); 0 for persons without a row, and for
 *                all where persons do not differ more than rows do
 */
mien_status mien_offsets_shrink(const double *residual, const int64_t *person,
    int64_t n, int64_t persons, double *offset, mien_offset_spread *spread);

/** Whether the study asks for offsets (offsets.by). */
bool mien_offsets_wanted(const mien_study *study);
/** All that can be told before any work: numbers to predict, the column. */
mien_status mien_offsets_check(const mien_study *study, const mien_dataset *dataset);
/**
 * Adds to predictions [tested, width] of a fit that is done what is known of persons
 * who have training rows. The training rows are predicted for it; others, and classes,
 * stay as they are.
 */
mien_status mien_offsets_add(mien_training *training, const mien_training_setup *setup,
    int64_t tested, const int64_t *rows, double *predictions);

#endif
