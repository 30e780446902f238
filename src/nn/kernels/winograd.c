/* SPDX-License-Identifier: MIT */
/* Winograd convolutions: which kernels, in which order, on how many threads. */
#include "nn/kernels/winograd.h"

#include <omp.h>
#include <string.h>

/* Planes a power of two apart would fall into the same few places of the caches. */
#define STAGGER 16

static const mien_winograd_kernels *best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) {
        return &mien_winograd_avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return &mien_winograd_avx2;
    }
#endif
    return &mien_winograd_plain;
}

const char *mien_winograd_kernels_name(void) {
    return best()->name;
}

void mien_winograd_init(mien_winograd *w) {
    if (!w->kernels) {
        w->kernels = best();
    }
    w->tiles_down = (w->y_height + 3) / 4;
    w->tiles_across = (w->y_width + 3) / 4;
    w->tiles = w->pictures * w->tiles_down * w->tiles_across;
    w->columns =
        (w->out + w->kernels->block - 1) / w->kernels->block * w->kernels->block;
    if (w->tiles_at_once < 1 || w->tiles_at_once > w->tiles) {
        w->tiles_at_once = w->tiles;
    }
}

/* ---- weights -----------------------------------------------------------------------
 */

int64_t mien_winograd_weight_count(const mien_winograd *w) {
    return MIEN_WINOGRAD_POINTS * w->in * w->columns;
}

void mien_winograd_pack(
    const mien_winograd *w, const float *weight, bool backward, float *packed) {
    int64_t block = w->kernels->block, plane = w->in * w->columns;
#pragma omp parallel for num_threads(w->threads)
    for (int64_t o = 0; o < w->columns; o += block) {
        w->kernels->weight(w, weight, backward, o, packed + o * w->in, plane);
    }
}

/* ---- runs ---------------------------------------------------------------------------
 */

static int64_t v_plane(const mien_winograd *w) {
    return w->tiles_at_once * w->in + STAGGER;
}

static int64_t m_plane(const mien_winograd *w) {
    return w->tiles_at_once * w->columns + STAGGER;
}

static int64_t each_scratch(const mien_winograd *w) {
    return MIEN_WINOGRAD_POINTS * (v_plane(w) + m_plane(w));
}

int64_t mien_winograd_scratch_count(const mien_winograd *w) {
    return each_scratch(w) * (w->together ? 1 : w->threads);
}

/* Products [first, last) of the 36 × blocks, for `count` tiles. */
static void products(const mien_winograd *w, int64_t first, int64_t last, int64_t count,
    const float *packed, const float *v, float *m) {
    int64_t block = w->kernels->block, blocks = w->columns / block;
    for (int64_t p = first; p < last; p++) {
        int64_t point = p / blocks, b = p % blocks;
        w->kernels->product(v + point * v_plane(w), count, w->in,
            packed + p * w->in * block, m + point * m_plane(w) + b * block, w->columns);
    }
}

/* What one call works on. */
typedef struct run {
    const mien_winograd *w;
    const float *x, *packed, *bias, *addend;
    float *y;
} run;

/* Share `part` of `parts` of the tiles through all steps, a few at a time. */
static void run_own(const run *r, int part, int parts, float *scratch) {
    const mien_winograd *w = r->w;
    float *v = scratch, *m = scratch + MIEN_WINOGRAD_POINTS * v_plane(w);
    int64_t pieces = (w->tiles + w->tiles_at_once - 1) / w->tiles_at_once;
    int64_t blocks = w->columns / w->kernels->block;
    for (int64_t p = pieces * part / parts; p < pieces * (part + 1) / parts; p++) {
        /* pieces of equal size, so that the last is not a small one */
        int64_t first = w->tiles * p / pieces,
                count = w->tiles * (p + 1) / pieces - first;
        w->kernels->input(w, r->x, first, count, v, v_plane(w));
        products(w, 0, MIEN_WINOGRAD_POINTS * blocks, count, r->packed, v, m);
        w->kernels->output(w, m, m_plane(w), first, count, r->bias, r->addend, r->y);
    }
}

/* This thread's part of each step, all threads on the same tiles. */
static void run_shared(const run *r, int part, int parts, float *scratch) {
    const mien_winograd *w = r->w;
    float *v = scratch, *m = scratch + MIEN_WINOGRAD_POINTS * v_plane(w);
    int64_t pieces = (w->tiles + w->tiles_at_once - 1) / w->tiles_at_once;
    int64_t all = MIEN_WINOGRAD_POINTS * (w->columns / w->kernels->block);
    for (int64_t p = 0; p < pieces; p++) {
        int64_t first = w->tiles * p / pieces,
                count = w->tiles * (p + 1) / pieces - first;
        int64_t from = count * part / parts, to = count * (part + 1) / parts;
        w->kernels->input(
            w, r->x, first + from, to - from, v + from * w->in, v_plane(w));
#pragma omp barrier
        products(
            w, all * part / parts, all * (part + 1) / parts, count, r->packed, v, m);
#pragma omp barrier
        w->kernels->output(w, m + from * w->columns, m_plane(w), first + from,
            to - from, r->bias, r->addend, r->y);
    }
}

