/* SPDX-License-Identifier: MIT */
/* Layer normalisation of narrow rows, LANES rows at once: part of narrow_kernels.h. */

INLINE int rows_from(int64_t row, int64_t rows) {
    return rows - row < LANES ? (int)(rows - row) : LANES;
}

TARGET static void NAME(norm_forward)(const mien_narrow_norm *n) {
    const VEC one = SPLAT(1.0f);
    const VEC inside = SPLAT(n->outside ? 0.0f : n->epsilon);
    const VEC outside = SPLAT(n->outside ? n->epsilon : 0.0f);
    const VEC share = SPLAT(1.0f / (float)n->width);
    const VEC spread = SPLAT(1.0f / (float)(n->outside ? n->width - 1 : n->width));
    for (int64_t row = 0; row < n->rows; row += LANES) {
        int rows = rows_from(row, n->rows);
        VEC x[MIEN_NARROW_NORM], mean = SPLAT(0.0f), squares = SPLAT(0.0f);
        gather(n->x + row * n->width, n->width, n->width, rows, x);
        for (int64_t i = 0; i < n->width; i++) {
            mean += x[i];
        }
        mean *= share;
        for (int64_t i = 0; i < n->width; i++) {
            x[i] -= mean;
            squares = FMA(x[i], x[i], squares);
        }
        squares *= spread;
        VEC scale = one / (ROOT(squares + inside) + outside);
        for (int64_t i = 0; i < n->width; i++) {
            x[i] = FMA(x[i] * scale, SPLAT(n->weight[i]), SPLAT(n->bias[i]));
        }
        scatter(x, n->y + row * n->width, n->width, n->width, rows);
        if (n->kept) {
            store(n->kept + 2 * row, mean);
            store(n->kept + 2 * row + LANES, scale);
        }
    }
}

/* The factor of the sum of gradients along z = x − mean, see op_layer_norm.c. */
INLINE VEC factor(const mien_narrow_norm *n, VEC scale) {
    const VEC one = SPLAT(1.0f);
    if (!n->outside) {
        return scale * scale * SPLAT(1.0f / (float)n->width);
    }
    VEC deviation = one / scale - SPLAT(n->epsilon);
    VEC by = scale / (deviation * SPLAT((float)(n->width - 1)));
    return IF_POSITIVE(
        deviation, IF_POSITIVE(scale, by)); /* a lane without a row has 0 */
}

TARGET static void NAME(norm_backward)(const mien_narrow_norm *n) {
    VEC weights[MIEN_NARROW_NORM], biases[MIEN_NARROW_NORM];
    const VEC share = SPLAT(1.0f / (float)n->width);
    for (int64_t i = 0; i < n->width; i++) {
        weights[i] = biases[i] = SPLAT(0.0f);
    }
    for (int64_t row = 0; row < n->rows; row += LANES) {
        int rows = rows_from(row, n->rows);
        VEC z[MIEN_NARROW_NORM], g[MIEN_NARROW_NORM];
        VEC mean = load(n->kept + 2 * row), scale = load(n->kept + 2 * row + LANES);
        VEC sum = SPLAT(0.0f), along = SPLAT(0.0f);
        gather(n->x + row * n->width, n->width, n->width, rows, z);
        gather(n->dy + row * n->width, n->width, n->width, rows, g);
        for (int64_t i = 0; i < n->width; i++) {
            z[i] -= mean;
            weights[i] = FMA(g[i] * z[i], scale, weights[i]);
            biases[i] += g[i];
            g[i] *= SPLAT(n->weight[i]);
            sum += g[i];
            along = FMA(g[i], z[i], along);
        }
        if (!n->dx) {
            continue;
        }
        sum *= share;
        along *= factor(n, scale);
        for (int64_t i = 0; i < n->width; i++) {
            g[i] = scale * (g[i] - sum - z[i] * along);
        }
        scatter(g, n->dx + row * n->width, n->width, n->width, rows);
    }
    for (int64_t i = 0; n->dweight && i < n->width; i++) {
        n->dweight[i] = sum_of(weights[i]);
    }
    for (int64_t i = 0; n->dbias && i < n->width; i++) {
        n->dbias[i] = sum_of(biases[i]);
    }
}
