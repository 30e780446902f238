/* SPDX-License-Identifier: MIT */
/* A convolution of 3 × 3 with one filter a channel behind a batch-norm that clips, for
 * training: it reads what the norm read and normalises row by row in the cache, so that
 * the value between is neither written nor kept. Back, one pass gives the gradients of
 * filter and input and the sums that the norm's own gradient begins with. Channels are
 * last throughout; each picture is one piece of every sum: the same bits on any number
 * of threads. nn/ops/depth_norm_step.c calls it. */
#ifndef MIEN_NN_DEPTH_NORM_H
#define MIEN_NN_DEPTH_NORM_H

#include <stdbool.h>
#include <stdint.h>

/** Channels are a multiple of this. */
#define MIEN_DEPTH_CHANNELS 16

/** x is [pictures, height, width, channels], padded by a pixel of zeros (behind the
 * norm); y has height / stride and width / stride, both even where stride is 2. */
typedef struct mien_depth {
    int64_t pictures, height, width, channels;
    int stride;        /**< 1 or 2 */
    float least, most; /**< of the norm's clipping; infinite: none */
    double epsilon;
    int threads;
} mien_depth;

typedef struct mien_depth_data {
    const float *x;
    const float *mean, *variance, *weight, *bias; /**< [channels], of the norm */
    const float *filter;                          /**< [channels, 3, 3] */
    float *y;
    float *scratch; /**< mien_depth_scratch() floats */
    /* going back: */
    const float *dy;
    float *da;      /**< like x: the gradient behind the norm, 0 where it clipped */
    float *dfilter; /**< like filter */
    float *sums;    /**< [pictures, 2, channels]: Σ da and Σ da (x − mean) */
} mien_depth_data;

/** Rows of one picture as the loops see them; the filter is [3, 3, channels]. */
typedef struct mien_depth_row {
    int64_t width, channels; /**< of the row that is written */
    const float *mean, *scale, *shift;
    float least, most;
    const float *filter;
    float *dfilter; /**< [3, 3, channels], added to */
    float *sums;    /**< [2, channels], added to */
} mien_depth_row;

typedef struct mien_depth_kernels {
    const char *name;
    /** to = clip((x − mean) · scale + shift). */
    void (*normalise)(const mien_depth_row *r, const float *x, float *to);
    /** A row of y out of three rows with a pixel of zeros on either side. */
    void (*filter)(
        const mien_depth_row *r, int stride, const float *const rows[3], float *y);
    /** A row of da, and what it adds to dfilter. rows: those of dy that the filter's
     * rows 0, 1 and 2 meet there, behind a pixel of zeros and before another; NULL:
     * none. */
    void (*filter_back)(const mien_depth_row *r, int stride, const float *const rows[3],
        const float *a, float *da);
    /** to = da where nothing was clipped, else 0; adds to sums. */
    void (*mask)(const mien_depth_row *r, const float *x, const float *a,
        const float *da, float *to);
} mien_depth_kernels;

/** NULL: this processor has none, the maths library does as well. */
const mien_depth_kernels *mien_depth_best(void);
extern const mien_depth_kernels mien_depth_avx512;

int64_t mien_depth_scratch(const mien_depth *p);
void mien_depth_forward(
    const mien_depth_kernels *k, const mien_depth *p, const mien_depth_data *d);
void mien_depth_backward(
    const mien_depth_kernels *k, const mien_depth *p, const mien_depth_data *d);

#endif
