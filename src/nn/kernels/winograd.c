/* SPDX-License-Identifier: MIT */
/* Winograd convolutions: which kernels, in which order, on how many threads. */
#include "nn/kernels/winograd.h"

#include <omp.h>
#include <string.h>

/* Planes a power of two apart would fall into the same few places of the caches. */
#define STAGGER 16
#define STRIDED_TERMS 4

const mien_winograd_kernels *mien_winograd_best(void) {
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
    return mien_winograd_best()->name;
}

void mien_winograd_init(mien_winograd *w) {
    if (!w->kernels) {
        w->kernels = mien_winograd_best();
    }
    const bool frames = w->kind == MIEN_WINOGRAD_FRAMES;
    const bool strided = w->kind == MIEN_WINOGRAD_STRIDED;
    w->taps = w->taps ? w->taps : 3;
    w->side = 7 - w->taps;
    w->tiles_down = (w->y_height + w->side - 1) / w->side;
    w->tiles_across = (w->y_width + w->side - 1) / w->side;
    w->tiles = (frames ? 1 : w->pictures) * w->tiles_down * w->tiles_across;
    w->terms = frames ? w->length : strided ? STRIDED_TERMS : 1;
    w->v_row = strided ? w->terms * w->in : w->in;
    if (w->frames_at_once < 1 || w->frames_at_once > w->y_frames) {
        w->frames_at_once = w->y_frames;
    }
    w->columns =
        (w->out + w->kernels->block - 1) / w->kernels->block * w->kernels->block;
    if (w->tiles_at_once < 1 || w->tiles_at_once > w->tiles) {
        w->tiles_at_once = w->tiles;
    }
}

/* ---- weights -----------------------------------------------------------------------
 */

int64_t mien_winograd_weight_count(const mien_winograd *w) {
    return MIEN_WINOGRAD_POINTS * w->terms * w->in * w->columns;
}

void mien_winograd_pack(
    const mien_winograd *w, const float *weight, bool backward, float *packed) {
    const int64_t block = w->kernels->block, depth = w->terms * w->in;
    const int64_t plane = depth * w->columns;
#pragma omp parallel for num_threads(w->threads)
    for (int64_t o = 0; o < w->columns; o += block) {
        w->kernels->weight(w, weight, backward, o, packed + o * depth, plane);
    }
}

/* ---- runs ---------------------------------------------------------------------------
 */

/* Tiles that are in the scratch memory: of all frames that a piece reads, or of those
 * that it writes. */
static int64_t tiles_read(const mien_winograd *w) {
    return w->kind == MIEN_WINOGRAD_FRAMES
               ? w->tiles_at_once * (w->frames_at_once + w->length - 1)
               : w->tiles_at_once;
}

static int64_t tiles_written(const mien_winograd *w) {
    return w->kind == MIEN_WINOGRAD_FRAMES ? w->tiles_at_once * w->frames_at_once
                                           : w->tiles_at_once;
}

static int64_t v_plane(const mien_winograd *w) {
    return tiles_read(w) * w->v_row + STAGGER;
}

static int64_t m_plane(const mien_winograd *w) {
    return tiles_written(w) * w->columns + STAGGER;
}

static int64_t each_scratch(const mien_winograd *w) {
    return MIEN_WINOGRAD_POINTS * (v_plane(w) + m_plane(w));
}

int64_t mien_winograd_scratch_count(const mien_winograd *w) {
    return each_scratch(w) * (w->together ? 1 : w->threads);
}

/* Tiles of x, transformed; of the strided kind those of its four pictures side by side.
 */
static void transform(
    const mien_winograd *w, const float *x, int64_t first, int64_t count, float *v) {
    if (w->kind != MIEN_WINOGRAD_STRIDED) {
        w->kernels->input(w, x, first, count, v, v_plane(w));
        return;
    }
    for (int64_t t = 0; t < w->terms; t++) {
        const int64_t down = t / 2, across = t % 2;
        mien_winograd part = *w;
        part.x.row = 2 * w->x.row;
        part.x.pixel = 2 * w->x.pixel;
        part.x_height = (w->x_height + 1 - down) / 2;
        part.x_width = (w->x_width + 1 - across) / 2;
        w->kernels->input(&part, x + down * w->x.row + across * w->x.pixel, first,
            count, v + t * w->in, v_plane(w));
    }
}

