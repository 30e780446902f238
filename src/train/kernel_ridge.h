/* SPDX-License-Identifier: MIT */
/* Kernels between pictures from blocks of features: each layer is standardised by
 * itself, so that no layer drowns another. */
#ifndef MIEN_TRAIN_KERNEL_RIDGE_H
#define MIEN_TRAIN_KERNEL_RIDGE_H

#include "mien/base.h"

/** Features of all rows, one block a layer: values[b] is [rows, width[b]]. */
enum { MIEN_BLOCKS_MAX = 16 };
typedef struct mien_blocks {
    int count;
    int64_t rows;
    int64_t width[MIEN_BLOCKS_MAX];
    const float *values[MIEN_BLOCKS_MAX];
    const char *name[MIEN_BLOCKS_MAX];
} mien_blocks;

/** A candidate that a read-out may choose: its blocks, and how pictures are compared.
 * gamma > 0: the rows are scaled to length 1 and compared by exp(gamma · cosine);
 * gamma 0: by the plain product, which is linear ridge. */
typedef struct mien_candidate {
    int blocks[MIEN_BLOCKS_MAX];
    int count;
    double gamma;
} mien_candidate;

/** A kernel fitted on training rows: the mean over its blocks, each centred and scaled
 * to mean diagonal 1. */
typedef struct mien_kernel {
    mien_candidate candidate;
    int64_t rows; /* training rows */
    struct mien_kernel_ridge_block {
        int64_t width;
        double *mean, *scale; /* [width]; scale 0 for a constant feature */
        double *vectors;      /* [rows, width]: standardised (and scaled to length 1) */
        double *centre;       /* [rows]: mean of the kernel's columns */
        double centre_mean;
        double trace; /* mean diagonal after centring; 0: all rows are alike */
    } block[MIEN_BLOCKS_MAX];
} mien_kernel;

/** Fits on rows[0..count) and gives their kernel [count, count]. pool may be NULL. */
mien_status mien_kernel_ridge_fit(mien_kernel *kernel, const mien_blocks *blocks,
    const mien_candidate *candidate, const int64_t *rows, int64_t count,
    mien_thread_pool *pool, double *matrix);
/** Kernel of other rows against the training rows: [count, kernel->rows]. */
mien_status mien_kernel_ridge_cross(const mien_kernel *kernel,
    const mien_blocks *blocks, const int64_t *rows, int64_t count,
    mien_thread_pool *pool, double *matrix);
void mien_kernel_clear(mien_kernel *kernel);

#endif
