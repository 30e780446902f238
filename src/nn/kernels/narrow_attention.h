/* SPDX-License-Identifier: MIT */
/* Attention of short sequences, LANES items of the batch at once, each in a lane: part
 * of narrow_kernels.h. */

#define VALUES MIEN_NARROW_VALUES

INLINE int items_from(int64_t n, int64_t last) {
    return last - n < LANES ? (int)(last - n) : LANES;
}

/* Items from n on of an array with so many values an item, as columns. */
INLINE void take_items(
    const float *from, int64_t count, int64_t n, int items, VEC *to) {
    gather(from + n * count, count, count, items, to);
}

INLINE void give_items(VEC *from, int64_t count, int64_t n, int items, float *to) {
    scatter(from, to + n * count, count, count, items);
}

/* to[i, j] = scale Σ_l x[i, l] y[j, l] for each head: x [rows, D], y [columns, D], to
 * [heads, rows, columns]. */
INLINE void compare(const mien_narrow_attention *a, const VEC *x, int64_t rows,
    const VEC *y, int64_t columns, float scale, VEC *to) {
    int64_t each = a->width / a->heads;
    for (int64_t h = 0; h < a->heads; h++) {
        for (int64_t i = 0; i < rows; i++) {
            for (int64_t j = 0; j < columns; j++) {
                const VEC *p = x + i * a->width + h * each;
                const VEC *q = y + j * a->width + h * each;
                VEC sum = SPLAT(0.0f);
                for (int64_t l = 0; l < each; l++) {
                    sum = FMA(p[l], q[l], sum);
                }
                *to++ = sum * SPLAT(scale);
            }
        }
    }
}

/* to[i, l] = Σ_j p[i, j] y[j, l] for each head: p lies `row` and `column` apart. */
INLINE void blend(const mien_narrow_attention *a, const VEC *p, int64_t row,
    int64_t column, const VEC *y, int64_t rows, int64_t terms, VEC *to) {
    int64_t each = a->width / a->heads;
    for (int64_t h = 0; h < a->heads; h++) {
        const VEC *shares = p + h * rows * terms;
        for (int64_t i = 0; i < rows; i++) {
            for (int64_t l = 0; l < each; l++) {
                VEC sum = SPLAT(0.0f);
                for (int64_t j = 0; j < terms; j++) {
                    sum = FMA(shares[i * row + j * column],
                        y[j * a->width + h * each + l], sum);
                }
                to[i * a->width + h * each + l] = sum;
            }
        }
    }
}

#define HIDDEN (-200.0f) /* far below what a float's exponential can be */
#define NOTHING 2e-38f   /* above what mien_exp_of() gives for that */

/* Softmax of each row of keys. */
INLINE void softmax(VEC *p, int64_t rows, int64_t keys) {
    float *values = (float *)p;
    for (int64_t row = 0; row < rows; row++) {
        VEC most = p[row * keys];
        for (int64_t k = 1; k < keys; k++) {
            most = MAX(p[row * keys + k], most);
        }
        for (int64_t k = 0; k < keys; k++) {
            p[row * keys + k] -= most;
        }
    }
    for (int64_t i = 0; i < rows * keys * LANES; i++) {
        float below = values[i] < HIDDEN ? HIDDEN : values[i]; /* keeps a NaN */
        float e = mien_exp_of(below);
        values[i] = e < NOTHING ? 0 : e;
    }
    for (int64_t row = 0; row < rows; row++) {
        VEC sum = p[row * keys];
        for (int64_t k = 1; k < keys; k++) {
            sum += p[row * keys + k];
        }
        sum = SPLAT(1.0f) / sum; /* the largest gives 1 */
        for (int64_t k = 0; k < keys; k++) {
            p[row * keys + k] *= sum;
        }
    }
}

TARGET static void NAME(weights_forward)(
    const mien_narrow_attention *a, int64_t first, int64_t last) {
    int64_t t = a->queries, s = a->keys, d = a->width;
    VEC q[VALUES], k[VALUES], p[VALUES];
    for (int64_t n = first; n < last; n += LANES) {
        int items = items_from(n, last);
        take_items(a->q, t * d, n, items, q);
        take_items(a->k, s * d, n, items, k);
        compare(a, q, t, k, s, a->scale, p);
        softmax(p, a->heads * t, s);
        give_items(p, a->heads * t * s, n, items, a->to[0]);
    }
}

/* p (dp − Σ p dp), times the scale, in place of dp. */
INLINE void softmax_back(
    const VEC *p, VEC *dp, int64_t rows, int64_t keys, float scale) {
    for (int64_t row = 0; row < rows; row++, p += keys, dp += keys) {
        VEC sum = SPLAT(0.0f);
        for (int64_t k = 0; k < keys; k++) {
            sum = FMA(p[k], dp[k], sum);
        }
        for (int64_t k = 0; k < keys; k++) {
            dp[k] = p[k] * (dp[k] - sum) * SPLAT(scale);
        }
    }
}

TARGET static void NAME(weights_backward)(
    const mien_narrow_attention *a, int64_t first, int64_t last) {
    int64_t t = a->queries, s = a->keys, d = a->width, all = a->heads * t * s;
    VEC p[VALUES], dp[VALUES], x[VALUES], dx[VALUES];
    for (int64_t n = first; n < last; n += LANES) {
        int items = items_from(n, last);
        take_items(a->p, all, n, items, p);
        take_items(a->dp, all, n, items, dp);
        softmax_back(p, dp, a->heads * t, s, a->scale);
        if (a->to[0]) {
            take_items(a->k, s * d, n, items, x);
            blend(a, dp, s, 1, x, t, s, dx);
            give_items(dx, t * d, n, items, a->to[0]);
        }
        if (a->to[1]) {
            take_items(a->q, t * d, n, items, x);
            blend(a, dp, 1, s, x, s, t, dx);
            give_items(dx, s * d, n, items, a->to[1]);
        }
    }
}

TARGET static void NAME(mix_forward)(
    const mien_narrow_attention *a, int64_t first, int64_t last) {
    int64_t t = a->queries, s = a->keys, d = a->width;
    VEC p[VALUES], v[VALUES], y[VALUES];
    for (int64_t n = first; n < last; n += LANES) {
        int items = items_from(n, last);
        take_items(a->p, a->heads * t * s, n, items, p);
        take_items(a->v, s * d, n, items, v);
        blend(a, p, s, 1, v, t, s, y);
        give_items(y, t * d, n, items, a->to[0]);
    }
}

TARGET static void NAME(mix_backward)(
    const mien_narrow_attention *a, int64_t first, int64_t last) {
    int64_t t = a->queries, s = a->keys, d = a->width, all = a->heads * t * s;
    VEC dy[VALUES], x[VALUES], dx[VALUES];
    for (int64_t n = first; n < last; n += LANES) {
        int items = items_from(n, last);
        take_items(a->dy, t * d, n, items, dy);
        if (a->to[0]) {
            take_items(a->v, s * d, n, items, x);
            compare(a, dy, t, x, s, 1, dx);
            give_items(dx, all, n, items, a->to[0]);
        }
        if (a->to[1]) {
            take_items(a->p, all, n, items, x);
            blend(a, x, 1, s, dy, s, t, dx);
            give_items(dx, s * d, n, items, a->to[1]);
        }
    }
}