/* Products [first, last) of the 36 × blocks, for `rows` tiles; the terms of a sum over
 * frames lie v_term apart. */
static void products(const mien_winograd *w, int64_t first, int64_t last, int64_t rows,
    int64_t v_term, const float *packed, const float *v, float *m) {
    const int64_t block = w->kernels->block, blocks = w->columns / block;
    const bool frames = w->kind == MIEN_WINOGRAD_FRAMES;
    mien_winograd_product product = {.rows = rows,
        .terms = frames ? w->terms : 1,
        .depth = w->v_row,
        .v_row = w->v_row,
        .v_term = v_term,
        .m_row = w->columns};
    for (int64_t p = first; p < last; p++) {
        const int64_t point = p / blocks, b = p % blocks;
        product.columns = w->out - b * block;
        w->kernels->product(&product, v + point * v_plane(w),
            packed + p * w->terms * w->in * block, m + point * m_plane(w) + b * block);
    }
}

/* The state of one call. */
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
        transform(w, r->x, first, count, v);
        products(w, 0, MIEN_WINOGRAD_POINTS * blocks, count, 0, r->packed, v, m);
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
        transform(w, r->x, first + from, to - from, v + from * w->v_row);
#pragma omp barrier
        products(
            w, all * part / parts, all * (part + 1) / parts, count, 0, r->packed, v, m);
#pragma omp barrier
        w->kernels->output(w, m + from * w->columns, m_plane(w), first + from,
            to - from, r->bias, r->addend, r->y);
    }
}

/* Frames [f, f + frames) and tiles [first, first + count) of film n through all steps.
 * A frame that is not there is 0: its tiles are written as such. */
static void run_piece(const run *r, int64_t n, int64_t f, int64_t frames, int64_t first,
    int64_t count, float *scratch) {
    const mien_winograd *w = r->w;
    float *v = scratch, *m = scratch + MIEN_WINOGRAD_POINTS * v_plane(w);
    const int64_t v_frame = count * w->in, m_frame = count * w->columns;
    const int64_t blocks = w->columns / w->kernels->block;
    for (int64_t k = 0; k < frames + w->length - 1; k++) {
        const int64_t at = f + k - w->front;
        float *to = v + k * v_frame;
        if (at >= 0 && at < w->x_frames) {
            w->kernels->input(w, r->x + n * w->x.image + at * w->x_frame, first, count,
                to, v_plane(w));
        } else {
            for (int64_t p = 0; p < MIEN_WINOGRAD_POINTS; p++) {
                memset(to + p * v_plane(w), 0, (size_t)v_frame * sizeof *to);
            }
        }
    }
    products(
        w, 0, MIEN_WINOGRAD_POINTS * blocks, frames * count, v_frame, r->packed, v, m);
    for (int64_t k = 0; k < frames; k++) {
        const int64_t y = n * w->y.image + (f + k) * w->y_frame;
        w->kernels->output(w, m + k * m_frame, m_plane(w), first, count, r->bias,
            r->addend ? r->addend + y : NULL, r->y + y);
    }
}

/* Share `part` of `parts` of a film's pieces: some tiles of some frames. */
static void run_frames(const run *r, int part, int parts, float *scratch) {
    const mien_winograd *w = r->w;
    const int64_t spans = (w->tiles + w->tiles_at_once - 1) / w->tiles_at_once;
    const int64_t times = (w->y_frames + w->frames_at_once - 1) / w->frames_at_once;
    const int64_t all = w->pictures * spans * times;
    for (int64_t p = all * part / parts; p < all * (part + 1) / parts; p++) {
        const int64_t t = p % times, s = p / times % spans, n = p / times / spans;
        const int64_t f = w->y_frames * t / times,
                      frames = w->y_frames * (t + 1) / times - f;
        const int64_t first = w->tiles * s / spans,
                      count = w->tiles * (s + 1) / spans - first;
        run_piece(r, n, f, frames, first, count, scratch);
    }
}

void mien_winograd_run(const mien_winograd *w, const float *x, const float *packed,
    const float *bias, const float *addend, float *scratch, float *y) {
    const run r = {w, x, packed, bias, addend, y};
#pragma omp parallel num_threads(w->threads)
    {
        int part = omp_get_thread_num(), parts = omp_get_num_threads();
        if (w->kind == MIEN_WINOGRAD_FRAMES) {
            run_frames(&r, part, parts, scratch + part * each_scratch(w));
        } else if (w->together) {
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
