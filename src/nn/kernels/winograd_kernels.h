/* SPDX-License-Identifier: MIT */
/* The inner loops of Winograd convolutions, compiled once per instruction set. The
 * including file defines VEC (a vector of floats), LANES, FMA(a, b, c) = a·b + c,
 * SPLAT(x), TARGET (an attribute or nothing), VECTORS (of a block of columns) and
 * NAME(x). No include guard. */

#include <string.h>

#include "nn/kernels/winograd.h"

#define POINTS MIEN_WINOGRAD_POINTS
#define BLOCK (VECTORS * LANES)
#define ROWS 6
#define MOST_ROWS 12 /* where a block's columns are half of it or fewer */
#define INLINE static inline __attribute__((always_inline)) TARGET

INLINE VEC load(const float *from) {
    VEC v;
    memcpy(&v, from, sizeof v);
    return v;
}

INLINE void store(float *to, VEC v) {
    memcpy(to, &v, sizeof v);
}

INLINE int64_t at(const mien_winograd_layout *l, int64_t n, int64_t c) {
    return n * l->image + c / l->block * l->slab + c % l->block;
}

/* ---- the input: Bᵀ x B ------------------------------------------------------------
 */

/* Bᵀ for F(4, 3) and F(2, 5), of six values. */
INLINE void input_six(const VEC *x, VEC *t) {
    VEC four = SPLAT(4.0f), five = SPLAT(5.0f), two = SPLAT(2.0f);
    VEC a = FMA(-four, x[2], x[4]), b = FMA(-four, x[1], x[3]);
    VEC c = x[4] - x[2], d = two * (x[3] - x[1]);
    t[0] = FMA(four, x[0], FMA(-five, x[2], x[4]));
    t[1] = a + b;
    t[2] = a - b;
    t[3] = c + d;
    t[4] = c - d;
    t[5] = FMA(four, x[1], FMA(-five, x[3], x[5]));
}

/* One tile whose upper left pixel is (top, left); whole: all of it lies within x. */
INLINE void input_tile(const mien_winograd *w, const float *x, int64_t top,
    int64_t left, int whole, float *v, int64_t v_plane) {
    VEC rows[6][6];
    for (int j = 0; j < 6; j++) {
        VEC column[6], t[6];
        for (int i = 0; i < 6; i++) {
            int64_t h = top + i, k = left + j;
            int inside =
                whole || (h >= 0 && h < w->x_height && k >= 0 && k < w->x_width);
            column[i] = inside ? load(x + h * w->x.row + k * w->x.pixel) : SPLAT(0.0f);
        }
        input_six(column, t);
        for (int i = 0; i < 6; i++) {
            rows[i][j] = t[i];
        }
    }
    for (int i = 0; i < 6; i++) {
        VEC t[6];
        input_six(rows[i], t);
        for (int j = 0; j < 6; j++) {
            store(v + (i * 6 + j) * v_plane, t[j]);
        }
    }
}

TARGET static void NAME(input)(const mien_winograd *w, const float *x, int64_t first,
    int64_t count, float *v, int64_t v_plane) {
    int64_t each = w->tiles_down * w->tiles_across;
    for (int64_t t = first; t < first + count; t++, v += w->v_row) {
        int64_t n = t / each, i = t % each / w->tiles_across, j = t % w->tiles_across;
        int64_t top = w->side * i - w->top, left = w->side * j - w->left;
        int whole =
            top >= 0 && left >= 0 && top + 6 <= w->x_height && left + 6 <= w->x_width;
        for (int64_t c = 0; c < w->in; c += LANES) {
            const float *from = x + at(&w->x, n, c);
            if (whole) {
                input_tile(w, from, top, left, 1, v + c, v_plane);
            } else {
                input_tile(w, from, top, left, 0, v + c, v_plane);
            }
        }
    }
}

/* ---- products ----------------------------------------------------------------------
 */

/* How the operands of a product lie: distances of rows, of the steps of a sum, and of
 * its terms, which have `depth` steps each. */
typedef struct NAME(strides) {
    int64_t v_row, v_step, u_step, m_row, depth, terms, v_term;
} NAME(strides);

/* Rows of v times `vectors` of one block of u; `rows`, `vectors` and `adds` are
 * constants where this is inlined. */
