/* SPDX-License-Identifier: MIT */
/* The inner loops of conv2d_pair.h, compiled once per instruction set. The including
 * file defines VEC (a vector of floats), LANES, FMA(a, b, c) = a·b + c, SPLAT(x),
 * MAX(a, b) and MIN(a, b) that give b where one is no number, ROUND(x), POWER(n) = 2^n,
 * ESTIMATE(x) of 1 / x, TARGET, VECTORS and ROWS (of a block of a product), TALL (rows
 * of a block of one vector), ACROSS (pixels of a row that are filtered at once) and
 * NAME(x). No include guard. */
#include <math.h>
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

/* ---- what is done to sums -----------------------------------------------------------
 */

#include "nn/kernels/vector_exp.h"

/* x / (1 + e^−x); the quotient by an estimate and a step of Newton's. */
INLINE VEC silu_of(VEC x) {
    VEC below = SPLAT(1.0f) + exp_of(SPLAT(0.0f) - x);
    VEC guess = ESTIMATE(below);
    guess = guess * (SPLAT(2.0f) - below * guess);
    return x * guess;
}

INLINE VEC hardswish_of(VEC x) {
    VEC gate = FMA(x, SPLAT(1.0f / 6), SPLAT(0.5f));
    return x * MIN(SPLAT(1.0f), MAX(SPLAT(0.0f), gate));
}

/* Sums to where they belong, `place` floats apart; form and count are constants where
 * it is called. Limits are read once: y might be where they are. */
INLINE void give(const mien_conv2d_pair_after *a, mien_conv2d_pair_form form,
    const VEC *sum, float *y, int64_t place, int count) {
    const VEC least = SPLAT(a->least), most = SPLAT(a->most);
    for (int i = 0; i < count; i++) {
        VEC x = sum[i];
        x = form == MIEN_CONV2D_PAIR_SILU        ? silu_of(x)
            : form == MIEN_CONV2D_PAIR_HARDSWISH ? hardswish_of(x)
            : form == MIEN_CONV2D_PAIR_CLAMP     ? MIN(most, MAX(least, x))
                                                 : x;
        store(y + i * place, x);
    }
}

/* ---- points -------------------------------------------------------------------------
 */

/* Where pixel i of several rows goes. */
INLINE int64_t place_of(const mien_conv2d_pair_rows *to, int64_t i, int64_t place) {
    return i * place + (to->skip ? i / to->width * to->skip : 0);
}

/* `rows` pixels from the one at `at` on by `vectors` vectors of channels from o on;
 * form, place, rows and vectors are constants where it is called. */
INLINE void block(const mien_conv2d_pair *p, const mien_conv2d_pair_part *c,
    const mien_conv2d_pair_rows *to, int64_t at, int64_t o, mien_conv2d_pair_form form,
    int64_t place, int rows, int vectors) {
    const float *x = to->x + at * p->in, *weight = c->point + o;
    VEC sum[TALL > ROWS * VECTORS ? TALL : ROWS * VECTORS];
    for (int r = 0; r < rows; r++) {
        for (int v = 0; v < vectors; v++) {
            sum[r * vectors + v] = load(c->point_bias + o + v * LANES);
        }
    }
    for (int64_t k = 0; k < p->in; k++) {
        VEC w[VECTORS];
        for (int v = 0; v < vectors; v++) {
            w[v] = load(weight + k * place + v * LANES);
        }
        for (int r = 0; r < rows; r++) {
            VEC value = SPLAT(x[r * p->in + k]);
            for (int v = 0; v < vectors; v++) {
                sum[r * vectors + v] = FMA(value, w[v], sum[r * vectors + v]);
            }
        }
    }
    for (int r = 0; r < rows; r++) {
        float *y = to->y + place_of(to, at + r, place) + o;
        give(&p->between, form, sum + r * vectors, y, LANES, vectors);
    }
}

/* All pixels, some channels of theirs. */
INLINE void columns(const mien_conv2d_pair *p, const mien_conv2d_pair_part *c,
    const mien_conv2d_pair_rows *to, int64_t o, mien_conv2d_pair_form form,
    int64_t place, int rows, int vectors) {
    int64_t i = 0;
    for (; i + rows <= to->count; i += rows) {
        block(p, c, to, i, o, form, place, rows, vectors);
    }
    for (; i < to->count; i++) {
        block(p, c, to, i, o, form, place, 1, vectors);
    }
}

