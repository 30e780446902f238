/* SPDX-License-Identifier: MIT */
/* Fourier transforms of power-of-two sizes in double precision: FFmpeg's libavutil,
 * whose header has its one door in fft.c. */
#ifndef MIEN_SIGNAL_FFT_H
#define MIEN_SIGNAL_FFT_H

#include "mien/base.h"

#define MIEN_FFT_SIZE_MAX ((int64_t)1 << 20)

typedef enum mien_fft_kind {
    MIEN_FFT_REAL,   /**< size real numbers to size/2 + 1 complex ones, forward */
    MIEN_FFT_COMPLEX /**< size complex numbers to as many, forward */
} mien_fft_kind;

/** One transform with its tables. One thread at a time. */
typedef struct mien_fft mien_fft;

/** size: a power of two, 4 to MIEN_FFT_SIZE_MAX. libavutil is loaded with the first
 * one. MIEN_EINVAL for another size; MIEN_EUNSUPPORTED where libavutil is absent or too
 * old; MIEN_ENOMEM. */
mien_status mien_fft_new(mien_fft_kind kind, int64_t size, mien_fft **fft);
void mien_fft_free(mien_fft **fft);
/** Where the input goes: [size] real, or [size, 2] real and imaginary parts. Kept until
 * the next run, which may overwrite it. */
double *mien_fft_input(mien_fft *fft);
/** X[k] = sum over n of x[n] exp(−2πi kn / size), not divided by anything: [size/2 + 1,
 * 2] or [size, 2], lent until the next run. */
const double *mien_fft_run(mien_fft *fft);
/** The smallest power of two that is not below count. */
int64_t mien_fft_size_for(int64_t count);

#endif