INLINE void product_rows(const float *v, int rows, int vectors, const float *u,
    float *m, const NAME(strides) * s, int adds) {
    const int64_t v_row = s->v_row, v_step = s->v_step, u_step = s->u_step;
    const int64_t depth = s->depth;
    VEC sum[MOST_ROWS][VECTORS];
    for (int r = 0; r < rows; r++) {
        for (int k = 0; k < vectors; k++) {
            sum[r][k] = adds ? load(m + r * s->m_row + k * LANES) : SPLAT(0.0f);
        }
    }
    for (int64_t t = 0; t < s->terms; t++) {
        const float *a_row = v + t * s->v_term;
        for (int64_t c = 0; c < depth; c++, u += u_step, a_row += v_step) {
            VEC b[VECTORS];
            for (int k = 0; k < vectors; k++) {
                b[k] = load(u + k * LANES);
            }
            for (int r = 0; r < rows; r++) {
                VEC a = SPLAT(a_row[r * v_row]);
                for (int k = 0; k < vectors; k++) {
                    sum[r][k] = FMA(a, b[k], sum[r][k]);
                }
            }
        }
    }
    for (int r = 0; r < rows; r++) {
        for (int k = 0; k < vectors; k++) {
            store(m + r * s->m_row + k * LANES, sum[r][k]);
        }
    }
}

INLINE void product_all(const float *v, int64_t rows, int vectors, const float *u,
    float *m, const NAME(strides) * s, int adds) {
    int64_t r = 0;
    if (vectors * 2 <= VECTORS) { /* few columns: as many rows as keep the sums busy */
        for (; r + MOST_ROWS <= rows; r += MOST_ROWS) {
            product_rows(
                v + r * s->v_row, MOST_ROWS, vectors, u, m + r * s->m_row, s, adds);
        }
    }
    for (; r + ROWS <= rows; r += ROWS) {
        product_rows(v + r * s->v_row, ROWS, vectors, u, m + r * s->m_row, s, adds);
    }
    v += r * s->v_row;
    m += r * s->m_row;
    switch (rows - r) {
    case 5:
        product_rows(v, 5, vectors, u, m, s, adds);
        break;
    case 4:
        product_rows(v, 4, vectors, u, m, s, adds);
        break;
    case 3:
        product_rows(v, 3, vectors, u, m, s, adds);
        break;
    case 2:
        product_rows(v, 2, vectors, u, m, s, adds);
        break;
    case 1:
        product_rows(v, 1, vectors, u, m, s, adds);
        break;
    default:
        break;
    }
}

INLINE void product_any(const float *v, const mien_winograd_product *p, int vectors,
    const float *u, float *m, const NAME(strides) * s) {
    if (p->adds) {
        product_all(v, p->rows, vectors, u, m, s, 1);
    } else {
        product_all(v, p->rows, vectors, u, m, s, 0);
    }
}

TARGET static void NAME(product)(
    const mien_winograd_product *p, const float *v, const float *u, float *m) {
    const NAME(strides)
        s = {p->v_row, 1, BLOCK, p->m_row, p->depth, p->terms, p->v_term};
    const int64_t vectors = (p->columns + LANES - 1) / LANES;
    if (vectors >= VECTORS) {
        product_any(v, p, VECTORS, u, m, &s);
    } else if (VECTORS > 3 && vectors == 3) {
        product_any(v, p, VECTORS > 3 ? 3 : VECTORS, u, m, &s);
    } else if (VECTORS > 2 && vectors == 2) {
        product_any(v, p, VECTORS > 2 ? 2 : VECTORS, u, m, &s);
    } else {
        product_any(v, p, 1, u, m, &s);
    }
}

TARGET static void NAME(product_across)(const float *v, int64_t rows, int64_t tiles,
    const float *d, int64_t d_row, float *m, int64_t m_row, bool adds) {
    const NAME(strides) s = {1, rows, d_row, m_row, tiles, 1, 0};
    if (adds) {
        product_all(v, rows, VECTORS, d, m, &s, 1);
    } else {
        product_all(v, rows, VECTORS, d, m, &s, 0);
    }
}

/* ---- the output: Aᵀ m A ------------------------------------------------------------
 */

