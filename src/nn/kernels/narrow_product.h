/* SPDX-License-Identifier: MIT */
/* Products of narrow matrices: part of narrow_kernels.h. */

/* Terms of a product's last, ragged columns that are packed at once. */
#define PACKED 256

/* `rows` rows of a times `vectors` vectors of b; `last`: lanes of the last vector that
 * count. rows, vectors and whether last is LANES are constants where this is inlined.
 */
INLINE void block(const mien_narrow_product *p, int rows, int vectors, int64_t last,
    const float *a, const float *b, int64_t b_row, float *c, const float *start) {
    VEC sum[ROWS][VECTORS];
    for (int r = 0; r < rows; r++) {
        for (int v = 0; v < vectors; v++) {
            const float *from = (start ? start : c + r * p->c_row) + v * LANES;
            sum[r][v] = !start && !p->adds                 ? SPLAT(0.0f)
                        : v == vectors - 1 && last < LANES ? load_some(from, last)
                                                           : load(from);
        }
    }
    for (int64_t l = 0; l < p->k; l++, a += p->a_term, b += b_row) {
        VEC terms[VECTORS];
        /* the next block of columns: rows far apart are not fetched ahead by themselves
         */
        __builtin_prefetch(b + VECTORS * LANES, 0, 2);
        for (int v = 0; v < vectors; v++) {
            terms[v] = load(b + v * LANES);
        }
        for (int r = 0; r < rows; r++) {
            VEC factor = SPLAT(a[r * p->a_row]);
            for (int v = 0; v < vectors; v++) {
                sum[r][v] = FMA(factor, terms[v], sum[r][v]);
            }
        }
    }
    for (int r = 0; r < rows; r++) {
        for (int v = 0; v < vectors; v++) {
            float *to = c + r * p->c_row + v * LANES;
            if (v == vectors - 1 && last < LANES) {
                store_some(to, sum[r][v], last);
            } else {
                store(to, sum[r][v]);
            }
        }
    }
}

/* All rows of a times these columns. */
INLINE void columns(const mien_narrow_product *p, int vectors, int64_t last,
    const float *b, int64_t b_row, float *c, const float *start) {
    int64_t i = 0;
    for (; i + ROWS <= p->m; i += ROWS) {
        block(p, ROWS, vectors, last, p->a + i * p->a_row, b, b_row, c + i * p->c_row,
            start);
    }
#if ROWS > 4
    if (p->m - i >= 4) {
        block(p, 4, vectors, last, p->a + i * p->a_row, b, b_row, c + i * p->c_row,
            start);
        i += 4;
    }
#endif
    if (p->m - i >= 2) {
        block(p, 2, vectors, last, p->a + i * p->a_row, b, b_row, c + i * p->c_row,
            start);
        i += 2;
    }
    if (i < p->m) {
        block(p, 1, vectors, last, p->a + i * p->a_row, b, b_row, c + i * p->c_row,
            start);
    }
}

/* The last columns, fewer than a vector: copied to whole vectors, some terms at once.
 */
TARGET static void NAME(ragged)(const mien_narrow_product *p, int64_t first) {
    float packed[PACKED * LANES];
    mien_narrow_product part = *p;
    for (int64_t l = 0; l < p->k; l += PACKED) {
        part.k = p->k - l < PACKED ? p->k - l : PACKED;
        part.a = p->a + l * p->a_term;
        for (int64_t i = 0; i < part.k; i++) {
            store(packed + i * LANES,
                load_some(p->b + (l + i) * p->b_row + first, p->n - first));
        }
        columns(&part, 1, p->n - first, packed, LANES, p->c + first,
            part.start ? part.start + first : NULL);
        part.start = NULL;
        part.adds = true;
    }
}

TARGET static void NAME(product)(const mien_narrow_product *p) {
    int64_t j = 0;
    for (; j + VECTORS * LANES <= p->n; j += VECTORS * LANES) {
        columns(p, VECTORS, LANES, p->b + j, p->b_row, p->c + j,
            p->start ? p->start + j : NULL);
    }
    if (j + LANES <= p->n) {
        columns(
            p, 1, LANES, p->b + j, p->b_row, p->c + j, p->start ? p->start + j : NULL);
        j += LANES;
    }
    if (j < p->n) {
        NAME(ragged)(p, j);
    }
}

