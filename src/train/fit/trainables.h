/* SPDX-License-Identifier: MIT */
/* The trainable arrays: plain arrays with their gradients, cut into chunks that
 * threads share out. Nothing that comes out depends on the number of threads. */
#ifndef MIEN_TRAIN_TRAINABLES_H
#define MIEN_TRAIN_TRAINABLES_H

#include "mien/base.h"

/** One array. Its memory and name must outlive whatever was made from it. */
typedef struct mien_trainable {
    const char *name;
    float *values, *gradient; /**< [count]; a gradient is only read */
    int64_t count;
    double rate;  /**< times the rate of the step; usually 1 */
    double decay; /**< times the weight decay; 0 for biases, if one likes */
} mien_trainable;

/** A piece of one array: small enough to stay in a near cache with its state. */
typedef struct mien_chunk {
    int64_t index; /**< of the trainable */
    int64_t first, count;
} mien_chunk;

typedef struct mien_trainables {
    int64_t count;
    mien_trainable *row;
    int64_t chunks_count;
    mien_chunk *chunks;
    double *partial; /* [chunks] */
    int64_t total;   /**< values in all */
    mien_thread_pool *pool;
} mien_trainables;

/** Copies the rows, not what they point to. pool may be NULL; lent. MIEN_EINVAL for no
 * rows, a missing array or a multiplier that is negative or no number. */
mien_status mien_trainables_new(const mien_trainable *rows, int64_t count,
    mien_thread_pool *pool, mien_trainables **trainables);
void mien_trainables_free(mien_trainables **trainables);

typedef void mien_chunk_work(
    void *context, const mien_trainable *row, const mien_chunk *chunk);
/** Does work for every chunk, on all threads. */
void mien_trainables_run(
    mien_trainables *trainables, mien_chunk_work *work, void *context);

typedef struct mien_norm_options {
    float limit;    /**< gradients are cut to ±limit first; INFINITY: not */
    bool by_values; /**< each times the value it belongs to */
} mien_norm_options;
/** Euclidean norm of all gradients together, in double, in a fixed order. MIEN_ENUMBER
 * names the first array whose gradient (before it is cut) is infinite or not a number.
 */
mien_status mien_trainables_norm(
    mien_trainables *trainables, const mien_norm_options *options, double *norm);

/** x cut to ±limit; NaN stays NaN. */
static inline float mien_cut(float x, float limit) {
    x = x > limit ? limit : x;
    return x < -limit ? -limit : x;
}

#endif
