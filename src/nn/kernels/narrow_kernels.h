/* SPDX-License-Identifier: MIT */
/* All loops for small networks, compiled once per instruction set. The including file
 * defines VEC (a vector of floats), LANES, FMA(a, b, c) = a·b + c, SPLAT(x), MAX(a, b),
 * ROOT(a), IF_POSITIVE(test, a) (else 0), transpose(v) of LANES vectors,
 * load_some(from, count), store_some(to, v, count), ROWS and
 * VECTORS (of a product's block), TARGET (an attribute or nothing) and NAME(x). No
 * include guard. */

#include <string.h>

#include "nn/kernels/exponential.h"
#include "nn/kernels/narrow.h"

#define INLINE static inline __attribute__((always_inline)) TARGET

INLINE VEC load(const float *from) {
    VEC v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE void store(float *to, VEC v) {
    memcpy(to, &v, sizeof v);
}

INLINE float sum_of(VEC v) {
    float lanes[LANES], sum = 0;
    store(lanes, v);
    for (int i = 0; i < LANES; i++) {
        sum += lanes[i];
    }
    return sum;
}

/* Rows of `count` values, `row` apart, as columns: to[i] holds value i of each row.
 * Rows that are missing are 0. */
INLINE void gather(const float *from, int64_t row, int64_t count, int rows, VEC *to) {
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (int r = 0; r < LANES; r++) {
            to[i + r] = r < rows ? load(from + r * row + i) : SPLAT(0.0f);
        }
        transpose(to + i);
    }
    if (i < count) {
        VEC last[LANES];
        for (int r = 0; r < LANES; r++) {
            last[r] = r < rows ? load_some(from + r * row + i, count - i) : SPLAT(0.0f);
        }
        transpose(last);
        for (int64_t k = i; k < count; k++) {
            to[k] = last[k - i];
        }
    }
}

/* The way back; the columns are not kept. */
INLINE void scatter(VEC *from, float *to, int64_t row, int64_t count, int rows) {
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        transpose(from + i);
        for (int r = 0; r < rows; r++) {
            store(to + r * row + i, from[i + r]);
        }
    }
    if (i < count) {
        VEC last[LANES];
        for (int k = 0; k < LANES; k++) {
            last[k] = i + k < count ? from[i + k] : SPLAT(0.0f);
        }
        transpose(last);
        for (int r = 0; r < rows; r++) {
            store_some(to + r * row + i, last[r], count - i);
        }
    }
}

#include "nn/kernels/narrow_attention.h"
#include "nn/kernels/narrow_map.h"
#include "nn/kernels/narrow_norm.h"
#include "nn/kernels/narrow_product.h"

const mien_narrow NAME(mien_narrow) = {
    .name = KERNELS_NAME,
    .product = NAME(product),
    .dots = NAME(dots),
    .turn = NAME(turn),
    .column_sums = NAME(column_sums),
    .norm_forward = NAME(norm_forward),
    .norm_backward = NAME(norm_backward),
    .weights_forward = NAME(weights_forward),
    .weights_backward = NAME(weights_backward),
    .mix_forward = NAME(mix_forward),
    .mix_backward = NAME(mix_backward),
    .drop = NAME(drop),
    .add = NAME(add),
    .rectify = NAME(rectify),
    .rectify_back = NAME(rectify_back),
};
