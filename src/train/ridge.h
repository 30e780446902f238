/* SPDX-License-Identifier: MIT */
/* Kernel ridge regression with its regularisation chosen by leaving groups out. */
#ifndef MIEN_TRAIN_RIDGE_H
#define MIEN_TRAIN_RIDGE_H

#include "mien/base.h"

enum { MIEN_LAMBDAS_MAX = 64 };

/** One target's fit. */
typedef struct mien_ridge {
    double lambda;       /* chosen, relative to the kernel's mean diagonal of 1 */
    double error;        /* mean squared leave-one-group-out error at lambda */
    double mean;         /* of the training targets: the intercept */
    double *coefficient; /* [rows]; sums to 0 */
    double *left_out; /* [rows]: predictions with the row's group left out, at lambda */
} mien_ridge;

/**
 * Fits every target on a centred training kernel. For each lambda the errors of leaving
 * each group out in turn come exactly from one eigendecomposition (with H = K (K +
 * λI)⁻¹ + 11ᵀ/n: e_g = (I − H_gg)⁻¹ (y − Hy)_g); the lambda with the smallest mean
 * square wins, per target.
 *
 * @param kernel  [n, n] centred; destroyed
 * @param targets [targets_count, n]
 * @param group   [n] numbers from 0, equal for rows that must not be split; MIEN_EINVAL
 *                if there is only one
 * @param lambdas ascending or not, > 0
 * @param ridges  [targets_count], cleared by mien_ridge_clear()
 *
 * Source: the block form of the leave-one-out identity for linear smoothers (Hastie,
 * Tibshirani & Friedman 2009, section 7.10). Checked against refitting in test_ridge.c.
 */
mien_status mien_ridge_fit(int64_t n, double *kernel, int targets_count,
    const double *targets, const int64_t *group, const double *lambdas,
    int lambdas_count, mien_ridge *ridges);
void mien_ridge_clear(mien_ridge *ridge);
/** cross [count, n] → prediction [count]. */
void mien_ridge_predict(const mien_ridge *ridge, int64_t n, const double *cross,
    int64_t count, double *prediction);

#endif
