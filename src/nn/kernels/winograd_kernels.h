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

/* Bᵀ for F(4, 3), of six values. */
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
        int64_t top = 4 * i - w->top, left = 4 * j - w->left;
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

INLINE void output_four(const VEC *m, VEC *y) {
    VEC a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], d = m[3] - m[4];
    y[0] = m[0] + a + c;
    y[1] = FMA(SPLAT(2.0f), d, b);
    y[2] = FMA(SPLAT(4.0f), c, a);
    y[3] = FMA(SPLAT(8.0f), d, b) + m[5];
}

INLINE VEC activate(const mien_winograd *w, VEC v) {
    VEC zero = SPLAT(0.0f), slope = SPLAT(w->slope), most = SPLAT(w->most);
    v = MAX(v, zero) + slope * MIN(v, zero);
    return MIN(v, most);
}

INLINE void output_tile(const mien_winograd *w, const float *m, int64_t m_plane,
    int64_t rows, int64_t columns, VEC bias, const float *addend, float *y) {
    VEC half[4][6];
    for (int j = 0; j < 6; j++) {
        VEC column[6], t[4];
        for (int i = 0; i < 6; i++) {
            column[i] = load(m + (i * 6 + j) * m_plane);
        }
        output_four(column, t);
        for (int i = 0; i < 4; i++) {
            half[i][j] = t[i];
        }
    }
    for (int i = 0; i < rows; i++) {
        VEC t[4];
        output_four(half[i], t);
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

TARGET static void NAME(output)(const mien_winograd *w, const float *m, int64_t m_plane,
    int64_t first, int64_t count, const float *bias, const float *addend, float *y) {
    int64_t each = w->tiles_down * w->tiles_across;
    for (int64_t t = first; t < first + count; t++, m += w->columns) {
        int64_t n = t / each, i = 4 * (t % each / w->tiles_across),
                j = 4 * (t % w->tiles_across);
        int64_t rows = w->y_height - i, columns = w->y_width - j;
        for (int64_t c = 0; c < w->out; c += LANES) {
            int64_t to = at(&w->y, n, c) + i * w->y.row + j * w->y.pixel;
            VEC b = bias ? load(bias + c) : SPLAT(0.0f);
            const float *more = addend ? addend + to : NULL;
            if (rows >= 4 && columns >= 4) {
                output_tile(w, m + c, m_plane, 4, 4, b, more, y + to);
            } else {
                output_tile(w, m + c, m_plane, rows < 4 ? rows : 4,
                    columns < 4 ? columns : 4, b, more, y + to);
            }
        }
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

INLINE void weight_six(const VEC *g, VEC *t) {
    VEC a = g[0] + g[2], b = FMA(SPLAT(4.0f), g[2], g[0]), c = g[1] + g[1];
    t[0] = SPLAT(1.0f / 4) * g[0];
    t[1] = SPLAT(-1.0f / 6) * (a + g[1]);
    t[2] = SPLAT(-1.0f / 6) * (a - g[1]);
    t[3] = SPLAT(1.0f / 24) * (b + c);
    t[4] = SPLAT(1.0f / 24) * (b - c);
    t[5] = g[2];
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

/* The nine weights of a term between input i and LANES outputs from o on; 0 past the
 * last output. */
INLINE void gather(const mien_winograd *w, const float *weight, int backward,
    int64_t term, int64_t o, int64_t i, VEC *g) {
    const int64_t each = w->kind == MIEN_WINOGRAD_STRIDED ? 25 : 9 * w->terms;
    float nine[9][LANES] = {{0}};
    for (int64_t l = 0; l < LANES && o + l < w->out; l++) {
        const float *from = backward ? weight + (i * w->out + o + l) * 9
                                     : weight + ((o + l) * w->in + i) * each;
        for (int k = 0; k < 9; k++) {
            const int at = backward ? 8 - k : place_of(w, term, k / 3, k % 3);
            nine[k][l] = at < 0 ? 0 : from[at];
        }
    }
    for (int k = 0; k < 9; k++) {
        g[k] = load(nine[k]);
    }
}

TARGET static void NAME(weight)(const mien_winograd *w, const float *weight,
    bool backward, int64_t first, float *packed, int64_t plane) {
    for (int64_t i = 0; i < w->terms * w->in; i++) {
        for (int l = 0; l < BLOCK; l += LANES) {
            VEC g[9], half[6][3], t[6];
            gather(w, weight, backward, i / w->in, first + l, i % w->in, g);
            for (int k = 0; k < 3; k++) {
                VEC column[3] = {g[k], g[3 + k], g[6 + k]};
                weight_six(column, t);
                for (int r = 0; r < 6; r++) {
                    half[r][k] = t[r];
                }
            }
            for (int r = 0; r < 6; r++) {
                weight_six(half[r], t);
                for (int k = 0; k < 6; k++) {
                    store(packed + (r * 6 + k) * plane + i * BLOCK + l, t[k]);
                }
            }
        }
    }
}

/* ---- the gradient of the weights: A dy Aᵀ, and Gᵀ u G -------------------------------
 */

/* A, of four values. */
INLINE void gradient_six(const VEC *y, VEC *t) {
    VEC a = y[0] + y[2], b = y[1] + y[3], two = SPLAT(2.0f), four = SPLAT(4.0f);
    VEC c = FMA(four, y[2], y[0]), d = two * FMA(four, y[3], y[1]);
    t[0] = y[0];
    t[1] = a + b;
    t[2] = a - b;
    t[3] = c + d;
    t[4] = c - d;
    t[5] = y[3];
}

INLINE void gradient_tile(const mien_winograd *w, const float *y, int64_t rows,
    int64_t columns, float *d, int64_t d_plane) {
    VEC half[6][4];
    for (int j = 0; j < 4; j++) {
        VEC column[4], t[6];
        for (int i = 0; i < 4; i++) {
            int inside = i < rows && j < columns;
            column[i] = inside ? load(y + i * w->y.row + j * w->y.pixel) : SPLAT(0.0f);
        }
        gradient_six(column, t);
        for (int i = 0; i < 6; i++) {
            half[i][j] = t[i];
        }
    }
    for (int i = 0; i < 6; i++) {
        VEC t[6];
        gradient_six(half[i], t);
        for (int j = 0; j < 6; j++) {
            store(d + (i * 6 + j) * d_plane, t[j]);
        }
    }
}

TARGET static void NAME(gradient)(const mien_winograd *w, const float *y, int64_t first,
    int64_t count, float *d, int64_t d_plane) {
    int64_t each = w->tiles_down * w->tiles_across;
    for (int64_t t = first; t < first + count; t++, d += w->columns) {
        int64_t n = t / each, i = 4 * (t % each / w->tiles_across),
                j = 4 * (t % w->tiles_across);
        int64_t rows = w->y_height - i, columns = w->y_width - j;
        for (int64_t c = 0; c < w->out; c += LANES) {
            const float *from = y + at(&w->y, n, c) + i * w->y.row + j * w->y.pixel;
            if (rows >= 4 && columns >= 4) {
                gradient_tile(w, from, 4, 4, d + c, d_plane);
            } else {
                gradient_tile(w, from, rows, columns, d + c, d_plane);
            }
        }
    }
}

/* Gᵀ, of six values. */
INLINE void weight_three(const VEC *t, VEC *g) {
    VEC a = t[1] + t[2], b = t[2] - t[1], c = t[3] + t[4], d = t[3] - t[4];
    VEC sixth = SPLAT(1.0f / 6), twelfth = SPLAT(1.0f / 12), quarter = SPLAT(1.0f / 4);
    g[0] = FMA(quarter, t[0], FMA(SPLAT(1.0f / 24), c, -sixth * a));
    g[1] = FMA(sixth, b, twelfth * d);
    g[2] = FMA(sixth, c - a, t[5]);
}

/* Outputs o to o + LANES of input i. */
INLINE void weight_back_one(const mien_winograd *w, const float *m, int64_t plane,
    int64_t i, int64_t o, float *weight) {
    VEC half[3][6];
    float nine[9][LANES];
    for (int j = 0; j < 6; j++) {
        VEC column[6], g[3];
        for (int r = 0; r < 6; r++) {
            column[r] = load(m + (r * 6 + j) * plane);
        }
        weight_three(column, g);
        for (int r = 0; r < 3; r++) {
            half[r][j] = g[r];
        }
    }
    for (int r = 0; r < 3; r++) {
        VEC g[3];
        weight_three(half[r], g);
        for (int k = 0; k < 3; k++) {
            store(nine[r * 3 + k], g[k]);
        }
    }
    for (int64_t l = 0; l < LANES && o + l < w->out; l++) {
        float *to = weight + ((o + l) * w->in + i) * 9;
        for (int k = 0; k < 9; k++) {
            to[k] = nine[k][l];
        }
    }
}

TARGET static void NAME(weight_back)(const mien_winograd *w, const float *m,
    int64_t plane, int64_t first, int64_t last, float *weight) {
    for (int64_t o = first; o < last; o += LANES) {
        for (int64_t i = 0; i < w->in; i++) {
            weight_back_one(w, m + i * w->columns + o, plane, i, o, weight);
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
