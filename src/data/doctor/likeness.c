/* SPDX-License-Identifier: MIT */
/* Thumbnails, their outlines, and the alignment of two.
 *
 * In come decoded pictures (doctor_pictures.c); out go bits to be compared for all
 * pairs, and for the pairs in which they are close a correlation after alignment.
 * Positions are in heights of the picture from its middle, so that turning is turning
 * whatever the shape: y from -1 to 1, x from -aspect to aspect. */
#include "data/doctor/likeness.h"

#include <math.h>
#include <string.h>

/* Steps are computed on every other cell; after TRIED of them a pair that is like at
 * all has a correlation of TRIED_R. */
enum { SIDE = MIEN_THUMB_SIDE, SPARSE = 2, STEPS = 12, TRIED = 4, PARAMETERS = 6 };
#define TRIED_R 0.6
/* Two thumbnails share at least so much of their area. */
#define SHARED_MIN 0.5

static const double sizes[] = {1.25, 1.12, 1, 0.9, 0.8}; /* the inverse of a crop's */
static const double angles[] = {-5, 0, 5};
#define SIZES 5
#define ANGLES 3

/* x' = m[0] x + m[1] y + m[2], y' = m[3] x + m[4] y + m[5] */
typedef struct map {
    double m[PARAMETERS];
} map;

static map map_of(int variant) {
    bool mirror = variant >= SIZES * ANGLES;
    double size = sizes[variant / ANGLES % SIZES];
    double angle = angles[variant % ANGLES] * 3.14159265358979 / 180;
    double c = size * cos(angle), s = size * sin(angle);
    return mirror ? (map){{-c, s, 0, s, c, 0}} : (map){{c, -s, 0, s, c, 0}};
}

/* ---- thumbnails
 * ----------------------------------------------------------------------- */

static uint8_t mean_grey(const mien_tensor *image, int row, int column) {
    int64_t height = image->shape[0], width = image->shape[1];
    int64_t top = row * height / SIDE, bottom = (row + 1) * height / SIDE;
    int64_t left = column * width / SIDE, right = (column + 1) * width / SIDE;
    const uint8_t *pixels = image->data;
    uint64_t sum = 0;
    bottom = bottom > top ? bottom : top + 1;
    right = right > left ? right : left + 1;
    for (int64_t y = top; y < bottom; y++) {
        const uint8_t *p = pixels + 3 * (y * width + left);
        for (int64_t x = left; x < right; x++, p += 3) {
            sum += 299U * p[0] + 587U * p[1] + 114U * p[2];
        }
    }
    return (uint8_t)(sum / 1000 / (uint64_t)((bottom - top) * (right - left)));
}

/* Grey at a position, between cells linearly, beyond the edge as at it. */
static double grey_at(const mien_thumb *t, double x, double y) {
    double column = (x / (double)t->aspect + 1) / 2 * SIDE - 0.5;
    double row = (y + 1) / 2 * SIDE - 0.5;
    column = column < 0 ? 0 : column > SIDE - 1 ? SIDE - 1 : column;
    row = row < 0 ? 0 : row > SIDE - 1 ? SIDE - 1 : row;
    int c = column < SIDE - 1 ? (int)column : SIDE - 2;
    int r = row < SIDE - 1 ? (int)row : SIDE - 2;
    double fc = column - c, fr = row - r;
    return (1 - fr) * ((1 - fc) * t->grey[r][c] + fc * t->grey[r][c + 1]) +
           fr * ((1 - fc) * t->grey[r + 1][c] + fc * t->grey[r + 1][c + 1]);
}

/* Mean grey of cell [row][column] of 8 × 9 in a variant. */
static double cell(const mien_thumb *t, const map *v, int row, int column) {
    enum { N = 4 };
    double sum = 0;
    for (int i = 0; i < N * N; i++) {
        double y = (row + (i / N + 0.5) / N) / 4 - 1;
        double x = ((column + (i % N + 0.5) / N) / 4.5 - 1) * (double)t->aspect;
        sum += grey_at(t, v->m[0] * x + v->m[1] * y, v->m[3] * x + v->m[4] * y);
    }
    return sum;
}

