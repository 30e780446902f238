/* SPDX-License-Identifier: MIT */
/* A batch-norm by the batch's own statistics, the sum and the clipping behind it, and
 * their gradients: forward in two passes over memory, back in two. What goes in are
 * values whose channels lie at regular places (channels last, in blocks, or each a run
 * of its own); what comes out lies the same way. Steps of training call it
 * (nn/ops/batch_norm_step.c). Sums are taken over pieces of a fixed size and then in
 * double precision in the order of the pieces: the same bits on any number of threads.
 */
#ifndef MIEN_NN_NORM_ACT_H
#define MIEN_NN_NORM_ACT_H

#include <stdbool.h>
#include <stdint.h>

/** Values as [outer, blocks, rows, width]: value w of block k belongs to channel
 * k · width + w, which is no channel if that is not below `channels`. */
typedef struct mien_norm_act {
    int64_t outer, blocks, rows, width, channels;
    /** After the norm (and the sum): y ← min(max(y, least), most), if it clips;
     * least ≤ 0 ≤ most. */
    bool clips;
    float least, most;
    double epsilon;
    bool fixed; /**< mean and variance are given: they are not found */
    int threads;
} mien_norm_act;

/** Where it reads and writes. Values are as many as outer · blocks · rows · width. */
typedef struct mien_norm_act_data {
    const float *x;
    const float *weight, *bias; /**< [channels] */
    const float *added;         /**< summed before it clips; NULL: nothing */
    float *y;                   /**< may be `added` */
    float *mean, *variance; /**< [channels], of the batch (biased): set by forward */
    float *scratch;         /**< mien_norm_act_scratch() floats */
    /* going back: */
    const float *dy;
    const float *clipped;   /**< y where something was added and it clips */
    float *dx;              /**< NULL: only dweight and dbias are wanted */
    float *dadded;          /**< its gradient where it clips, not NULL then */
    float *dweight, *dbias; /**< [channels] */
    /** Who made dy did so behind the clipping and left [parts, 2, channels] of Σ dy and
     * Σ dy (x − mean), where channels are last; NULL: nobody did. */
    const float *sums;
    int64_t parts;
} mien_norm_act_data;

/** Vectors of the values that lie in memory one after the other. `wide` is a multiple
 * of MIEN_NORM_LANES; rows of `wide` values follow each other, `rest` more behind. */
typedef struct mien_norm_piece {
    int64_t rows, wide, rest;
    const float *x, *added, *dy, *clipped;
    float *to, *dadded;
    /** [wide] each: of a channel its mean, weight / deviation and bias; going back also
     * the factors of dz, of x − mean and of nothing. Sums about `mean` if there is no
     * `scale` yet. */
    const float *mean, *scale, *shift, *by_dz, *by_x, *by_one;
    float *sums;         /**< [2, wide], added to */
    bool together;       /**< rows at a time, see nn/kernels/norm_act_kernels.h */
    bool clips, streams; /**< if it does not clip, least and most are infinite */
    float least, most;
} mien_norm_piece;

#define MIEN_NORM_LANES 16

typedef struct mien_norm_kernels {
    const char *name;
    /** Σ (x − mean) and Σ (x − mean)². */
    void (*sums)(const mien_norm_piece *p);
    /** to = clip((x − mean) · scale + shift + added). */
    void (*apply)(const mien_norm_piece *p);
    /** Σ dz and Σ dz (x − mean); dz is dy where nothing was clipped, 0 elsewhere, and
     * also goes to dadded if that is there. */
    void (*sums_back)(const mien_norm_piece *p);
    /** to = dz · by_dz + (x − mean) · by_x + by_one; dz is dadded where that is there.
     */
    void (*apply_back)(const mien_norm_piece *p);
} mien_norm_kernels;

extern const mien_norm_kernels mien_norm_plain, mien_norm_avx2, mien_norm_avx512;
/** The widest that this processor runs. */
const mien_norm_kernels *mien_norm_best(void);

int64_t mien_norm_act_scratch(const mien_norm_act *n);
/** Sets mean and variance. */
void mien_norm_act_statistics(
    const mien_norm_kernels *k, const mien_norm_act *n, const mien_norm_act_data *d);
/** Sets y, from mean and variance. */
void mien_norm_act_apply(
    const mien_norm_kernels *k, const mien_norm_act *n, const mien_norm_act_data *d);
void mien_norm_act_backward(
    const mien_norm_kernels *k, const mien_norm_act *n, const mien_norm_act_data *d);

#endif
