/* SPDX-License-Identifier: MIT */
/* Golden vectors of a model that was trained: small pictures by formula, and what the
 * saved model makes of them. */
#ifndef MIEN_TRAIN_GOLDEN_H
#define MIEN_TRAIN_GOLDEN_H

#include "mien/models.h"

enum { MIEN_GOLDEN_MAX = 64 };

typedef struct mien_golden {
    int64_t count;
    mien_tensor *picture[MIEN_GOLDEN_MAX];
    mien_golden_input input[MIEN_GOLDEN_MAX];
    float *outputs; /* [count, width] */
} mien_golden;

/** Paints count pictures and runs them through the model at path, whose row is width
 * numbers. weights: the backbone's file of a read-out, else NULL. Clear also after a
 * failure. */
mien_status mien_golden_make(mien_golden *golden, int64_t count, const char *path,
    const char *weights, bool exact, int threads);
void mien_golden_clear(mien_golden *golden);

#endif