static uint64_t outline_of(const mien_thumb *t, int variant) {
    map v = map_of(variant);
    uint64_t bits = 0;
    for (int r = 0; r < 8; r++) {
        double left = cell(t, &v, r, 0);
        for (int c = 1; c < 9; c++) {
            double here = cell(t, &v, r, c);
            bits = bits << 1 | (left > here);
            left = here;
        }
    }
    return bits;
}

void mien_thumb_take(const mien_tensor *image, mien_thumb *thumb) {
    thumb->aspect = (float)image->shape[1] / (float)image->shape[0];
    for (int r = 0; r < SIDE; r++) {
        for (int c = 0; c < SIDE; c++) {
            thumb->grey[r][c] = mean_grey(image, r, c);
        }
    }
    for (int v = 0; v < MIEN_VARIANTS; v++) {
        thumb->outline[v] = outline_of(thumb, v);
    }
}

int mien_thumb_distance(
    const mien_thumb *a, const mien_thumb *b, int *variant, bool *swapped) {
    int best = 65;
    for (int v = 0; v < MIEN_VARIANTS; v++) {
        int one = __builtin_popcountll(a->outline[v] ^ b->outline[MIEN_VARIANT_PLAIN]);
        int two = __builtin_popcountll(b->outline[v] ^ a->outline[MIEN_VARIANT_PLAIN]);
        if (one < best || two < best) {
            *swapped = two < one;
            *variant = v;
            best = two < one ? two : one;
        }
    }
    return best;
}

/* ---- alignment
 * ------------------------------------------------------------------------ */

/* One pass over b's cells: where a is under them, sums for correlation and for the next
 * step of Gauss and Newton on the standardised difference. */
typedef struct sums {
    double n, a, b, aa, bb, ab;
} sums;

static bool inside(const mien_thumb *t, double x, double y) {
    return fabs(x) <= (double)t->aspect && fabs(y) <= 1;
}

typedef struct spot {
    double x, y, at_x, at_y, a, b; /* in b, in a; grey of both */
    bool shared;
} spot;

static spot spot_at(
    const mien_thumb *a, const mien_thumb *b, const map *v, int row, int column) {
    spot s;
    s.x = ((column + 0.5) * 2 / SIDE - 1) * (double)b->aspect;
    s.y = (row + 0.5) * 2 / SIDE - 1;
    s.at_x = v->m[0] * s.x + v->m[1] * s.y + v->m[2];
    s.at_y = v->m[3] * s.x + v->m[4] * s.y + v->m[5];
    s.shared = inside(a, s.at_x, s.at_y);
    s.a = s.shared ? grey_at(a, s.at_x, s.at_y) : 0;
    s.b = b->grey[row][column];
    return s;
}

/* Sums over every `stride`-th cell of both directions. */
static sums sum_up(const mien_thumb *a, const mien_thumb *b, const map *v, int stride) {
    sums s = {0};
    int side = SIDE / stride;
    for (int i = 0; i < side * side; i++) {
        spot p = spot_at(a, b, v, i / side * stride, i % side * stride);
        if (p.shared) {
            s.n++;
            s.a += p.a;
            s.b += p.b;
            s.aa += p.a * p.a;
            s.bb += p.b * p.b;
            s.ab += p.a * p.b;
        }
    }
    return s;
}

/* 0 where too little is shared or nothing is to be seen. */
static double correlation(const sums *s, int stride) {
    double all = (double)(SIDE / stride) * (SIDE / stride);
    double va = s->aa - s->a * s->a / s->n, vb = s->bb - s->b * s->b / s->n;
    double flat = 4 * s->n; /* SD 2 of 255: nothing to compare */
    return s->n < SHARED_MIN * all || va < flat || vb < flat
               ? 0
               : (s->ab - s->a * s->b / s->n) / sqrt(va * vb);
}

