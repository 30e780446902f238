/* SPDX-License-Identifier: MIT */
/* The loops of nn/kernels/norm_act.h for one instruction set. The including file
 * defines VEC, LANES, TARGET, LOAD, STORE, STREAM, FENCE, FMA, SPLAT, MAX, MIN,
 * WITHIN(z, a, b, v) (v where a < z < b, else 0), fma1() for single floats, NAME and
 * KERNELS_NAME. Row by row, as prefetching wants it; four rows at a time where values
 * are in the caches: what belongs to a channel is loaded once for four values. No
 * include guard. */
#include "nn/kernels/norm_act.h"

#define INLINE TARGET static inline __attribute__((always_inline))
#define TOGETHER 4

/* ---- forward ------------------------------------------------------------------------
 */

INLINE void sums_rows(const mien_norm_piece *p, int64_t row, int count) {
    const float *x = p->x + row * p->wide;
    for (int64_t j = 0; j < p->wide; j += LANES) {
        VEC mean = LOAD(p->mean + j), sum = SPLAT(0), square = SPLAT(0);
        for (int r = 0; r < count; r++) {
            VEC t = LOAD(x + r * p->wide + j) - mean;
            sum = sum + t;
            square = FMA(t, t, square);
        }
        STORE(p->sums + j, LOAD(p->sums + j) + sum);
        STORE(p->sums + p->wide + j, LOAD(p->sums + p->wide + j) + square);
    }
}

TARGET static void NAME(sums)(const mien_norm_piece *p) {
    int64_t row = 0;
    for (; p->together && row + TOGETHER <= p->rows; row += TOGETHER) {
        sums_rows(p, row, TOGETHER);
    }
    for (; row < p->rows; row++) {
        sums_rows(p, row, 1);
    }
    const float *x = p->x + p->rows * p->wide;
    for (int64_t j = 0; j < p->rest; j++) {
        float t = x[j] - p->mean[j];
        p->sums[j] += t;
        p->sums[p->wide + j] += t * t;
    }
}

INLINE void apply_rows(
    const mien_norm_piece *p, int64_t row, int count, bool adds, bool streams) {
    int64_t wide = p->wide, at = row * wide;
    VEC least = SPLAT(p->least), most = SPLAT(p->most);
    for (int64_t j = 0; j < wide; j += LANES) {
        VEC mean = LOAD(p->mean + j), scale = LOAD(p->scale + j);
        VEC shift = LOAD(p->shift + j);
        for (int r = 0; r < count; r++) {
            int64_t i = at + r * wide + j;
            VEC z = FMA(LOAD(p->x + i) - mean, scale, shift);
            if (adds) {
                z = z + LOAD(p->added + i);
            }
            z = MIN(most, MAX(least, z)); /* what is no number stays none */
            if (streams) {
                STREAM(p->to + i, z);
            } else {
                STORE(p->to + i, z);
            }
        }
    }
}

static inline float clip1(const mien_norm_piece *p, float z) {
    z = z < p->least ? p->least : z;
    return z > p->most ? p->most : z;
}

INLINE void apply_all(const mien_norm_piece *p, bool adds, bool streams) {
    int64_t row = 0;
    for (; p->together && row + TOGETHER <= p->rows; row += TOGETHER) {
        apply_rows(p, row, TOGETHER, adds, streams);
    }
    for (; row < p->rows; row++) {
        apply_rows(p, row, 1, adds, streams);
    }
    if (streams) {
        FENCE();
    }
    for (int64_t j = 0, i = p->rows * p->wide; j < p->rest; j++, i++) {
        float z = fma1(p->x[i] - p->mean[j], p->scale[j], p->shift[j]);
        p->to[i] = clip1(p, adds ? z + p->added[i] : z);
    }
}

TARGET static void NAME(apply)(const mien_norm_piece *p) {
    if (p->added) {
        apply_all(p, true, false);
    } else if (p->streams) {
        apply_all(p, false, true);
    } else {
        apply_all(p, false, false);
    }
}

/* ---- going back ---------------------------------------------------------------------
 */

/* What is left of dy behind the clipping: told from y where something was added, else
 * from z as forward computes it. */
enum { WHOLE, BY_X, BY_Y };

INLINE VEC left_of(const mien_norm_piece *p, int64_t i, int64_t j, VEC t, int by) {
    VEC dy = LOAD(p->dy + i), z;
    if (by == WHOLE) {
        return dy;
    }
    z = by == BY_Y ? LOAD(p->clipped + i)
                   : FMA(t, LOAD(p->scale + j), LOAD(p->shift + j));
    return WITHIN(z, SPLAT(p->least), SPLAT(p->most), dy);
}

