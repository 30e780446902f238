/* SPDX-License-Identifier: MIT */
/* Test vectors ("golden vectors") of a model that was trained: for each input small
 * pictures by formula, or rows of what it learnt from, and what the saved model makes
 * of them. */
#ifndef MIEN_TRAIN_GOLDEN_H
#define MIEN_TRAIN_GOLDEN_H

#include "train/dataset/columns.h"

enum { MIEN_GOLDEN_MAX = 64 };

typedef struct mien_golden {
    int64_t count;
    mien_tensor *item[MIEN_GOLDEN_MAX][MIEN_INPUTS_MAX];
    mien_golden_input input[MIEN_GOLDEN_MAX];
    float *masks;   /* [count, segments, inputs] */
    float *outputs; /* [count, width] */
} mien_golden;

/** What a frozen backbone gives for the painted pictures: the same for all read-outs on
 * the same layers of it, so that of many models only the first computes it. Zeroed is
 * empty. */
typedef struct mien_golden_shared {
    char key[65]; /* what it hangs on */
    int64_t count, width;
    float *features; /* [count, width]; NULL: none yet */
} mien_golden_shared;
void mien_golden_shared_clear(mien_golden_shared *shared);

/** Makes count rows of items and runs them through the model at path. dataset: of what
 * is not a picture its rows are taken, spread over it; NULL for models that read
 * pictures alone. weights: the file of a backbone that is not in the model's; NULL: the
 * cache's. shared: of read-outs, may be NULL. Clear also after a failure. */
mien_status mien_golden_make(mien_golden *golden, int64_t count, const char *path,
    const mien_dataset *dataset, const char *weights, bool exact, int threads,
    mien_golden_shared *shared);
void mien_golden_clear(mien_golden *golden);

#endif
