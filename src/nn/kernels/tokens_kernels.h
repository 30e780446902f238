/* SPDX-License-Identifier: MIT */
/* The inner loops of tokens.h, compiled once per instruction set. The including file
 * defines VEC (a vector of floats), LANES, FMA(a, b, c) = a·b + c, SPLAT(x), MAX(a, b)
 * and MIN(a, b) that give b where one is no number, ROUND(x), POWER(n) = 2^n, SUM(x)
 * and LARGEST(x) of the lanes, TARGET and NAME(x). No include guard. */
#include <math.h>
#include <string.h>

#include "nn/kernels/tokens.h"
#include "nn/kernels/tokens_sizes.h"

#define INLINE static inline __attribute__((always_inline)) TARGET
#define ROWS MIEN_TOKENS_ROWS
#define COLUMNS MIEN_TOKENS_COLUMNS
#define VECTORS 2 /* of a block of a product with AVX2's 16 registers */

#include "nn/kernels/vector_exp.h"

INLINE VEC load(const float *from) {
    VEC v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE void store(float *to, VEC v) {
    memcpy(to, &v, sizeof v);
}

/* ---- rows normalised
 * -----------------------------------------------------------------
 */

INLINE float mean_of(const float *x, int64_t n) {
    VEC sums[2] = {SPLAT(0), SPLAT(0)};
    int64_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        sums[0] += load(x + i);
        sums[1] += load(x + i + LANES);
    }
    float sum = SUM(sums[0] + sums[1]);
    for (; i < n; i++) {
        sum += x[i];
    }
    return sum / (float)n;
}

INLINE float squares_of(const float *x, float mean, int64_t n) {
    VEC sums[2] = {SPLAT(0), SPLAT(0)};
    int64_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        VEC a = load(x + i) - SPLAT(mean), b = load(x + i + LANES) - SPLAT(mean);
        sums[0] = FMA(a, a, sums[0]);
        sums[1] = FMA(b, b, sums[1]);
    }
    float sum = SUM(sums[0] + sums[1]);
    for (; i < n; i++) {
        sum += (x[i] - mean) * (x[i] - mean);
    }
    return sum;
}

TARGET static void NAME(norm)(const mien_tokens_norm *p) {
    int64_t n = p->width;
    for (int64_t row = 0; row < p->rows; row++) {
        const float *x = p->x + row * n;
        float *y = p->y + row * n;
        float mean = mean_of(x, n);
        float scale = 1 / sqrtf(squares_of(x, mean, n) / (float)n + p->epsilon);
        int64_t i = 0;
        for (; i + LANES <= n; i += LANES) {
            VEC v = (load(x + i) - SPLAT(mean)) * SPLAT(scale);
            store(y + i, FMA(v, load(p->weight + i), load(p->bias + i)));
        }
        for (; i < n; i++) {
            y[i] = (x[i] - mean) * scale * p->weight[i] + p->bias[i];
        }
    }
}

/* ---- attention
 * -----------------------------------------------------------------------
 */

/* c [rows, vectors of columns] = a b, where b's rows are `b_row` apart; rows and
 * vectors are constants where it is called. */
INLINE void block(int64_t terms, const float *a, int64_t a_row, const float *b,
    int64_t b_row, float *c, int64_t c_row, int rows, int vectors) {
    VEC sum[ROWS * 4];
    for (int i = 0; i < rows * vectors; i++) {
        sum[i] = SPLAT(0);
    }
    for (int64_t k = 0; k < terms; k++) {
        VEC w[4];
        for (int v = 0; v < vectors; v++) {
            w[v] = load(b + k * b_row + v * LANES);
        }
        for (int r = 0; r < rows; r++) {
            VEC value = SPLAT(a[r * a_row + k]);
            for (int v = 0; v < vectors; v++) {
                sum[r * vectors + v] = FMA(value, w[v], sum[r * vectors + v]);
            }
        }
    }
    for (int r = 0; r < rows; r++) {
        for (int v = 0; v < vectors; v++) {
            store(c + r * c_row + v * LANES, sum[r * vectors + v]);
        }
    }
}

