/* SPDX-License-Identifier: MIT */
/* What is trained: plain arrays with their gradients, cut into chunks that threads
 * share out. Nothing that comes out depends on the number of threads. */
#ifndef MIEN_TRAIN_LEARNABLES_H
#define MIEN_TRAIN_LEARNABLES_H

#include "mien/base.h"

/** One array. Its memory and name must outlive whatever was made from it. */
typedef struct mien_learnable {
    const char *name;
    float *values, *gradient; /**< [count]; a gradient is only read */
    int64_t count;
    double rate;  /**< times the rate of the step; usually 1 */
    double decay; /**< times the weight decay; 0 for biases, if one likes */
} mien_learnable;

/** A piece of one array: small enough to stay in a near cache with its state. */
typedef struct mien_chunk {
    int64_t index; /**< of the learnable */
    int64_t first, count;
} mien_chunk;

typedef struct mien_learnables {
    int64_t count;
    mien_learnable *row;
    int64_t chunks_count;
    mien_chunk *chunks;
    double *partial; /* [chunks] */
    int64_t total;   /**< values in all */
    mien_pool *pool;
} mien_learnables;

/** Copies the rows, not what they point to. pool may be NULL; lent. MIEN_EINVAL for no
 * rows, a missing array or a multiplier that is negative or no number. */
mien_status mien_learnables_new(const mien_learnable *rows, int64_t count,
    mien_pool *pool, mien_learnables **learnables);
void mien_learnables_free(mien_learnables **learnables);

typedef void mien_chunk_work(
    void *context, const mien_learnable *row, const mien_chunk *chunk);
/** Does work for every chunk, on all threads. */
void mien_learnables_run(
    mien_learnables *learnables, mien_chunk_work *work, void *context);

typedef struct mien_norm_options {
    float limit;    /**< gradients are cut to ±limit first; INFINITY: not */
    bool by_values; /**< each times the value it belongs to */
} mien_norm_options;
/** Euclidean norm of all gradients together, in double, in a fixed order. MIEN_ENUMBER
 * names the first array whose gradient (before it is cut) is infinite or not a number.
 */
mien_status mien_learnables_norm(
    mien_learnables *learnables, const mien_norm_options *options, double *norm);

/** x cut to ±limit; NaN stays NaN. */
static inline float mien_cut(float x, float limit) {
    x = x > limit ? limit : x;
    return x < -limit ? -limit : x;
}

#endif
