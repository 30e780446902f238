/* SPDX-License-Identifier: MIT */
/* A signal from its spectrum at a rate that need not fit the transform: Bluestein's
 * chirp. */
#ifndef MIEN_SIGNAL_CHIRP_H
#define MIEN_SIGNAL_CHIRP_H

#include "mien/base.h"
#include "signal/sound_kernels.h"

/** y[i] = sum over k < terms of Re(X[k] exp(2πi k i / period)), i < samples ≤ period,
 * for any period (a whole number or not), of MIEN_SOUND_LANES spectra at once. One
 * thread at a time. */
typedef struct mien_chirp mien_chirp;
mien_status mien_chirp_new(
    int64_t terms, int64_t samples, double period, mien_chirp **chirp);
void mien_chirp_free(mien_chirp **chirp);
/** A spectrum [terms, 2] into a lane. */
void mien_chirp_put(mien_chirp *chirp, int lane, const double *spectrum);
/** Lanes 0 … lanes − 1. */
void mien_chirp_run(mien_chirp *chirp, int lanes);
/** The sound of a lane: [samples], lent until the next run. */
const double *mien_chirp_sound(const mien_chirp *chirp, int lane);

#endif
