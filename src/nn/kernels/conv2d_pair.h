/* SPDX-License-Identifier: MIT */
/* A pointwise convolution and the one of 3 × 3 and one filter a channel behind it, as
 * one pass over rows: the value between them never leaves the cache. So does a halving.
 * Both are computed as they stand, sums in the order of their weights; channels are
 * last throughout. */
#ifndef MIEN_NN_CONV2D_PAIR_H
#define MIEN_NN_CONV2D_PAIR_H

#include "mien/base.h"

/** Channels of the result are a multiple of this. */
#define MIEN_CONV2D_PAIR_CHANNELS 16
/** Channels that a first convolution may read. */
#define MIEN_CONV2D_FIRST_IN 4

typedef struct mien_conv2d_pair {
    int64_t pictures, height, width, in, out;
    /** After the sums: y ← min(max(y, least), most). */
    float least, most;
    bool halves; /**< then the largest of each 2 × 2; height and width are even */
    int threads;
} mien_conv2d_pair;

/** Where a run reads and writes, in floats. */
typedef struct mien_conv2d_pair_data {
    const float *x;           /**< [pictures, height, width, in] */
    const float *point;       /**< [in, out] */
    const float *point_bias;  /**< [out] */
    const float *filter;      /**< [3, 3, out] */
    const float *filter_bias; /**< [out] */
    float *scratch;           /**< mien_conv2d_pair_scratch() floats */
    float *y; /**< [pictures, height, width, out], or half as high and wide */
} mien_conv2d_pair_data;

/** A convolution of 3 × 3 in steps of 2, as networks on pictures begin with: planes
 * come in, channels last go out. */
typedef struct mien_conv2d_first {
    int64_t pictures, height, width; /**< of x; the result has half, rounded up */
    int64_t in, out;   /**< at most MIEN_CONV2D_FIRST_IN; a multiple of 16 */
    float least, most; /**< as above */
    int threads;
} mien_conv2d_first;

typedef struct mien_conv2d_first_data {
    const float *x;      /**< [pictures, in, height, width] */
    const float *weight; /**< [in, 3, 3, out] */
    const float *bias;   /**< [out] */
    float *scratch;      /**< mien_conv2d_first_scratch() floats */
    float *y;            /**< [pictures, (height + 1) / 2, (width + 1) / 2, out] */
} mien_conv2d_first_data;

/** The inner loops of one instruction set. */
typedef struct mien_conv2d_pair_kernels {
    const char *name;
    /** y[width][out] = x[width][in] · point + point_bias. */
    void (*points)(const mien_conv2d_pair *p, const mien_conv2d_pair_data *d,
        const float *x, float *y);
    /** A row of the result out of three rows [width + 2][out] of what points() gave,
     * with a pixel of zeros on either side. */
    void (*filters)(const mien_conv2d_pair *p, const mien_conv2d_pair_data *d,
        const float *const rows[3], float *y);
    /** A row of half the width out of two of what filters() gave. */
    void (*halve)(
        const mien_conv2d_pair *p, const float *upper, const float *lower, float *y);
    /** Places [from, to) of a row of the result out of in × 3 rows of x; place i reads
     * from 2i − 1 to 2i + 1. */
    void (*first)(const mien_conv2d_first *f, const mien_conv2d_first_data *d,
        const float *const *rows, int64_t from, int64_t to, float *y);
} mien_conv2d_pair_kernels;

extern const mien_conv2d_pair_kernels mien_conv2d_pair_avx2, mien_conv2d_pair_avx512;

/** The widest that this processor runs; NULL: none, the maths library does better. */
const mien_conv2d_pair_kernels *mien_conv2d_pair_best(void);

int64_t mien_conv2d_pair_scratch(const mien_conv2d_pair *p);
/** The same bits on any number of threads. */
void mien_conv2d_pair_run(const mien_conv2d_pair_kernels *kernels,
    const mien_conv2d_pair *p, const mien_conv2d_pair_data *data);

int64_t mien_conv2d_first_scratch(const mien_conv2d_first *f);
/** Likewise. */
void mien_conv2d_first_run(const mien_conv2d_pair_kernels *kernels,
    const mien_conv2d_first *f, const mien_conv2d_first_data *data);

#endif
