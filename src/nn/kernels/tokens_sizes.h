/* SPDX-License-Identifier: MIT */
/* Sizes that the loops for transformers and their callers share. */
#ifndef MIEN_NN_TOKENS_SIZES_H
#define MIEN_NN_TOKENS_SIZES_H

#include <stdint.h>

#define MIEN_TOKENS_COLUMNS 64 /**< keys of a block; a multiple of every vector's */
#define MIEN_TOKENS_ROWS 6     /**< queries of a block */

/** Keys, whole blocks of them. */
static inline int64_t mien_tokens_columns(int64_t keys) {
    return (keys + MIEN_TOKENS_COLUMNS - 1) / MIEN_TOKENS_COLUMNS * MIEN_TOKENS_COLUMNS;
}

#endif