/* As many columns at once as registers hold. */
INLINE void product(int64_t terms, int64_t columns, const float *a, int64_t a_row,
    const float *b, int64_t b_row, int64_t b_block, float *c, int64_t c_row, int rows) {
    const int wide = LANES == 16 ? 4 : VECTORS;
    int64_t j = 0;
    for (; j + wide * LANES <= columns; j += wide * LANES) {
        const float *from = b + j / COLUMNS * b_block + j % COLUMNS;
        block(terms, a, a_row, from, b_row, c + j, c_row, rows, wide);
    }
    for (; j < columns; j += LANES) {
        const float *from = b + j / COLUMNS * b_block + j % COLUMNS;
        block(terms, a, a_row, from, b_row, c + j, c_row, rows, 1);
    }
}

/* Turns scores into e^(score − largest); gives their sum. Behind the last key they are
 * 0. */
INLINE float shares(float *p, int64_t keys) {
    int64_t i = 0, whole = keys / LANES * LANES;
    VEC most = SPLAT(-INFINITY), sums = SPLAT(0);
    float largest, sum;
    for (; i < whole; i += LANES) {
        most = MAX(most, load(p + i));
    }
    largest = LARGEST(most);
    for (; i < keys; i++) {
        largest = p[i] > largest ? p[i] : largest;
    }
    for (i = 0; i < whole; i += LANES) {
        VEC e = exp_of(load(p + i) - SPLAT(largest));
        sums += e;
        store(p + i, e);
    }
    sum = SUM(sums);
    if (i < keys) {
        float rest[LANES] = {0};
        memcpy(rest, p + i, (size_t)(keys - i) * sizeof *rest);
        VEC e = exp_of(load(rest) - SPLAT(largest));
        store(rest, e);
        memcpy(p + i, rest, (size_t)(keys - i) * sizeof *rest);
        for (int k = 0; k < keys - i; k++) {
            sum += rest[k];
        }
    }
    return sum;
}

/* Keys as columns, in blocks of COLUMNS; 0 behind the last. */
INLINE void turn_keys(const mien_tokens_attention *a, float *turned) {
    for (int64_t s = 0; s < a->keys; s += COLUMNS) {
        int64_t count = a->keys - s < COLUMNS ? a->keys - s : COLUMNS;
        float *to = turned + s * a->depth;
        const float *from = a->k + s * a->k_row;
        if (count < COLUMNS) {
            memset(to, 0, (size_t)(COLUMNS * a->depth) * sizeof *to);
        }
        if (a->k_row == 1) {
            for (int64_t d = 0; d < a->depth; d++) {
                memcpy(
                    to + d * COLUMNS, from + d * a->k_term, (size_t)count * sizeof *to);
            }
            continue;
        }
        for (int64_t k = 0; k < count; k++) {
            for (int64_t d = 0; d < a->depth; d++) {
                to[d * COLUMNS + k] = from[k * a->k_row + d * a->k_term];
            }
        }
    }
}

/* `rows` queries from the one at `at` on; a constant where it is called. */
INLINE void answer(const mien_tokens_attention *a, const float *turned, float *scores,
    int64_t at, int rows) {
    int64_t columns = mien_tokens_columns(a->keys), used = a->keys + LANES - 1;
    float sums[ROWS];
    product(a->depth, used / LANES * LANES, a->q + at * a->q_row, a->q_row, turned,
        COLUMNS, COLUMNS * a->depth, scores, columns, rows);
    for (int r = 0; r < rows; r++) {
        sums[r] = shares(scores + r * columns, a->keys);
    }
    float *y = a->y + at * a->y_row;
    product(
        a->keys, a->width, scores, columns, a->v, a->v_row, COLUMNS, y, a->y_row, rows);
    for (int r = 0; r < rows; r++) {
        VEC scale = SPLAT(1 / sums[r]);
        for (int64_t i = 0; i < a->width; i += LANES) {
            store(y + r * a->y_row + i, load(y + r * a->y_row + i) * scale);
        }
    }
}

TARGET static void NAME(attend)(const mien_tokens_attention *a) {
    float *turned = a->scratch;
    float *scores = turned + mien_tokens_columns(a->keys) * a->depth;
    int64_t at = 0;
    turn_keys(a, turned);
    for (; at + ROWS <= a->queries; at += ROWS) {
        answer(a, turned, scores, at, ROWS);
    }
    for (; at < a->queries; at++) {
        answer(a, turned, scores, at, 1);
    }
}

const mien_tokens NAME(mien_tokens) = {
    .name = KERNELS_NAME, .lanes = LANES, .norm = NAME(norm), .attend = NAME(attend)};
