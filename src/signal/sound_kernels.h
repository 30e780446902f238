/* SPDX-License-Identifier: MIT */
/* The inner loops of features of sound. Each picks the widest vectors of the processor;
 * sums run in the same lanes with any, so their bits are the same. */
#ifndef MIEN_SIGNAL_SOUND_KERNELS_H
#define MIEN_SIGNAL_SOUND_KERNELS_H

#include <stdint.h>

/** Frames that go through a loop side by side. */
enum { MIEN_SOUND_LANES = 4, MIEN_SOUND_BLOCK = 32 };

/** A term of the spectra of all lanes. */
typedef struct mien_sound_term {
    double re[MIEN_SOUND_LANES], im[MIEN_SOUND_LANES];
} mien_sound_term;

/** Sums over even and odd terms. */
typedef struct mien_sound_fold {
    double cos_even[MIEN_SOUND_LANES], cos_odd[MIEN_SOUND_LANES];
    double sin_even[MIEN_SOUND_LANES], sin_odd[MIEN_SOUND_LANES];
} mien_sound_fold;

/** cos: sum of table[k][0] re[k]; sin: of table[k][1] im[k]; k < n. */
void mien_sound_fold_run(const double (*table)[2], const mien_sound_term *terms,
    int64_t n, mien_sound_fold *out);
/** sum of x[i] y[i]. */
double mien_sound_product(const double *x, const double *y, int64_t n);
/** out[b] = sum over i of share[i] from[i][b], added up in that order. */
void mien_sound_shares(const float *const *from, const float *share, int count,
    float out[MIEN_SOUND_BLOCK]);

/* The variants among which the functions above choose, declared for the test that
 * compares them. */
void mien_sound_fold_plain(const double (*table)[2], const mien_sound_term *terms,
    int64_t n, mien_sound_fold *out);
double mien_sound_product_plain(const double *x, const double *y, int64_t n);
void mien_sound_shares_plain(const float *const *from, const float *share, int count,
    float out[MIEN_SOUND_BLOCK]);
#if defined(__x86_64__)
void mien_sound_fold_avx2(const double (*table)[2], const mien_sound_term *terms,
    int64_t n, mien_sound_fold *out);
double mien_sound_product_avx2(const double *x, const double *y, int64_t n);
void mien_sound_shares_avx2(const float *const *from, const float *share, int count,
    float out[MIEN_SOUND_BLOCK]);
#endif

#endif
