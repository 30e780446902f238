/* SPDX-License-Identifier: MIT */
/* The door to LAPACK: the few dense decompositions that a read-out needs. */
#ifndef MIEN_TRAIN_SOLVE_H
#define MIEN_TRAIN_SOLVE_H

#include "mien/base.h"

/** Symmetric matrix [n, n] → eigenvalues ascending, and in its place the eigenvectors,
 * one a row. LAPACK dsyevd. MIEN_EINTERNAL if it does not converge. */
mien_status mien_solve_eigen(int64_t n, double *matrix, double *values);

/** Solves a x = b for m right-hand sides in place: a [n, n], symmetric, is destroyed;
 * b [m, n] becomes the solutions, one a row. LAPACK dgesv. MIEN_EINVAL if a is
 * singular.
 */
mien_status mien_solve_linear(int64_t n, double *a, int64_t m, double *b);

/** Dot product in double, in a fixed order of 8 partial sums. */
double mien_dot(const double *a, const double *b, int64_t n);

#endif
