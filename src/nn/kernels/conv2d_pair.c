/* SPDX-License-Identifier: MIT */
/* Runs pairs of convolutions, and first ones, row by row; parts of the rows on each
 * thread. */
#include "nn/kernels/conv2d_pair.h"

#include <string.h>

const mien_conv2d_pair_kernels *mien_conv2d_pair_best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) {
        return &mien_conv2d_pair_avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return &mien_conv2d_pair_avx2;
    }
#endif
    return NULL;
}

/* Three rows of what lies between the two, each with a pixel of zeros on either side, a
 * row of zeros for what is above and below the picture, two rows to be halved. */
enum { RING = 3, ZEROS = RING, HALVED = RING + 1, KEPT = HALVED + 2 };

static int64_t row_of(const mien_conv2d_pair *p) {
    return (p->width + 2) * p->out;
}

int64_t mien_conv2d_pair_scratch(const mien_conv2d_pair *p) {
    return p->threads * KEPT * row_of(p);
}

/* Where row r of the result goes: of a picture that is halved, first aside. */
static float *result_of(const mien_conv2d_pair *p, const mien_conv2d_pair_data *d,
    int64_t picture, int64_t r, float *scratch) {
    return p->halves ? scratch + (HALVED + r % 2) * row_of(p)
                     : d->y + (picture * p->height + r) * p->width * p->out;
}

static void halve(const mien_conv2d_pair_kernels *k, const mien_conv2d_pair *p,
    const mien_conv2d_pair_data *d, int64_t picture, int64_t r, const float *scratch) {
    const float *upper = scratch + HALVED * row_of(p), *lower = upper + row_of(p);
    int64_t row = picture * (p->height / 2) + r / 2;
    k->halve(p, upper, lower, d->y + row * (p->width / 2) * p->out);
}

/* Rows [first, last) of one picture. */
static void run_rows(const mien_conv2d_pair_kernels *k, const mien_conv2d_pair *p,
    const mien_conv2d_pair_data *d, int64_t picture, int64_t first, int64_t last,
    float *scratch) {
    int64_t row = row_of(p), wide = p->width * p->in;
    const float *x = d->x + picture * p->height * wide;
    const float *zeros = scratch + ZEROS * row;
    for (int64_t r = first - 1; r <= last; r++) {
        bool inside = r >= 0 && r < p->height;
        if (inside) {
            k->points(p, d, x + r * wide, scratch + r % RING * row + p->out);
        }
        if (r <= first) {
            continue;
        }
        const float *rows[3] = {r >= 2 ? scratch + (r - 2) % RING * row : zeros,
            scratch + (r - 1) % RING * row, inside ? scratch + r % RING * row : zeros};
        k->filters(p, d, rows, result_of(p, d, picture, r - 1, scratch));
        if (p->halves && (r - 1) % 2) {
            halve(k, p, d, picture, r - 1, scratch);
        }
    }
}

void mien_conv2d_pair_run(const mien_conv2d_pair_kernels *k, const mien_conv2d_pair *p,
    const mien_conv2d_pair_data *d) {
    int64_t step = p->halves ? 2 : 1, parts = p->pictures * p->height / step;
    int threads = p->threads < parts ? p->threads : (int)parts;
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int t = 0; t < threads; t++) {
        int64_t first = parts * t / threads * step;
        int64_t last = parts * (t + 1) / threads * step;
        float *scratch = d->scratch + t * KEPT * row_of(p);
        memset(scratch, 0, (size_t)(HALVED * row_of(p)) * sizeof *scratch);
        while (first < last) {
            int64_t picture = first / p->height, begin = first % p->height;
            int64_t end = begin + (last - first);
            end = end < p->height ? end : p->height;
            run_rows(k, p, d, picture, begin, end, scratch);
            first += end - begin;
        }
    }
}

/* ---- first convolutions ------------------------------------------------------------
 */

/* The scratch of each thread: a row of zeros for what is above and below the
 * picture, and the three columns that a place at an edge reads. */
enum { EDGE = 3, ROWS_MAX = 3 * MIEN_CONV2D_FIRST_IN };

static int64_t scratch_of(const mien_conv2d_first *f) {
    return f->width + EDGE * ROWS_MAX;
}

int64_t mien_conv2d_first_scratch(const mien_conv2d_first *f) {
    return f->threads * scratch_of(f);
}

/* One place at the edge, whose three columns are brought together with zeros. */
static void run_edge(const mien_conv2d_pair_kernels *k, const mien_conv2d_first *f,
    const mien_conv2d_first_data *d, const float *const *rows, int64_t at, float *edge,
    float *y) {
    const float *few[ROWS_MAX];
    for (int64_t c = 0; c < 3 * f->in; c++) {
        for (int i = 0; i < EDGE; i++) {
            int64_t column = 2 * at - 1 + i;
            edge[c * EDGE + i] = column >= 0 && column < f->width ? rows[c][column] : 0;
        }
        few[c] = edge + c * EDGE + 1;
    }
    k->first(f, d, few, 0, 1, y + at * f->out);
}

static void run_first(const mien_conv2d_pair_kernels *k, const mien_conv2d_first *f,
    const mien_conv2d_first_data *d, const float *x, int64_t r, float *scratch,
    float *y) {
    const float *rows[ROWS_MAX];
    int64_t width = (f->width + 1) / 2, inner = f->width / 2;
    for (int64_t c = 0; c < 3 * f->in; c++) {
        int64_t at = 2 * r - 1 + c % 3;
        bool inside = at >= 0 && at < f->height;
        rows[c] = inside ? x + (c / 3 * f->height + at) * f->width : scratch;
    }
    run_edge(k, f, d, rows, 0, scratch + f->width, y);
    k->first(f, d, rows, 1, inner, y);
    if (width > 1 && width > inner) {
        run_edge(k, f, d, rows, inner, scratch + f->width, y);
    }
}

void mien_conv2d_first_run(const mien_conv2d_pair_kernels *k,
    const mien_conv2d_first *f, const mien_conv2d_first_data *d) {
    int64_t height = (f->height + 1) / 2, row = (f->width + 1) / 2 * f->out;
    int64_t rows = f->pictures * height;
    int threads = f->threads < rows ? f->threads : (int)rows;
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int t = 0; t < threads; t++) {
        float *scratch = d->scratch + t * scratch_of(f);
        memset(scratch, 0, (size_t)f->width * sizeof *scratch);
        for (int64_t r = rows * t / threads; r < rows * (t + 1) / threads; r++) {
            const float *x = d->x + r / height * f->in * f->height * f->width;
            run_first(k, f, d, x, r % height, scratch, d->y + r * row);
        }
    }
}