/* `side` values, 4 or 2; a constant where this is inlined. */
INLINE void output_side(const VEC *m, int side, VEC *y) {
    VEC a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
    y[0] = m[0] + a + c;
    y[1] = FMA(SPLAT(2.0f), d, b);
    if (side == 2) {
        y[1] += m[5];
    } else {
        y[2] = FMA(SPLAT(4.0f), c, a);
        y[3] = FMA(SPLAT(8.0f), d, b) + m[5];
    }
}

INLINE VEC activate(const mien_winograd *w, VEC v) {
    VEC zero = SPLAT(0.0f), slope = SPLAT(w->slope), most = SPLAT(w->most);
    v = MAX(v, zero) + slope * MIN(v, zero);
    return MIN(v, most);
}

INLINE void output_tile(const mien_winograd *w, int side, const float *m,
    int64_t m_plane, int64_t rows, int64_t columns, VEC bias, const float *addend,
    float *y) {
    VEC half[4][6];
    for (int j = 0; j < 6; j++) {
        VEC column[6], t[4];
        for (int i = 0; i < 6; i++) {
            column[i] = load(m + (i * 6 + j) * m_plane);
        }
        output_side(column, side, t);
        for (int i = 0; i < side; i++) {
            half[i][j] = t[i];
        }
    }
    for (int i = 0; i < rows; i++) {
        VEC t[4];
        output_side(half[i], side, t);
        for (int j = 0; j < columns; j++) {
            int64_t to = i * w->y.row + j * w->y.pixel;
            VEC v = t[j] + bias;
            if (addend) {
                v += load(addend + to);
            }
            store(y + to, activate(w, v));
        }
    }
}

INLINE void output_all(const mien_winograd *w, int side, const float *m,
    int64_t m_plane, int64_t first, int64_t count, const float *bias,
    const float *addend, float *y) {
    int64_t each = w->tiles_down * w->tiles_across;
    for (int64_t t = first; t < first + count; t++, m += w->columns) {
        int64_t n = t / each, i = side * (t % each / w->tiles_across),
                j = side * (t % w->tiles_across);
        int64_t rows = w->y_height - i, columns = w->y_width - j;
        for (int64_t c = 0; c < w->out; c += LANES) {
            int64_t to = at(&w->y, n, c) + i * w->y.row + j * w->y.pixel;
            VEC b = bias ? load(bias + c) : SPLAT(0.0f);
            const float *more = addend ? addend + to : NULL;
            if (rows >= side && columns >= side) {
                output_tile(w, side, m + c, m_plane, side, side, b, more, y + to);
            } else {
                output_tile(w, side, m + c, m_plane, rows < side ? rows : side,
                    columns < side ? columns : side, b, more, y + to);
            }
        }
    }
}

TARGET static void NAME(output)(const mien_winograd *w, const float *m, int64_t m_plane,
    int64_t first, int64_t count, const float *bias, const float *addend, float *y) {
    if (w->side == 4) {
        output_all(w, 4, m, m_plane, first, count, bias, addend, y);
    } else {
        output_all(w, 2, m, m_plane, first, count, bias, addend, y);
    }
}

TARGET static void NAME(finish)(const mien_winograd *w, const float *m, int64_t m_row,
    int64_t count, const float *bias, float *y) {
    for (int64_t c = 0; c < w->out; c += LANES) {
        const VEC b = bias ? load(bias + c) : SPLAT(0.0f);
        const float *from = m + c;
        float *to = y + at(&w->y, 0, c);
        for (int64_t k = 0; k < count; k++) {
            store(to + k * w->y.pixel, activate(w, load(from + k * m_row) + b));
        }
    }
}

/* ---- weights: G g Gᵀ ---------------------------------------------------------------
 */

/* G, of `taps` values, 3 or 5: rows 1 p p² … of the points, scaled. */
INLINE void weight_six(const VEC *g, int taps, VEC *t) {
    VEC even = g[0] + g[2], odd = g[1];
    VEC far_even = FMA(SPLAT(4.0f), g[2], g[0]), far_odd = g[1] + g[1];
    if (taps == 5) {
        even += g[4];
        odd += g[3];
        far_even = FMA(SPLAT(16.0f), g[4], far_even);
        far_odd = FMA(SPLAT(8.0f), g[3], far_odd);
    }
    t[0] = SPLAT(1.0f / 4) * g[0];
    t[1] = SPLAT(-1.0f / 6) * (even + odd);
    t[2] = SPLAT(-1.0f / 6) * (even - odd);
    t[3] = SPLAT(1.0f / 24) * (far_even + far_odd);
    t[4] = SPLAT(1.0f / 24) * (far_even - far_odd);
    t[5] = g[taps - 1];
}

