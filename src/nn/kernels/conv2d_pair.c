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

/* Pictures of at most so many pixels are computed at once: rows of few pixels would
 * read the weights again and again. */
enum { KERNEL = MIEN_CONV2D_PAIR_KERNEL, BLOCK = MIEN_CONV2D_PAIR_BLOCK, SMALL = 400 };

/* Rows of y before they are halved. */
static int64_t rows_of(const mien_conv2d_pair *p) {
    return (p->height + p->stride - 1) / p->stride;
}

static int64_t columns_of(const mien_conv2d_pair *p) {
    return (p->width + p->stride - 1) / p->stride;
}

/* A row of what lies between the two, with its pixels of zeros on either side. */
static int64_t row_of(const mien_conv2d_pair *p) {
    return (p->width + 2 * (p->kernel / 2)) * mien_conv2d_pair_place(p);
}

/* Rows of it that are there at a time. */
static int64_t ring_of(const mien_conv2d_pair *p) {
    return p->height > p->kernel && p->height * p->width <= SMALL ? p->height
                                                                  : p->kernel;
}

/* The scratch of each thread: the rows, a row of zeros for what is above and below the
 * picture, two rows to be halved. */
typedef struct places {
    float *ring, *zeros, *halved;
} places;

static int64_t scratch_of_pair(const mien_conv2d_pair *p) {
    return (ring_of(p) + 1 + 2 * p->halves) * row_of(p);
}

static places places_of(const mien_conv2d_pair *p, float *scratch) {
    places s = {.ring = scratch};
    s.zeros = s.ring + ring_of(p) * row_of(p);
    s.halved = s.zeros + row_of(p);
    return s;
}

int64_t mien_conv2d_pair_scratch(const mien_conv2d_pair *p) {
    return p->threads * scratch_of_pair(p);
}

/* The channels of a block. */
static mien_conv2d_pair_part part_of(
    const mien_conv2d_pair *p, const mien_conv2d_pair_data *d, int64_t block) {
    const int64_t place = mien_conv2d_pair_place(p), first = block * place;
    const int64_t points = (int64_t)p->kernel * p->kernel, left = p->out - first;
    return (mien_conv2d_pair_part){.first = first,
        .count = left < place ? left : place,
        .point = d->point + first * p->in,
        .point_bias = d->point_bias + first,
        .filter = d->filter + first * points,
        .filter_bias = d->filter_bias + first};
}

/* Row r of the result goes to y; of a picture that is halved, first aside. */
static void give_row(const mien_conv2d_pair_kernels *k, const mien_conv2d_pair *p,
    const mien_conv2d_pair_part *c, mien_conv2d_pair_row *to, int64_t picture,
    int64_t r, const places *s, float *y) {
    const int64_t width = columns_of(p);
    to->width = width;
    if (!p->halves) {
        to->place = p->out;
        to->y = y + (picture * rows_of(p) + r) * width * p->out + c->first;
        k->filters(p, c, to);
        return;
    }
    to->place = mien_conv2d_pair_place(p);
    to->y = s->halved + r % 2 * row_of(p);
    k->filters(p, c, to);
    if (r % 2) {
        const int64_t row = picture * (p->height / 2) + r / 2;
        const mien_conv2d_pair_row half = {.rows = {s->halved, s->halved + row_of(p)},
            .width = width / 2,
            .place = to->place,
            .half_place = p->out,
            .y = y + row * (width / 2) * p->out + c->first};
        k->halve(c, &half);
    }
}

/* Computes what lies between up to row `last`; gives how many rows are ready. */
static int64_t make_rows(const mien_conv2d_pair_kernels *k, const mien_conv2d_pair *p,
    const mien_conv2d_pair_part *c, const float *x, int64_t ready, int64_t last,
    const places *s) {
    const int64_t ring = ring_of(p), place = mien_conv2d_pair_place(p);
    const int64_t edge = p->kernel / 2;
    const bool whole = ring == p->height;
    while (ready < last) {
        const int64_t rows = whole ? last - ready : 1;
        k->points(p, c,
            &(mien_conv2d_pair_rows){.x = x + ready * p->width * p->in,
                .count = rows * p->width,
                .width = p->width,
                .skip = rows > 1 ? 2 * edge * place : 0,
                .y = s->ring + ready % ring * row_of(p) + edge * place});
        ready += rows;
    }
    return ready;
}

