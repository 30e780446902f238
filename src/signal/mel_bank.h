/* SPDX-License-Identifier: MIT */
/* Triangular filters on the mel scale over the bins of a spectrum. */
#ifndef MIEN_SIGNAL_MEL_BANK_H
#define MIEN_SIGNAL_MEL_BANK_H

#include "mien/base.h"

/** mel = 1127 ln(1 + f / 700). */
double mien_mel(double hz);

typedef struct mien_mel_bank {
    int bands;
    int64_t
        *from; /**< [bands + 2] first bin between edge j and the next; then the end */
    double *falling; /**< of each bin: 1 at the lower edge, 0 at the upper one */
} mien_mel_bank;

typedef struct mien_mel_spec {
    int bands;
    double low_hz, high_hz;
    double bin_hz;      /**< width of a bin */
    int64_t first, end; /**< bins that take part at most */
} mien_mel_spec;

/** Triangles of peak 1 whose edges are equally far apart in mel, linear in mel between
 * them. Clear it afterwards, also on failure. */
mien_status mien_mel_bank_init(mien_mel_bank *bank, const mien_mel_spec *spec);
void mien_mel_bank_clear(mien_mel_bank *bank);
/** energies[bands] from values of the bins (bin 0 first). */
void mien_mel_bank_run(const mien_mel_bank *bank, const double *bins, double *energies);

#endif
