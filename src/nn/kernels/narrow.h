/* SPDX-License-Identifier: MIT */
/* Inner loops for small networks: few features a row, few steps of time. A call of the
 * maths library costs more there than the work. Compiled once per instruction set from
 * narrow_*.h; every sum runs in one fixed order. */
#ifndef MIEN_NN_NARROW_H
#define MIEN_NN_NARROW_H

#include <stdbool.h>
#include <stdint.h>

/** c = op(a) b + what c begins with: c is [m, n], sums have k terms. */
typedef struct mien_narrow_product {
    int64_t m, n, k;
    const float *a; /**< op(a)[i, l] is a[i · a_row + l · a_term] */
    int64_t a_row, a_term;
    const float *b; /**< b[l, j] is b[l · b_row + j]; for dots b[j · b_row + l] */
    int64_t b_row;
    const float *start; /**< [n] what every row of c begins with; NULL: zeros */
    float *c;
    int64_t c_row;
    bool adds; /**< it begins with what it holds */
} mien_narrow_product;

/** Rows [rows, width] normalised; width ≤ MIEN_NARROW_NORM. */
typedef struct mien_narrow_norm {
    int64_t rows, width;
    const float *x, *weight, *bias;
    float *kept;  /**< mean and scale of each row; NULL: not wanted */
    bool outside; /**< scale is 1 / (unbiased deviation + epsilon) */
    float epsilon;
    float *y;
    /* going back: each of these may be NULL */
    const float *dy;
    float *dx, *dweight, *dbias;
} mien_narrow_norm;

#define MIEN_NARROW_NORM 32
#define MIEN_NARROW_LANES 16 /* no vector is wider */

/** Attention of many short sequences: q [N, T, D], k and v [N, S, D], shares of keys
 * p [N, heads, T, S]. */
typedef struct mien_narrow_attention {
    int64_t heads, queries, keys, width; /**< heads, T, S, D */
    float scale;
    const float *q, *k, *v, *p, *dp, *dy;
    float *to[2]; /**< p; dq and dk; y; dp and dv: NULL where it is not wanted */
} mien_narrow_attention;

/** Values of an item that fit a kernel's room: T · D, S · D and heads · T · S. */
#define MIEN_NARROW_VALUES 256

static inline bool mien_narrow_attends(
    int64_t heads, int64_t queries, int64_t keys, int64_t width) {
    return queries * width <= MIEN_NARROW_VALUES &&
           keys * width <= MIEN_NARROW_VALUES &&
           heads * queries * keys <= MIEN_NARROW_VALUES;
}

/** The draw that decides which values dropout keeps: value i if a hash of i and key
 * is at least `least`. */
typedef struct mien_narrow_drop {
    uint32_t key[2];
    uint32_t least;
    float scale;
} mien_narrow_drop;

typedef struct mien_narrow {
    const char *name;
    /** For b with rows of n. */
    void (*product)(const mien_narrow_product *p);
    /** For b transposed: n rows of k. a_term is 1. */
    void (*dots)(const mien_narrow_product *p);
    /** x [rows, columns] to y [columns, rows]. */
    void (*turn)(const float *x, int64_t rows, int64_t columns, float *y);
    /** sums[j] = Σ_i x[i, j] in double, of `columns` columns of rows `row` apart. */
    void (*column_sums)(
        const float *x, int64_t rows, int64_t columns, int64_t row, float *sums);
    void (*norm_forward)(const mien_narrow_norm *n);
    void (*norm_backward)(const mien_narrow_norm *n);
    /** Items [first, last) of the batch. */
    void (*weights_forward)(
        const mien_narrow_attention *a, int64_t first, int64_t last);
    void (*weights_backward)(
        const mien_narrow_attention *a, int64_t first, int64_t last);
    void (*mix_forward)(const mien_narrow_attention *a, int64_t first, int64_t last);
    void (*mix_backward)(const mien_narrow_attention *a, int64_t first, int64_t last);
    /** y = x · scale where kept, else 0, for values [first, last) of one draw; the
     * place counts modulo 2^32. */
    void (*drop)(const mien_narrow_drop *d, const float *x, float *y, int64_t first,
        int64_t last);
    void (*add)(const float *a, const float *b, float *y, int64_t count);
    /** y = x where it is above 0, else slope · x; y may be x. */
    void (*rectify)(const float *x, float slope, float *y, int64_t count);
    /** dx = dy where y > 0, else slope · dy. */
    void (*rectify_back)(
        const float *y, const float *dy, float slope, float *dx, int64_t count);
} mien_narrow;

/** The widest that this processor runs. */
const mien_narrow *mien_narrow_best(void);

extern const mien_narrow mien_narrow_plain;
#if defined(__x86_64__)
extern const mien_narrow mien_narrow_avx2, mien_narrow_avx512;
#endif

#endif
