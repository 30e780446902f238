/* SPDX-License-Identifier: MIT */
/* Pictures made smaller by a whole factor: each pixel the mean of a square. */
#include "media/shrink.h"

#include <string.h>

int mien_shrink_factor(int64_t width, int64_t height, int64_t least) {
    int64_t side = width < height ? width : height;
    int factor = 1;
    while (least > 0 && factor < MIEN_SHRINK_MAX && side / (factor * 2) >= least) {
        factor *= 2;
    }
    return factor;
}

/* One row of column sums to one row of means of `columns` wide squares. */
static void average_columns(
    const uint16_t *sums, int64_t width, int64_t rows, int factor, uint8_t *to) {
    int64_t whole = width / factor, n = rows * factor;
    uint32_t half = (uint32_t)(n / 2);
    for (int64_t x = 0; x < whole; x++, sums += factor * 3, to += 3) {
        uint32_t total[3] = {half, half, half};
        for (int64_t i = 0; i < factor * 3; i += 3) {
            total[0] += sums[i];
            total[1] += sums[i + 1];
            total[2] += sums[i + 2];
        }
        for (int c = 0; c < 3; c++) {
            to[c] = (uint8_t)(total[c] / (uint32_t)n);
        }
    }
    int64_t rest = width - whole * factor;
    for (int c = 0; c < 3 && rest > 0; c++) {
        uint32_t total = (uint32_t)(rows * rest / 2);
        for (int64_t i = 0; i < rest; i++) {
            total += sums[i * 3 + c];
        }
        to[c] = (uint8_t)(total / (uint32_t)(rows * rest));
    }
}

/* The common case: squares of four, no division. */
static void average_pairs(const uint16_t *sums, int64_t pairs, uint8_t *to) {
    for (int64_t x = 0; x < pairs; x++, sums += 6, to += 3) {
        to[0] = (uint8_t)((sums[0] + sums[3] + 2) >> 2);
        to[1] = (uint8_t)((sums[1] + sums[4] + 2) >> 2);
        to[2] = (uint8_t)((sums[2] + sums[5] + 2) >> 2);
    }
}

void mien_shrink(const uint8_t *from, int64_t stride, int64_t width, int64_t height,
    int factor, uint16_t *sums, uint8_t *to) {
    int64_t values = width * 3, out_stride = (width + factor - 1) / factor * 3;
    for (int64_t y = 0; y < height; y += factor, to += out_stride) {
        int64_t rows = height - y < factor ? height - y : factor;
        memset(sums, 0, (size_t)values * sizeof(*sums));
        for (int64_t r = 0; r < rows; r++) {
            const uint8_t *row = from + (y + r) * stride;
            for (int64_t i = 0; i < values; i++) {
                sums[i] = (uint16_t)(sums[i] + row[i]);
            }
        }
        if (factor == 2 && rows == 2 && width % 2 == 0) {
            average_pairs(sums, width / 2, to);
        } else {
            average_columns(sums, width, rows, factor, to);
        }
    }
}
