/* SPDX-License-Identifier: MIT */
/* The inner loops of features of sound for any processor; with AVX2, see
 * sound_kernels_avx2.c. */
#include "signal/sound_kernels.h"

#include <stdbool.h>

enum { LANES = MIEN_SOUND_LANES, BLOCK = MIEN_SOUND_BLOCK };

static void add_term(
    const double *table, const mien_sound_term *term, double *cosine, double *sine) {
    for (int l = 0; l < LANES; l++) {
        cosine[l] += table[0] * term->re[l];
        sine[l] += table[1] * term->im[l];
    }
}

void mien_sound_fold_plain(const double (*table)[2], const mien_sound_term *terms,
    int64_t n, mien_sound_fold *out) {
    mien_sound_fold sum = {{0}, {0}, {0}, {0}};
    int64_t k = 0;
    for (; k + 2 <= n; k += 2) {
        add_term(table[k], &terms[k], sum.cos_even, sum.sin_even);
        add_term(table[k + 1], &terms[k + 1], sum.cos_odd, sum.sin_odd);
    }
    if (k < n) {
        add_term(table[k], &terms[k], sum.cos_even, sum.sin_even);
    }
    *out = sum;
}

double mien_sound_product_plain(const double *x, const double *y, int64_t n) {
    double sum[8] = {0};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        for (int lane = 0; lane < 8; lane++) {
            sum[lane] += x[i + lane] * y[i + lane];
        }
    }
    for (; i < n; i++) {
        sum[0] += x[i] * y[i];
    }
    return ((sum[0] + sum[4]) + (sum[1] + sum[5])) +
           ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

void mien_sound_shares_plain(
    const float *const *from, const float *share, int count, float out[BLOCK]) {
    float sum[BLOCK] = {0};
    for (int i = 0; i < count; i++) {
        for (int b = 0; b < BLOCK; b++) {
            sum[b] += share[i] * from[i][b];
        }
    }
    for (int b = 0; b < BLOCK; b++) {
        out[b] = sum[b];
    }
}

#if defined(__x86_64__)
static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2");
}
#else
static bool has_avx2(void) {
    return false;
}
#define mien_sound_fold_avx2 mien_sound_fold_plain
#define mien_sound_product_avx2 mien_sound_product_plain
#define mien_sound_shares_avx2 mien_sound_shares_plain
#endif

void mien_sound_fold_run(const double (*table)[2], const mien_sound_term *terms,
    int64_t n, mien_sound_fold *out) {
    if (has_avx2()) {
        mien_sound_fold_avx2(table, terms, n, out);
    } else {
        mien_sound_fold_plain(table, terms, n, out);
    }
}

double mien_sound_product(const double *x, const double *y, int64_t n) {
    return has_avx2() ? mien_sound_product_avx2(x, y, n)
                      : mien_sound_product_plain(x, y, n);
}

void mien_sound_shares(
    const float *const *from, const float *share, int count, float out[BLOCK]) {
    if (has_avx2()) {
        mien_sound_shares_avx2(from, share, count, out);
    } else {
        mien_sound_shares_plain(from, share, count, out);
    }
}