/* Solves m x = y by elimination with the largest pivot; false where there is none. */
static bool solve(double m[PARAMETERS][PARAMETERS + 1], double x[PARAMETERS]) {
    for (int k = 0; k < PARAMETERS; k++) {
        int pivot = k;
        for (int r = k + 1; r < PARAMETERS; r++) {
            pivot = fabs(m[r][k]) > fabs(m[pivot][k]) ? r : pivot;
        }
        if (fabs(m[pivot][k]) < 1e-9) {
            return false;
        }
        for (int c = k; c <= PARAMETERS && pivot != k; c++) {
            double kept = m[k][c];
            m[k][c] = m[pivot][c];
            m[pivot][c] = kept;
        }
        for (int r = 0; r < PARAMETERS; r++) {
            double f = r == k ? 0 : m[r][k] / m[k][k];
            for (int c = k; c <= PARAMETERS && f != 0; c++) {
                m[r][c] -= f * m[k][c];
            }
        }
    }
    for (int k = 0; k < PARAMETERS; k++) {
        x[k] = m[k][PARAMETERS] / m[k][k];
    }
    return true;
}

/* Moves the map so that a, standardised, comes closer to b, standardised. */
static bool step(const mien_thumb *a, const mien_thumb *b, const sums *s, map *v) {
    double m[PARAMETERS][PARAMETERS + 1] = {{0}}, change[PARAMETERS];
    double mean_a = s->a / s->n, mean_b = s->b / s->n, h = 2.0 / SIDE;
    double sd_a = sqrt(s->aa / s->n - mean_a * mean_a);
    double sd_b = sqrt(s->bb / s->n - mean_b * mean_b);
    enum { SPARSE_SIDE = SIDE / SPARSE };
    for (int i = 0; i < SPARSE_SIDE * SPARSE_SIDE; i++) {
        spot p = spot_at(a, b, v, i / SPARSE_SIDE * SPARSE, i % SPARSE_SIDE * SPARSE);
        if (!p.shared) {
            continue;
        }
        double gx = (grey_at(a, p.at_x + h, p.at_y) - grey_at(a, p.at_x - h, p.at_y)) /
                    (2 * h * sd_a);
        double gy = (grey_at(a, p.at_x, p.at_y + h) - grey_at(a, p.at_x, p.at_y - h)) /
                    (2 * h * sd_a);
        double rest = (p.b - mean_b) / sd_b - (p.a - mean_a) / sd_a;
        const double g[PARAMETERS] = {gx * p.x, gx * p.y, gx, gy * p.x, gy * p.y, gy};
        for (int r = 0; r < PARAMETERS; r++) {
            for (int c = 0; c < PARAMETERS; c++) {
                m[r][c] += g[r] * g[c];
            }
            m[r][PARAMETERS] += g[r] * rest;
        }
    }
    if (!solve(m, change)) {
        return false;
    }
    for (int k = 0; k < PARAMETERS; k++) {
        v->m[k] += change[k];
    }
    return true;
}

/* A map that turns, mirrors and scales but hardly shears: what is done to pictures. */
static bool is_plausible(const map *v) {
    double one = hypot(v->m[0], v->m[3]), two = hypot(v->m[1], v->m[4]);
    double across = (v->m[0] * v->m[1] + v->m[3] * v->m[4]) / (one * two);
    return one > 0.6 && one < 1.7 && two > 0.6 && two < 1.7 && fabs(across) < 0.15;
}

double mien_thumb_align(const mien_thumb *a, const mien_thumb *b, int variant) {
    map v = map_of(variant), best = v;
    double highest = 0;
    for (int i = 0; i < STEPS; i++) {
        sums s = sum_up(a, b, &v, SPARSE);
        double r = correlation(&s, SPARSE);
        if (r > highest) {
            highest = r;
            best = v;
        }
        if (r == 0 || (i == TRIED && highest < TRIED_R) || !step(a, b, &s, &v) ||
            !is_plausible(&v)) {
            break;
        }
    }
    sums s = sum_up(a, b, &best, 1);
    return highest > TRIED_R ? correlation(&s, 1) : 0;
}
