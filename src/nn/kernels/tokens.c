/* SPDX-License-Identifier: MIT */
/* Chooses the loops for transformers that this processor runs. */
#include "nn/kernels/tokens.h"

#include <stddef.h>

#include "nn/kernels/tokens_sizes.h"

const mien_tokens *mien_tokens_best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) {
        return &mien_tokens_avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return &mien_tokens_avx2;
    }
#endif
    return NULL;
}

int64_t mien_tokens_scratch(int64_t keys, int64_t depth) {
    return mien_tokens_columns(keys) * (depth + MIEN_TOKENS_ROWS);
}
