/* SPDX-License-Identifier: MIT */
/* A picture's outline in 64 bits, for finding pictures that look alike. */
#include "data/doctor/doctor.h"

#include <math.h>

enum { COLUMNS = 9, ROWS = 8 };

/* Mean of 1000 × grey (Rec. 601) over rows [top, bottom) and columns [left, right). */
static double mean_grey(const mien_tensor *image, int64_t top, int64_t bottom,
    int64_t left, int64_t right) {
    const uint8_t *pixels = image->data;
    int64_t width = image->shape[1];
    uint64_t sum = 0;
    for (int64_t y = top; y < bottom; y++) {
        const uint8_t *p = pixels + 3 * (y * width + left);
        for (int64_t x = left; x < right; x++, p += 3) {
            sum += 299U * p[0] + 587U * p[1] + 114U * p[2];
        }
    }
    return (double)sum / (double)((bottom - top) * (right - left));
}

/* Start of cell i of n over size pixels; every cell gets at least one. */
static int64_t edge(int64_t i, int64_t n, int64_t size) {
    return i * size / n;
}

static double cell(const mien_tensor *image, int row, int column) {
    int64_t height = image->shape[0], width = image->shape[1];
    int64_t top = edge(row, ROWS, height), bottom = edge(row + 1, ROWS, height);
    int64_t left = edge(column, COLUMNS, width),
            right = edge(column + 1, COLUMNS, width);
    return mean_grey(image, top, bottom > top ? bottom : top + 1, left,
        right > left ? right : left + 1);
}

uint64_t mien_perceptual_hash(const mien_tensor *image, bool *flat) {
    uint64_t hash = 0;
    double sum = 0, squares = 0;
    for (int r = 0; r < ROWS; r++) {
        double left = 0;
        for (int c = 0; c < COLUMNS; c++) {
            double grey = cell(image, r, c) / 1000;
            sum += grey;
            squares += grey * grey;
            if (c > 0) {
                hash = hash << 1 | (left > grey);
            }
            left = grey;
        }
    }
    double n = ROWS * COLUMNS, mean = sum / n;
    *flat = squares / n - mean * mean < 4; /* SD below 2 of 255 */
    return hash;
}
