/* SPDX-License-Identifier: MIT */
/* Value by value, in loops that compilers turn into vectors: part of narrow_kernels.h.
 */

/* A number of a place and two keys, its upper bits well mixed: Wellons' hash of 32 bits
 * (triple32) without its last fold, the second key after its
 * first fold. */
INLINE uint32_t hash(uint32_t place, const uint32_t *key) {
    uint32_t z = place ^ key[0];
    z = ((z ^ (z >> 17)) + key[1]) * 0xed5ad4bbu;
    z = (z ^ (z >> 11)) * 0xac4c1b51u;
    return (z ^ (z >> 15)) * 0x31848babu;
}

TARGET static void NAME(drop)(const mien_narrow_drop *d, const float *restrict x,
    float *restrict y, int64_t first, int64_t last) {
    const uint32_t key[2] = {d->key[0], d->key[1]}, least = d->least;
    const float scale = d->scale;
    for (int64_t i = first; i < last; i++) {
        y[i] = hash((uint32_t)i, key) >= least ? scale * x[i] : 0;
    }
}

TARGET static void NAME(add)(const float *a, const float *b, float *y, int64_t count) {
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        store(y + i, load(a + i) + load(b + i));
    }
    for (; i < count; i++) {
        y[i] = a[i] + b[i];
    }
}

/* Nothing else of a slope of 0 shows, not the sign of the value nor infinity. */
TARGET static void NAME(rectify)(const float *x, float slope, float *y, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        float below = slope == 0 ? 0 : slope * x[i];
        y[i] = x[i] <= 0 ? below : x[i]; /* keeps a NaN */
    }
}

TARGET static void NAME(rectify_back)(const float *restrict y, const float *restrict dy,
    float slope, float *restrict dx, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        float below = slope == 0 ? 0 : slope * dy[i];
        dx[i] = y[i] <= 0 ? below : dy[i];
    }
}

/* In four parts of the rows, which are then added up. */
TARGET static void NAME(column_sums)(
    const float *x, int64_t rows, int64_t columns, int64_t row, float *sums) {
    int64_t j = 0;
    for (; j + LANES <= columns; j += LANES) {
        double sum[4][LANES] = {{0}};
        int64_t i = 0;
        for (; i + 4 <= rows; i += 4) {
            for (int r = 0; r < 4; r++) {
                for (int k = 0; k < LANES; k++) {
                    sum[r][k] += (double)x[(i + r) * row + j + k];
                }
            }
        }
        for (; i < rows; i++) {
            for (int k = 0; k < LANES; k++) {
                sum[0][k] += (double)x[i * row + j + k];
            }
        }
        for (int k = 0; k < LANES; k++) {
            sums[j + k] = (float)((sum[0][k] + sum[1][k]) + (sum[2][k] + sum[3][k]));
        }
    }
    for (; j < columns; j++) {
        double sum = 0;
        for (int64_t i = 0; i < rows; i++) {
            sum += (double)x[i * row + j];
        }
        sums[j] = (float)sum;
    }
}