/* Where weight (r, s) of a term stands among those between two channels; -1: it is 0.
 */
INLINE int place_of(const mien_winograd *w, int64_t term, int r, int s) {
    if (w->kind == MIEN_WINOGRAD_STRIDED) {
        const int row = 2 * r + (int)(term / 2), column = 2 * s + (int)(term % 2);
        return row < 5 && column < 5 ? row * 5 + column : -1;
    }
    return (int)term * 9 + r * 3 + s;
}

/* The weights of a term between input i and LANES outputs from o on; 0 past the last
 * output. `taps` is a constant where this is inlined: 5 only of the plain kind. */
INLINE void gather(const mien_winograd *w, int taps, const float *weight, int backward,
    int64_t term, int64_t o, int64_t i, VEC *g) {
    const int area = taps * taps;
    const int64_t each = w->kind == MIEN_WINOGRAD_STRIDED ? 25 : area * w->terms;
    float all[25][LANES] = {{0}};
    for (int64_t l = 0; l < LANES && o + l < w->out; l++) {
        const float *from = backward ? weight + (i * w->out + o + l) * area
                                     : weight + ((o + l) * w->in + i) * each;
        for (int k = 0; k < area; k++) {
            const int at = backward    ? area - 1 - k
                           : taps == 5 ? k
                                       : place_of(w, term, k / 3, k % 3);
            all[k][l] = at < 0 ? 0 : from[at];
        }
    }
    for (int k = 0; k < area; k++) {
        g[k] = load(all[k]);
    }
}

INLINE void weight_all(const mien_winograd *w, int taps, const float *weight,
    bool backward, int64_t first, float *packed, int64_t plane) {
    for (int64_t i = 0; i < w->terms * w->in; i++) {
        for (int l = 0; l < BLOCK; l += LANES) {
            VEC g[25], half[6][5], t[6];
            gather(w, taps, weight, backward, i / w->in, first + l, i % w->in, g);
            for (int k = 0; k < taps; k++) {
                VEC column[5];
                for (int r = 0; r < taps; r++) {
                    column[r] = g[r * taps + k];
                }
                weight_six(column, taps, t);
                for (int r = 0; r < 6; r++) {
                    half[r][k] = t[r];
                }
            }
            for (int r = 0; r < 6; r++) {
                weight_six(half[r], taps, t);
                for (int k = 0; k < 6; k++) {
                    store(packed + (r * 6 + k) * plane + i * BLOCK + l, t[k]);
                }
            }
        }
    }
}

TARGET static void NAME(weight)(const mien_winograd *w, const float *weight,
    bool backward, int64_t first, float *packed, int64_t plane) {
    if (w->taps == 3) {
        weight_all(w, 3, weight, backward, first, packed, plane);
    } else {
        weight_all(w, 5, weight, backward, first, packed, plane);
    }
}

/* ---- the gradient of the weights: A dy Aᵀ, and Gᵀ u G -------------------------------
 */

/* A, of `side` values, 4 or 2. */
INLINE void gradient_six(const VEC *y, int side, VEC *t) {
    VEC two = SPLAT(2.0f), four = SPLAT(4.0f);
    VEC a = y[0], b = y[1], c = y[0], d = two * y[1];
    if (side == 4) {
        a += y[2];
        b += y[3];
        c = FMA(four, y[2], y[0]);
        d = two * FMA(four, y[3], y[1]);
    }
    t[0] = y[0];
    t[1] = a + b;
    t[2] = a - b;
    t[3] = c + d;
    t[4] = c - d;
    t[5] = y[side - 1];
}

INLINE void gradient_tile(const mien_winograd *w, int side, const float *y,
    int64_t rows, int64_t columns, float *d, int64_t d_plane) {
    VEC half[6][4];
    for (int j = 0; j < side; j++) {
        VEC column[4], t[6];
        for (int i = 0; i < side; i++) {
            int inside = i < rows && j < columns;
            column[i] = inside ? load(y + i * w->y.row + j * w->y.pixel) : SPLAT(0.0f);
        }
        gradient_six(column, side, t);
        for (int i = 0; i < 6; i++) {
            half[i][j] = t[i];
        }
    }
    for (int i = 0; i < 6; i++) {
        VEC t[6];
        gradient_six(half[i], side, t);
        for (int j = 0; j < 6; j++) {
            store(d + (i * 6 + j) * d_plane, t[j]);
        }
    }
}