INLINE void points_of(const mien_conv2d_pair *p, const mien_conv2d_pair_part *c,
    const mien_conv2d_pair_rows *to, mien_conv2d_pair_form form, int64_t place) {
    int64_t o = 0;
    for (; o + VECTORS * LANES <= c->count; o += VECTORS * LANES) {
        columns(p, c, to, o, form, place, ROWS, VECTORS);
    }
    for (; o < c->count; o += LANES) {
        columns(p, c, to, o, form, place, TALL, 1);
    }
}

/* ---- filters ------------------------------------------------------------------------
 */

/* `count` places of LANES channels out of rows from their first column on, each pixel
 * loaded once: 3 × 3 in steps of 1. */
INLINE void near3(const float *const *rows, int64_t at, const float *filter,
    int64_t place, VEC *sum, int count) {
    for (int r = 0; r < 3; r++) {
        const float *from = rows[r] + at;
        VEC x[ACROSS + 2];
        for (int i = 0; i < count + 2; i++) {
            x[i] = load(from + i * place);
        }
        for (int k = 0; k < 3; k++) {
            VEC weight = load(filter + (3 * r + k) * place);
            for (int i = 0; i < count; i++) {
                sum[i] = FMA(x[i + k], weight, sum[i]);
            }
        }
    }
}

/* The same of any size and step, constants where it is called. */
INLINE void near(const float *const *rows, int64_t at, const float *filter,
    int64_t place, VEC *sum, int kernel, int stride, int count) {
    for (int r = 0; r < kernel; r++) {
        const float *from = rows[r] + at;
        for (int k = 0; k < kernel; k++) {
            VEC weight = load(filter + (kernel * r + k) * place);
            for (int i = 0; i < count; i++) {
                sum[i] = FMA(load(from + (i * stride + k) * place), weight, sum[i]);
            }
        }
    }
}

/* `count` places of all channels from place `at` on. */
INLINE void filter(const mien_conv2d_pair *p, const mien_conv2d_pair_part *c,
    const mien_conv2d_pair_row *to, int64_t at, mien_conv2d_pair_form form,
    int64_t place, int kernel, int stride, int count) {
    for (int64_t o = 0; o < c->count; o += LANES) {
        VEC sum[ACROSS], bias = load(c->filter_bias + o);
        const int64_t from = at * stride * place + o;
        for (int i = 0; i < count; i++) {
            sum[i] = bias;
        }
        if (kernel == 3 && stride == 1) {
            near3(to->rows, from, c->filter + o, place, sum, count);
        } else {
            near(to->rows, from, c->filter + o, place, sum, kernel, stride, count);
        }
        give(&p->after, form, sum, to->y + at * to->place + o, to->place, count);
    }
}

INLINE void filter_row(const mien_conv2d_pair *p, const mien_conv2d_pair_part *c,
    const mien_conv2d_pair_row *to, mien_conv2d_pair_form form, int64_t place,
    int kernel, int stride) {
    int64_t i = 0;
    for (; i + ACROSS <= to->width; i += ACROSS) {
        filter(p, c, to, i, form, place, kernel, stride, ACROSS);
    }
    for (; i + 2 <= to->width; i += 2) {
        filter(p, c, to, i, form, place, kernel, stride, 2);
    }
    for (; i < to->width; i++) {
        filter(p, c, to, i, form, place, kernel, stride, 1);
    }
}

INLINE void filters_of(const mien_conv2d_pair *p, const mien_conv2d_pair_part *c,
    const mien_conv2d_pair_row *to, mien_conv2d_pair_form form, int64_t place) {
    if (p->kernel == 3 && p->stride == 1) {
        filter_row(p, c, to, form, place, 3, 1);
    } else if (p->kernel == 3) {
        filter_row(p, c, to, form, place, 3, 2);
    } else if (p->stride == 1) {
        filter_row(p, c, to, form, place, 5, 1);
    } else {
        filter_row(p, c, to, form, place, 5, 2);
    }
}

