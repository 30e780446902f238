/* SPDX-License-Identifier: MIT */
/* Inner loops of transformers that infer: rows normalised, and attention without the
 * matrix of its shares in memory. Compiled once per instruction set from
 * tokens_kernels.h; every sum runs in one fixed order. */
#ifndef MIEN_NN_TOKENS_H
#define MIEN_NN_TOKENS_H

#include <stdint.h>

/** Rows [rows, width]: y = (x − mean) / sqrt(variance + epsilon) · weight + bias. */
typedef struct mien_tokens_norm {
    int64_t rows, width;
    float epsilon;
    const float *x, *weight, *bias;
    float *y;
} mien_tokens_norm;

/** One head of one item: y = softmax(q kᵀ) v. Strides are in floats; a row of v and of
 * y lies together, and width is a multiple of `lanes`. */
typedef struct mien_tokens_attention {
    int64_t queries, keys, depth,
        width; /**< q [T, depth], k [S, depth], v [S, width] */
    int64_t q_row, k_row, k_term, v_row,
        y_row; /**< values of a row of q lie together */
    const float *q, *k, *v;
    float *y;
    float *scratch; /**< mien_tokens_scratch() floats */
} mien_tokens_attention;

typedef struct mien_tokens {
    const char *name;
    int lanes; /**< floats of a vector */
    void (*norm)(const mien_tokens_norm *n);
    void (*attend)(const mien_tokens_attention *a);
} mien_tokens;

/** The widest that this processor runs; NULL: none. */
const mien_tokens *mien_tokens_best(void);

/** Floats for one head of so many keys of so many values. */
int64_t mien_tokens_scratch(int64_t keys, int64_t depth);

#if defined(__x86_64__)
extern const mien_tokens mien_tokens_avx2, mien_tokens_avx512;
#endif

#endif
