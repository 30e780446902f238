/* SPDX-License-Identifier: MIT */
/* A signal from its spectrum at a rate that need not fit the transform: Bluestein's
 * chirp. */
#ifndef MIEN_SIGNAL_CHIRP_H
#define MIEN_SIGNAL_CHIRP_H

#include "mien/base.h"

/** y[i] = sum over k < terms of Re(X[k] exp(2πi k i / period)), i < samples, for any
 * period (a whole number or not). One thread at a time. */
typedef struct mien_chirp mien_chirp;
mien_status mien_chirp_new(
    int64_t terms, int64_t samples, double period, mien_chirp **chirp);
void mien_chirp_free(mien_chirp **chirp);
/** spectrum [terms, 2]; y [samples]. */
void mien_chirp_run(mien_chirp *chirp, const double *spectrum, double *y);

#endif