INLINE float left1(const mien_norm_piece *p, int64_t i, int64_t j, float t, int by) {
    float z = by == BY_Y ? p->clipped[i] : fma1(t, p->scale[j], p->shift[j]);
    return by == WHOLE || (z > p->least && z < p->most) ? p->dy[i] : 0;
}

INLINE void sums_back_rows(const mien_norm_piece *p, int64_t row, int count, int by) {
    int64_t wide = p->wide, at = row * wide;
    for (int64_t j = 0; j < wide; j += LANES) {
        VEC mean = LOAD(p->mean + j), sum = SPLAT(0), product = SPLAT(0);
        for (int r = 0; r < count; r++) {
            int64_t i = at + r * wide + j;
            VEC t = LOAD(p->x + i) - mean;
            VEC dz = left_of(p, i, j, t, by);
            sum = sum + dz;
            product = FMA(dz, t, product);
            if (by == BY_Y) {
                STORE(p->dadded + i, dz);
            }
        }
        STORE(p->sums + j, LOAD(p->sums + j) + sum);
        STORE(p->sums + wide + j, LOAD(p->sums + wide + j) + product);
    }
}

INLINE void sums_back_all(const mien_norm_piece *p, int by) {
    int64_t row = 0;
    for (; p->together && row + TOGETHER <= p->rows; row += TOGETHER) {
        sums_back_rows(p, row, TOGETHER, by);
    }
    for (; row < p->rows; row++) {
        sums_back_rows(p, row, 1, by);
    }
    for (int64_t j = 0, i = p->rows * p->wide; j < p->rest; j++, i++) {
        float t = p->x[i] - p->mean[j], dz = left1(p, i, j, t, by);
        p->sums[j] += dz;
        p->sums[p->wide + j] += dz * t;
        if (by == BY_Y) {
            p->dadded[i] = dz;
        }
    }
}

TARGET static void NAME(sums_back)(const mien_norm_piece *p) {
    if (!p->clips) {
        sums_back_all(p, WHOLE);
    } else if (p->clipped) {
        sums_back_all(p, BY_Y);
    } else {
        sums_back_all(p, BY_X);
    }
}

INLINE void apply_back_rows(
    const mien_norm_piece *p, int64_t row, int count, int by, bool streams) {
    int64_t wide = p->wide, at = row * wide;
    for (int64_t j = 0; j < wide; j += LANES) {
        VEC mean = LOAD(p->mean + j), by_dz = LOAD(p->by_dz + j);
        VEC by_x = LOAD(p->by_x + j), by_one = LOAD(p->by_one + j);
        for (int r = 0; r < count; r++) {
            int64_t i = at + r * wide + j;
            VEC t = LOAD(p->x + i) - mean;
            VEC dz = left_of(p, i, j, t, by);
            VEC dx = FMA(dz, by_dz, FMA(t, by_x, by_one));
            if (streams) {
                STREAM(p->to + i, dx);
            } else {
                STORE(p->to + i, dx);
            }
        }
    }
}

INLINE void apply_back_all(const mien_norm_piece *p, int by, bool streams) {
    int64_t row = 0;
    for (; p->together && row + TOGETHER <= p->rows; row += TOGETHER) {
        apply_back_rows(p, row, TOGETHER, by, streams);
    }
    for (; row < p->rows; row++) {
        apply_back_rows(p, row, 1, by, streams);
    }
    if (streams) {
        FENCE();
    }
    for (int64_t j = 0, i = p->rows * p->wide; j < p->rest; j++, i++) {
        float t = p->x[i] - p->mean[j], dz = left1(p, i, j, t, by);
        p->to[i] = fma1(dz, p->by_dz[j], fma1(t, p->by_x[j], p->by_one[j]));
    }
}

TARGET static void NAME(apply_back)(const mien_norm_piece *p) {
    bool masks = p->clips && !p->clipped;
    if (masks && p->streams) {
        apply_back_all(p, BY_X, true);
    } else if (masks) {
        apply_back_all(p, BY_X, false);
    } else if (p->streams) {
        apply_back_all(p, WHOLE, true);
    } else {
        apply_back_all(p, WHOLE, false);
    }
}

const mien_norm_kernels NAME(mien_norm) = {.name = KERNELS_NAME,
    .sums = NAME(sums),
    .apply = NAME(apply),
    .sums_back = NAME(sums_back),
    .apply_back = NAME(apply_back)};