void mien_winograd_run(const mien_winograd *w, const float *x, const float *packed,
    const float *bias, const float *addend, float *scratch, float *y) {
    const run r = {w, x, packed, bias, addend, y};
#pragma omp parallel num_threads(w->threads)
    {
        int part = omp_get_thread_num(), parts = omp_get_num_threads();
        if (w->together) {
            run_shared(&r, part, parts, scratch);
        } else {
            run_own(&r, part, parts, scratch + part * each_scratch(w));
        }
    }
}

/* ---- gradients of weights -----------------------------------------------------------
 */

/* Transformed tiles come and go in pieces: large enough that adding to the products
 * costs little beside them, small enough to stay in the outer cache where they can. */
#define PIECE_BYTES_LEAST ((int64_t)4 << 20)
#define PIECE_BYTES_MOST ((int64_t)64 << 20)
#define PRODUCTS_PER_PIECE 4

static int64_t gradient_tiles(const mien_winograd *w) {
    int64_t point = MIEN_WINOGRAD_POINTS * (int64_t)sizeof(float);
    int64_t bytes = PRODUCTS_PER_PIECE * point * w->in * w->columns;
    bytes = bytes < PIECE_BYTES_LEAST ? PIECE_BYTES_LEAST : bytes;
    bytes = bytes > PIECE_BYTES_MOST ? PIECE_BYTES_MOST : bytes;
    int64_t tiles = bytes / (point * (w->in + w->columns));
    return tiles < w->tiles ? tiles : w->tiles;
}

/* Where things are in the scratch memory of a gradient. */
typedef struct gradient_room {
    int64_t tiles, v_plane, d_plane, m_plane, count;
} gradient_room;

static gradient_room room_of(const mien_winograd *w) {
    gradient_room r = {.tiles = gradient_tiles(w)};
    r.v_plane = r.tiles * w->in + STAGGER;
    r.d_plane = r.tiles * w->columns + STAGGER;
    r.m_plane = w->in * w->columns + STAGGER;
    r.count = MIEN_WINOGRAD_POINTS * (r.v_plane + r.d_plane + r.m_plane);
    return r;
}

int64_t mien_winograd_gradient_scratch_count(const mien_winograd *w) {
    return room_of(w).count;
}

/* Point 1, 1 of a transformed gradient is the sum of the tile. */
static void add_bias(const mien_winograd *w, const gradient_room *r, const float *d,
    int64_t first, int64_t last, int64_t count, float *bias) {
    for (int64_t t = 0; t < count; t++) {
        const float *row = d + 7 * r->d_plane + t * w->columns;
        for (int64_t o = first; o < last; o++) {
            bias[o] += row[o];
        }
    }
}

/* This thread's part of each step. */
static void gradient_part(const mien_winograd *w, const float *x, const float *dy,
    float *scratch, float *weight, float *bias, int part, int parts) {
    const gradient_room r = room_of(w);
    float *v = scratch, *d = v + MIEN_WINOGRAD_POINTS * r.v_plane;
    float *m = d + MIEN_WINOGRAD_POINTS * r.d_plane;
    int64_t block = w->kernels->block, blocks = w->columns / block;
    int64_t pieces = (w->tiles + r.tiles - 1) / r.tiles;
    int64_t first_p = MIEN_WINOGRAD_POINTS * blocks * part / parts,
            last_p = MIEN_WINOGRAD_POINTS * blocks * (part + 1) / parts;
    int64_t first_o = w->out * part / parts, last_o = w->out * (part + 1) / parts;
    for (int64_t o = first_o; bias && o < last_o; o++) {
        bias[o] = 0;
    }
    for (int64_t piece = 0; piece < pieces; piece++) {
        int64_t first = w->tiles * piece / pieces;
        int64_t count = w->tiles * (piece + 1) / pieces - first;
        int64_t from = count * part / parts, to = count * (part + 1) / parts;
        w->kernels->input(w, x, first + from, to - from, v + from * w->in, r.v_plane);
        w->kernels->gradient(
            w, dy, first + from, to - from, d + from * w->columns, r.d_plane);
#pragma omp barrier
        for (int64_t p = first_p; p < last_p; p++) {
            int64_t point = p / blocks, b = p % blocks * block;
            w->kernels->product_across(v + point * r.v_plane, w->in, count,
                d + point * r.d_plane + b, w->columns, m + point * r.m_plane + b,
                w->columns, piece > 0);
        }
        if (bias) {
            add_bias(w, &r, d, first_o, last_o, count, bias);
        }
#pragma omp barrier
    }
    /* whole vectors: shares in multiples of 16 outputs */
    int64_t sixteens = w->out / MIEN_WINOGRAD_CHANNELS;
    w->kernels->weight_back(w, m, r.m_plane,
        sixteens * part / parts * MIEN_WINOGRAD_CHANNELS,
        sixteens * (part + 1) / parts * MIEN_WINOGRAD_CHANNELS, weight);
}

void mien_winograd_weight_gradient(const mien_winograd *w, const float *x,
    const float *dy, float *scratch, float *weight, float *bias) {
#pragma omp parallel num_threads(w->threads)
    gradient_part(
        w, x, dy, scratch, weight, bias, omp_get_thread_num(), omp_get_num_threads());
}