/* Both distances of pixels and all forms, each as a function of its own. */
#define FORMS(name, kind, field, place)                                                \
    TARGET static void NAME(name##place)(const mien_conv2d_pair *p,                    \
        const mien_conv2d_pair_part *c, const mien_conv2d_pair_##kind *to) {           \
        if (p->field.form == MIEN_CONV2D_PAIR_SILU) {                                  \
            name##_of(p, c, to, MIEN_CONV2D_PAIR_SILU, place);                         \
        } else if (p->field.form == MIEN_CONV2D_PAIR_HARDSWISH) {                      \
            name##_of(p, c, to, MIEN_CONV2D_PAIR_HARDSWISH, place);                    \
        } else if (p->field.form == MIEN_CONV2D_PAIR_CLAMP) {                          \
            name##_of(p, c, to, MIEN_CONV2D_PAIR_CLAMP, place);                        \
        } else {                                                                       \
            name##_of(p, c, to, MIEN_CONV2D_PAIR_PLAIN, place);                        \
        }                                                                              \
    }
FORMS(points, rows, between, 16)
FORMS(points, rows, between, 64)
FORMS(filters, row, after, 16)
FORMS(filters, row, after, 64)

TARGET static void NAME(points)(const mien_conv2d_pair *p,
    const mien_conv2d_pair_part *c, const mien_conv2d_pair_rows *to) {
    if (mien_conv2d_pair_place(p) == 16) {
        NAME(points16)(p, c, to);
    } else {
        NAME(points64)(p, c, to);
    }
}

TARGET static void NAME(filters)(const mien_conv2d_pair *p,
    const mien_conv2d_pair_part *c, const mien_conv2d_pair_row *to) {
    if (mien_conv2d_pair_place(p) == 16) {
        NAME(filters16)(p, c, to);
    } else {
        NAME(filters64)(p, c, to);
    }
}

TARGET static void NAME(halve)(
    const mien_conv2d_pair_part *c, const mien_conv2d_pair_row *to) {
    const int64_t place = to->place;
    for (int64_t i = 0; i < to->width; i++) {
        for (int64_t o = 0; o < c->count; o += LANES) {
            const float *a = to->rows[0] + 2 * i * place + o;
            const float *b = to->rows[1] + 2 * i * place + o;
            VEC top = MAX(load(a), load(a + place));
            VEC bottom = MAX(load(b), load(b + place));
            store(to->y + i * to->half_place + o, MAX(top, bottom));
        }
    }
}

/* ---- first convolutions -------------------------------------------------------------
 */

/* `count` places of LANES channels from place `at` on; a constant where it is called.
 */
INLINE void corner(const mien_conv2d_first *f, const float *weight, VEC bias,
    const float *const *rows, int64_t at, float *y, mien_conv2d_pair_form form,
    int count) {
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
    give(&f->after, form, sum, y + at * f->out, f->out, count);
}

INLINE void first_of(const mien_conv2d_first *f, const mien_conv2d_first_data *d,
    const float *const *rows, int64_t from, int64_t to, float *y,
    mien_conv2d_pair_form form) {
    for (int64_t o = 0; o < f->out; o += LANES) {
        VEC bias = load(d->bias + o);
        int64_t i = from;
        for (; i + TALL <= to; i += TALL) {
            corner(f, d->weight + o, bias, rows, i, y + o, form, TALL);
        }
        for (; i < to; i++) {
            corner(f, d->weight + o, bias, rows, i, y + o, form, 1);
        }
    }
}

TARGET static void NAME(first)(const mien_conv2d_first *f,
    const mien_conv2d_first_data *d, const float *const *rows, int64_t from, int64_t to,
    float *y) {
    if (f->after.form == MIEN_CONV2D_PAIR_SILU) {
        first_of(f, d, rows, from, to, y, MIEN_CONV2D_PAIR_SILU);
    } else if (f->after.form == MIEN_CONV2D_PAIR_HARDSWISH) {
        first_of(f, d, rows, from, to, y, MIEN_CONV2D_PAIR_HARDSWISH);
    } else if (f->after.form == MIEN_CONV2D_PAIR_CLAMP) {
        first_of(f, d, rows, from, to, y, MIEN_CONV2D_PAIR_CLAMP);
    } else {
        first_of(f, d, rows, from, to, y, MIEN_CONV2D_PAIR_PLAIN);
    }
}

const mien_conv2d_pair_kernels NAME(mien_conv2d_pair) = {.name = KERNELS_NAME,
    .points = NAME(points),
    .filters = NAME(filters),
    .halve = NAME(halve),
    .first = NAME(first)};