/* ---- b transposed: each value a sum over two rows
 * ------------------------------------
 */

#define PIECE 1024 /* terms at once: LANES rows of b stay in the innermost cache */

/* Adds `count` terms from l on: LANES of them, or the last few. */
INLINE void dots_terms(const mien_narrow_product *p, int rows, const float *a,
    const float *b, int64_t l, int64_t count, VEC sum[2][LANES]) {
    VEC x[2];
    for (int r = 0; r < rows; r++) {
        const float *from = a + r * p->a_row + l;
        x[r] = count < LANES ? load_some(from, count) : load(from);
    }
    for (int j = 0; j < LANES; j++) {
        const float *from = b + j * p->b_row + l;
        VEC y = count < LANES ? load_some(from, count) : load(from);
        for (int r = 0; r < rows; r++) {
            sum[r][j] = FMA(x[r], y, sum[r][j]);
        }
    }
}

/* LANES values of `rows` rows (a constant) of c. */
INLINE void dots_block(const mien_narrow_product *p, int rows, const float *a,
    const float *b, int64_t terms, float *c, bool adds, const float *start) {
    VEC sum[2][LANES];
    int64_t l = 0;
    for (int r = 0; r < rows; r++) {
        for (int j = 0; j < LANES; j++) {
            sum[r][j] = SPLAT(0.0f);
        }
    }
    for (; l + LANES <= terms; l += LANES) {
        dots_terms(p, rows, a, b, l, LANES, sum);
    }
    if (l < terms) {
        dots_terms(p, rows, a, b, l, terms - l, sum);
    }
    for (int r = 0; r < rows; r++) {
        transpose(sum[r]);
        VEC all = start ? load(start) : adds ? load(c + r * p->c_row) : SPLAT(0.0f);
        for (int j = 0; j < LANES; j++) {
            all += sum[r][j];
        }
        store(c + r * p->c_row, all);
    }
}

/* One value of c. */
INLINE void dot(const float *a, const float *b, int64_t terms, float *c, float start) {
    VEC sum = SPLAT(0.0f);
    int64_t l = 0;
    for (; l + LANES <= terms; l += LANES) {
        sum = FMA(load(a + l), load(b + l), sum);
    }
    if (l < terms) {
        sum = FMA(load_some(a + l, terms - l), load_some(b + l, terms - l), sum);
    }
    *c = start + sum_of(sum);
}

TARGET static void NAME(dots)(const mien_narrow_product *p) {
    for (int64_t l = 0; l < p->k; l += PIECE) {
        int64_t terms = p->k - l < PIECE ? p->k - l : PIECE, j = 0;
        const float *start = l ? NULL : p->start;
        bool adds = p->adds || l;
        for (; j + LANES <= p->n; j += LANES) {
            const float *b = p->b + j * p->b_row + l;
            int64_t i = 0;
            for (; i + 2 <= p->m; i += 2) {
                dots_block(p, 2, p->a + i * p->a_row + l, b, terms,
                    p->c + i * p->c_row + j, adds, start ? start + j : NULL);
            }
            if (i < p->m) {
                dots_block(p, 1, p->a + i * p->a_row + l, b, terms,
                    p->c + i * p->c_row + j, adds, start ? start + j : NULL);
            }
        }
        for (; j < p->n; j++) {
            for (int64_t i = 0; i < p->m; i++) {
                float *c = p->c + i * p->c_row + j;
                dot(p->a + i * p->a_row + l, p->b + j * p->b_row + l, terms, c,
                    start  ? start[j]
                    : adds ? *c
                           : 0);
            }
        }
    }
}

/* ---- a matrix turned ----------------------------------------------------------------
 */

TARGET static void NAME(turn)(const float *x, int64_t rows, int64_t columns, float *y) {
    for (int64_t j = 0; j < columns; j += LANES) {
        int64_t across = columns - j < LANES ? columns - j : LANES;
        for (int64_t i = 0; i < rows; i += LANES) {
            int64_t down = rows - i < LANES ? rows - i : LANES;
            VEC v[LANES];
            for (int r = 0; r < LANES; r++) {
                v[r] = r < down ? load_some(x + (i + r) * columns + j, across)
                                : SPLAT(0.0f);
            }
            transpose(v);
            for (int r = 0; r < across; r++) {
                store_some(y + (j + r) * rows + i, v[r], down);
            }
        }
    }
}
