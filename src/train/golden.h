/* SPDX-License-Identifier: MIT */
/* Golden vectors of a model that was trained: small pictures by formula, or rows of the
 * features it learnt from, and what the saved model makes of them. */
#ifndef MIEN_TRAIN_GOLDEN_H
#define MIEN_TRAIN_GOLDEN_H

#include "train/columns.h"

enum { MIEN_GOLDEN_MAX = 64 };

typedef struct mien_golden {
    int64_t count;
    mien_tensor *item[MIEN_GOLDEN_MAX][MIEN_INPUTS_MAX]; /* of each input */
    mien_golden_input input[MIEN_GOLDEN_MAX];
    float *features, *masks; /* of a network over features, [count, …] */
    float *outputs;          /* [count, width] */
} mien_golden;

/** Paints count pictures and runs them through the model at path, whose row is width
 * numbers. weights: the backbone's file of a read-out, else NULL. Clear also after a
 * failure. */
mien_status mien_golden_make(mien_golden *golden, int64_t count, const char *path,
    const char *weights, bool exact, int threads);
/** As they are measured, rows spread over the corpus through the model over features at
 * path. Clear also after a failure. */
mien_status mien_golden_make_features(mien_golden *golden, int64_t count,
    const char *path, const mien_corpus *corpus, bool exact);
void mien_golden_clear(mien_golden *golden);

#endif