/* Rows [first, last) of some channels of one picture. */
static void run_rows(const mien_conv2d_pair_kernels *k, const mien_conv2d_pair *p,
    const mien_conv2d_pair_data *d, const mien_conv2d_pair_part *c, int64_t picture,
    int64_t first, int64_t last, const places *s) {
    const int64_t edge = p->kernel / 2, ring = ring_of(p);
    const float *x = d->x + picture * p->height * p->width * p->in;
    int64_t ready = first * p->stride - edge; /* rows before it are not needed */
    int64_t end = (last - 1) * p->stride + edge + 1;
    ready = ready > 0 ? ready : 0;
    end = end < p->height ? end : p->height;
    for (int64_t r = first; r < last; r++) {
        mien_conv2d_pair_row to = {0};
        const int64_t top = r * p->stride - edge;
        int64_t wanted = top + p->kernel < end ? top + p->kernel : end;
        wanted = ring == p->height ? end : wanted;
        ready = make_rows(k, p, c, x, ready, wanted, s);
        for (int i = 0; i < p->kernel; i++) {
            const bool inside = top + i >= 0 && top + i < p->height;
            to.rows[i] = inside ? s->ring + (top + i) % ring * row_of(p) : s->zeros;
        }
        give_row(k, p, c, &to, picture, r, s, d->y);
    }
}

/* The zeros around the pixels. */
static void clear_edges(const mien_conv2d_pair *p, const places *s) {
    const int64_t place = mien_conv2d_pair_place(p), edge = p->kernel / 2 * place;
    for (int64_t i = 0; i < ring_of(p); i++) {
        float *row = s->ring + i * row_of(p);
        memset(row, 0, (size_t)edge * sizeof *row);
        memset(row + edge + p->width * place, 0, (size_t)edge * sizeof *row);
    }
    memset(s->zeros, 0, (size_t)row_of(p) * sizeof *s->zeros);
}

/* Parts [first, last) of all: for each picture blocks of channels, or rows of each. */
static void run_parts(const mien_conv2d_pair_kernels *k, const mien_conv2d_pair *p,
    const mien_conv2d_pair_data *d, int64_t pieces, int64_t first, int64_t last,
    float *scratch) {
    const places s = places_of(p, scratch);
    const int64_t blocks = (p->out + BLOCK - 1) / BLOCK, step = p->halves ? 2 : 1;
    const int64_t rows = rows_of(p) / step;
    clear_edges(p, &s);
    for (int64_t i = first; i < last; i++) {
        const int64_t unit = i / pieces, piece = i % pieces;
        const mien_conv2d_pair_part c = part_of(p, d, unit % blocks);
        run_rows(k, p, d, &c, unit / blocks, rows * piece / pieces * step,
            rows * (piece + 1) / pieces * step, &s);
    }
}

void mien_conv2d_pair_run(const mien_conv2d_pair_kernels *k, const mien_conv2d_pair *p,
    const mien_conv2d_pair_data *d) {
    const int64_t blocks = (p->out + BLOCK - 1) / BLOCK, units = p->pictures * blocks;
    const int64_t rows = rows_of(p) / (p->halves ? 2 : 1);
    /* where blocks do not keep all threads busy they are cut into rows, too */
    int64_t pieces =
        units >= 4 * p->threads || units % p->threads == 0 ? 1 : p->threads;
    pieces = pieces < rows ? pieces : rows;
    const int64_t parts = units * pieces;
    const int threads = p->threads < parts ? p->threads : (int)parts;
#pragma omp parallel for num_threads(threads) if (threads > 1)
    for (int t = 0; t < threads; t++) {
        run_parts(k, p, d, pieces, parts * t / threads, parts * (t + 1) / threads,
            d->scratch + t * scratch_of_pair(p));
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
