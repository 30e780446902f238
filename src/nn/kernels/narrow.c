/* SPDX-License-Identifier: MIT */
/* Chooses the loops for small networks that this processor runs. */
#include "nn/kernels/narrow.h"

#include <stddef.h>

const mien_narrow *mien_narrow_best(void) {
    static const mien_narrow *chosen; /* the same whoever writes it */
    const mien_narrow *best = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
    if (best) {
        return best;
    }
    best = &mien_narrow_plain;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        best = &mien_narrow_avx2;
    }
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq")) {
        best = &mien_narrow_avx512;
    }
#endif
    __atomic_store_n(&chosen, best, __ATOMIC_RELAXED);
    return best;
}
