/* SPDX-License-Identifier: MIT */
/* A pointwise convolution and the one of one filter a channel behind it, as one pass
 * over rows: the value between them never leaves the cache. So does a halving. Both are
 * computed as they stand, sums in the order of their weights; channels are last
 * throughout. */
#ifndef MIEN_NN_CONV2D_PAIR_H
#define MIEN_NN_CONV2D_PAIR_H

#include "mien/base.h"

/** Channels of the result are a multiple of this. */
#define MIEN_CONV2D_PAIR_CHANNELS 16
/** Channels that are computed together: what lies between is so many wide. */
#define MIEN_CONV2D_PAIR_BLOCK 64
/** The largest filter. */
#define MIEN_CONV2D_PAIR_KERNEL 5
/** Channels that a first convolution may read. */
#define MIEN_CONV2D_FIRST_IN 4

typedef enum mien_conv2d_pair_form {
    MIEN_CONV2D_PAIR_PLAIN,    /**< nothing */
    MIEN_CONV2D_PAIR_CLAMP,    /**< min(max(x, least), most) */
    MIEN_CONV2D_PAIR_SILU,     /**< x σ(x) */
    MIEN_CONV2D_PAIR_HARDSWISH /**< x min(max(x / 6 + 1/2, 0), 1) */
} mien_conv2d_pair_form;

/** What is done to each sum. */
typedef struct mien_conv2d_pair_after {
    mien_conv2d_pair_form form;
    float least, most;
} mien_conv2d_pair_after;

typedef struct mien_conv2d_pair {
    int64_t pictures, height, width, in, out; /**< height and width of x */
    int kernel, stride; /**< of the filters: 3 or 5, 1 or 2; padded by kernel / 2 */
    mien_conv2d_pair_after between, after;
    bool halves; /**< then the largest of each 2 × 2; height and width are even, kernel
                  * 3, stride 1, after a clamp */
    int threads;
} mien_conv2d_pair;

/** Where a run reads and writes, in floats. */
typedef struct mien_conv2d_pair_data {
    const float *x;           /**< [pictures, height, width, in] */
    const float *point;       /**< [out / place, in, place], place as below */
    const float *point_bias;  /**< [out] */
    const float *filter;      /**< [out / place, kernel, kernel, place] */
    const float *filter_bias; /**< [out] */
    float *scratch;           /**< mien_conv2d_pair_scratch() floats */
    float *y; /**< [pictures, height / stride, width / stride (rounded up), out]; half
               * of that where it is halved */
} mien_conv2d_pair_data;

/** Some channels, whose rows are computed one after the other. What lies between has
 * its pixels, and the weights their inputs, mien_conv2d_pair_place() floats apart. */
typedef struct mien_conv2d_pair_part {
    int64_t first, count;     /**< channels; at most MIEN_CONV2D_PAIR_BLOCK */
    const float *point;       /**< [in] of the channels */
    const float *point_bias;  /**< [count] */
    const float *filter;      /**< [kernel, kernel] of the channels */
    const float *filter_bias; /**< [count] */
} mien_conv2d_pair_part;

/** Whole rows of x, and where what lies between goes: pixels side by side, `skip`
 * floats behind each row. */
typedef struct mien_conv2d_pair_rows {
    const float *x;
    int64_t count, width, skip; /**< pixels; of a row */
    float *y;
} mien_conv2d_pair_rows;

/** A row of the result: `kernel` rows of what lies between, with kernel / 2 pixels of
 * zeros on either side, and where its places go; of a halving two rows of places. */
typedef struct mien_conv2d_pair_row {
    const float *rows[MIEN_CONV2D_PAIR_KERNEL];
    int64_t width, place; /**< places given, and how far apart (those halved: read) */
    int64_t half_place;   /**< how far apart those are that a halving gives */
    float *y;
} mien_conv2d_pair_row;

/** How far apart pixels of what lies between are. */
static inline int64_t mien_conv2d_pair_place(const mien_conv2d_pair *p) {
    return p->out <= 16 ? 16 : MIEN_CONV2D_PAIR_BLOCK;
}

/** A convolution of 3 × 3 in steps of 2, as networks on pictures begin with: planes
 * come in, channels last go out. */
typedef struct mien_conv2d_first {
    int64_t pictures, height, width; /**< of x; the result has half, rounded up */
    int64_t in, out; /**< at most MIEN_CONV2D_FIRST_IN; a multiple of 16 */
    mien_conv2d_pair_after after;
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
    void (*points)(const mien_conv2d_pair *p, const mien_conv2d_pair_part *c,
        const mien_conv2d_pair_rows *to);
    void (*filters)(const mien_conv2d_pair *p, const mien_conv2d_pair_part *c,
        const mien_conv2d_pair_row *to);
    void (*halve)(const mien_conv2d_pair_part *c, const mien_conv2d_pair_row *to);
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