INLINE void gradient_all(const mien_winograd *w, int side, const float *y,
    int64_t first, int64_t count, float *d, int64_t d_plane) {
    int64_t each = w->tiles_down * w->tiles_across;
    for (int64_t t = first; t < first + count; t++, d += w->columns) {
        int64_t n = t / each, i = side * (t % each / w->tiles_across),
                j = side * (t % w->tiles_across);
        int64_t rows = w->y_height - i, columns = w->y_width - j;
        for (int64_t c = 0; c < w->out; c += LANES) {
            const float *from = y + at(&w->y, n, c) + i * w->y.row + j * w->y.pixel;
            if (rows >= side && columns >= side) {
                gradient_tile(w, side, from, side, side, d + c, d_plane);
            } else {
                gradient_tile(w, side, from, rows, columns, d + c, d_plane);
            }
        }
    }
}

TARGET static void NAME(gradient)(const mien_winograd *w, const float *y, int64_t first,
    int64_t count, float *d, int64_t d_plane) {
    if (w->side == 4) {
        gradient_all(w, 4, y, first, count, d, d_plane);
    } else {
        gradient_all(w, 2, y, first, count, d, d_plane);
    }
}

/* Gᵀ, of six values, to `taps` of them. */
INLINE void weight_taps(const VEC *t, int taps, VEC *g) {
    VEC a = t[1] + t[2], b = t[2] - t[1], c = t[3] + t[4], d = t[3] - t[4];
    VEC sixth = SPLAT(1.0f / 6), twelfth = SPLAT(1.0f / 12), quarter = SPLAT(1.0f / 4);
    g[0] = FMA(quarter, t[0], FMA(SPLAT(1.0f / 24), c, -sixth * a));
    g[1] = FMA(sixth, b, twelfth * d);
    if (taps == 3) {
        g[2] = FMA(sixth, c - a, t[5]);
    } else {
        g[2] = sixth * (c - a);
        g[3] = FMA(sixth, b, SPLAT(1.0f / 3) * d);
        g[4] = FMA(SPLAT(2.0f / 3), c, FMA(-sixth, a, t[5]));
    }
}

/* Outputs o to o + LANES of input i. */
INLINE void weight_back_one(const mien_winograd *w, int taps, const float *m,
    int64_t plane, int64_t i, int64_t o, float *weight) {
    VEC half[5][6];
    float all[25][LANES];
    int area = taps * taps;
    for (int j = 0; j < 6; j++) {
        VEC column[6], g[5];
        for (int r = 0; r < 6; r++) {
            column[r] = load(m + (r * 6 + j) * plane);
        }
        weight_taps(column, taps, g);
        for (int r = 0; r < taps; r++) {
            half[r][j] = g[r];
        }
    }
    for (int r = 0; r < taps; r++) {
        VEC g[5];
        weight_taps(half[r], taps, g);
        for (int k = 0; k < taps; k++) {
            store(all[r * taps + k], g[k]);
        }
    }
    for (int64_t l = 0; l < LANES && o + l < w->out; l++) {
        float *to = weight + ((o + l) * w->in + i) * area;
        for (int k = 0; k < area; k++) {
            to[k] = all[k][l];
        }
    }
}

TARGET static void NAME(weight_back)(const mien_winograd *w, const float *m,
    int64_t plane, int64_t first, int64_t last, float *weight) {
    for (int64_t o = first; o < last; o += LANES) {
        for (int64_t i = 0; i < w->in; i++) {
            if (w->taps == 3) {
                weight_back_one(w, 3, m + i * w->columns + o, plane, i, o, weight);
            } else {
                weight_back_one(w, 5, m + i * w->columns + o, plane, i, o, weight);
            }
        }
    }
}

const mien_winograd_kernels NAME(mien_winograd) = {
    .name = KERNELS_NAME,
    .block = BLOCK,
    .input = NAME(input),
    .product = NAME(product),
    .output = NAME(output),
    .finish = NAME(finish),
    .weight = NAME(weight),
    .gradient = NAME(gradient),
    .product_across = NAME(product_across),
    .weight_back = NAME(weight_back),
};
