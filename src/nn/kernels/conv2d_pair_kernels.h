/* SPDX-License-Identifier: MIT */
/* The inner loops of conv2d_pair.h, compiled once per instruction set. The including
 * file defines VEC (a vector of floats), LANES, FMA(a, b, c) = a·b + c, SPLAT(x),
 * MAX(a, b) and MIN(a, b) that give b where one is no number, TARGET, VECTORS and ROWS
 * (of a block of a product), TALL (rows of a block of one vector), ACROSS (pixels of a
 * row that are filtered at once) and NAME(x). No include guard. */
#include <string.h>

#include "nn/kernels/conv2d_pair.h"

#define INLINE static inline __attribute__((always_inline)) TARGET

INLINE VEC load(const float *from) {
    VEC v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE void store(float *to, VEC v) {
    memcpy(to, &v, sizeof v);
}

/* `rows` pixels by `vectors` vectors of channels; both are constants where it is
 * called. */
INLINE void block(const mien_conv2d_pair *p, const float *x, const float *weight,
    const float *bias, float *y, int rows, int vectors) {
    VEC sum[TALL > ROWS * VECTORS ? TALL : ROWS * VECTORS];
    for (int r = 0; r < rows; r++) {
        for (int v = 0; v < vectors; v++) {
            sum[r * vectors + v] = load(bias + v * LANES);
        }
    }
    for (int64_t k = 0; k < p->in; k++) {
        VEC w[VECTORS];
        for (int v = 0; v < vectors; v++) {
            w[v] = load(weight + k * p->out + v * LANES);
        }
        for (int r = 0; r < rows; r++) {
            VEC value = SPLAT(x[r * p->in + k]);
            for (int v = 0; v < vectors; v++) {
                sum[r * vectors + v] = FMA(value, w[v], sum[r * vectors + v]);
            }
        }
    }
    for (int r = 0; r < rows; r++) {
        for (int v = 0; v < vectors; v++) {
            store(y + r * p->out + v * LANES, sum[r * vectors + v]);
        }
    }
}

/* All pixels of a row, some channels of theirs. */
INLINE void columns(const mien_conv2d_pair *p, const float *x, const float *weight,
    const float *bias, float *y, int rows, int vectors) {
    int64_t i = 0;
    for (; i + rows <= p->width; i += rows) {
        block(p, x + i * p->in, weight, bias, y + i * p->out, rows, vectors);
    }
    for (; i < p->width; i++) {
        block(p, x + i * p->in, weight, bias, y + i * p->out, 1, vectors);
    }
}

TARGET static void NAME(points)(const mien_conv2d_pair *p,
    const mien_conv2d_pair_data *d, const float *x, float *y) {
    int64_t o = 0;
    for (; o + VECTORS * LANES <= p->out; o += VECTORS * LANES) {
        columns(p, x, d->point + o, d->point_bias + o, y + o, ROWS, VECTORS);
    }
    for (; o < p->out; o += LANES) {
        columns(p, x, d->point + o, d->point_bias + o, y + o, TALL, 1);
    }
}

/* `count` pixels of LANES channels; a constant where it is called. */
INLINE void filter(const mien_conv2d_pair *p, const float *const rows[3], int64_t at,
    const VEC weight[9], VEC bias, float *y, int count) {
    VEC sum[ACROSS];
    for (int i = 0; i < count; i++) {
        sum[i] = bias;
    }
    for (int r = 0; r < 3; r++) {
        VEC x[ACROSS + 2];
        for (int i = 0; i < count + 2; i++) {
            x[i] = load(rows[r] + at + i * p->out);
        }
        for (int k = 0; k < 3; k++) {
            for (int i = 0; i < count; i++) {
                sum[i] = FMA(x[i + k], weight[3 * r + k], sum[i]);
            }
        }
    }
    for (int i = 0; i < count; i++) {
        store(y + at + i * p->out, MIN(SPLAT(p->most), MAX(SPLAT(p->least), sum[i])));
    }
}

TARGET static void NAME(filters)(const mien_conv2d_pair *p,
    const mien_conv2d_pair_data *d, const float *const rows[3], float *y) {
    for (int64_t o = 0; o < p->out; o += LANES) {
        VEC weight[9], bias = load(d->filter_bias + o);
        int64_t i = 0;
        for (int k = 0; k < 9; k++) {
            weight[k] = load(d->filter + k * p->out + o);
        }
        for (; i + ACROSS <= p->width; i += ACROSS) {
            filter(p, rows, i * p->out + o, weight, bias, y, ACROSS);
        }
        for (; i < p->width; i++) {
            filter(p, rows, i * p->out + o, weight, bias, y, 1);
        }
    }
}

TARGET static void NAME(halve)(
    const mien_conv2d_pair *p, const float *upper, const float *lower, float *y) {
    for (int64_t i = 0; i < p->width / 2; i++) {
        for (int64_t o = 0; o < p->out; o += LANES) {
            const float *a = upper + 2 * i * p->out + o;
            const float *b = lower + 2 * i * p->out + o;
            VEC top = MAX(load(a), load(a + p->out));
            VEC bottom = MAX(load(b), load(b + p->out));
            store(y + i * p->out + o, MAX(top, bottom));
        }
    }
}

/* `count` places of LANES channels from place `at` on; a constant where it is called.
 */
INLINE void corner(const mien_conv2d_first *f, const float *weight, VEC bias,
    const float *const *rows, int64_t at, float *y, int count) {
    VEC sum[TALL];
    for (int i = 0; i < count; i++) {
        sum[i] = bias;
    }
    for (int64_t c = 0; c < 3 * f->in; c++) {
        const float *x = rows[c] + 2 * at - 1;
        for (int k = 0; k < 3; k++) {
            VEC w = load(weight + (3 * c + k) * f->out);
            for (int i = 0; i < count; i++) {
                sum[i] = FMA(SPLAT(x[2 * i + k]), w, sum[i]);
            }
        }
    }
    for (int i = 0; i < count; i++) {
        store(y + (at + i) * f->out, MIN(SPLAT(f->most), MAX(SPLAT(f->least), sum[i])));
    }
}

TARGET static void NAME(first)(const mien_conv2d_first *f,
    const mien_conv2d_first_data *d, const float *const *rows, int64_t from, int64_t to,
    float *y) {
    for (int64_t o = 0; o < f->out; o += LANES) {
        VEC bias = load(d->bias + o);
        int64_t i = from;
        for (; i + TALL <= to; i += TALL) {
            corner(f, d->weight + o, bias, rows, i, y + o, TALL);
        }
        for (; i < to; i++) {
            corner(f, d->weight + o, bias, rows, i, y + o, 1);
        }
    }
}

const mien_conv2d_pair_kernels NAME(mien_conv2d_pair) = {.name = KERNELS_NAME,
    .points = NAME(points),
    .filters = NAME(filters),
    .halve = NAME(halve),
    .first = NAME(first)};
