/* SPDX-License-Identifier: MIT */
/* Walks through pictures row by row for the loops of nn/kernels/depth_norm.h: rows that
 * are read again wait in a ring, small enough for the second cache. */
#include "nn/kernels/depth_norm.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

const mien_depth_kernels *mien_depth_best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) {
        return &mien_depth_avx512;
    }
#endif
    return NULL;
}

/* ---- scratch memory -----------------------------------------------------------------
 */

enum { RING = 4 };                /* rows that wait; a row of zeros is one more */
enum { MEAN, SCALE, SHIFT, OFS }; /* of the norm */

/* Of all threads: what belongs to channels, the filter as [3, 3, channels], and each
 * picture's part of its gradient. Of each: the rows. */
typedef struct room {
    float *of, *filter, *dfilters, *rows;
    int64_t row; /* floats of one */
} room;

static int64_t row_of(const mien_depth *p) {
    return (p->width + 2) * p->channels;
}

/* Ring, zeros, two rows by themselves. */
enum { ZEROS = RING, ALONE, OTHER, ROWS };

int64_t mien_depth_scratch(const mien_depth *p) {
    return (OFS + 9 + 9 * p->pictures) * p->channels + p->threads * ROWS * row_of(p);
}

static room room_of(const mien_depth *p, float *scratch) {
    room r = {.of = scratch, .row = row_of(p)};
    r.filter = r.of + OFS * p->channels;
    r.dfilters = r.filter + 9 * p->channels;
    r.rows = r.dfilters + 9 * p->pictures * p->channels;
    return r;
}

static void begin(const mien_depth *p, const mien_depth_data *d, const room *r) {
    for (int64_t c = 0; c < p->channels; c++) {
        double inverse = 1 / sqrt((double)d->variance[c] + p->epsilon);
        r->of[MEAN * p->channels + c] = d->mean[c];
        r->of[SCALE * p->channels + c] = (float)((double)d->weight[c] * inverse);
        r->of[SHIFT * p->channels + c] = d->bias[c];
        for (int i = 0; i < 9; i++) {
            r->filter[i * p->channels + c] = d->filter[c * 9 + i];
        }
    }
}

static mien_depth_row row_for(const mien_depth *p, const room *r) {
    return (mien_depth_row){.width = p->width,
        .channels = p->channels,
        .mean = r->of + MEAN * p->channels,
        .scale = r->of + SCALE * p->channels,
        .shift = r->of + SHIFT * p->channels,
        .least = p->least,
        .most = p->most,
        .filter = r->filter};
}

/* ---- forward ------------------------------------------------------------------------
 */

typedef struct walk {
    const mien_depth_kernels *k;
    const mien_depth *p;
    const mien_depth_data *d;
    const room *r;
    float *rows; /* the thread's */
} walk;

/* Row i of a ring; outside the picture the zeros. */
static const float *ring_at(const walk *w, int64_t i, int64_t count) {
    return w->rows + (i < 0 || i >= count ? ZEROS : i % RING) * w->r->row;
}

static void forward_picture(const walk *w, int64_t picture) {
    const mien_depth *p = w->p;
    int64_t high = p->height / p->stride, wide = p->width / p->stride;
    const float *x = w->d->x + picture * p->height * p->width * p->channels;
    float *y = w->d->y + picture * high * wide * p->channels;
    mien_depth_row in = row_for(p, w->r), out = in;
    int64_t ready = 0;
    out.width = wide;
    for (int64_t h = 0; h < high; h++) {
        int64_t first = h * p->stride - 1;
        for (; ready <= first + 2 && ready < p->height; ready++) {
            w->k->normalise(&in, x + ready * p->width * p->channels,
                w->rows + ready % RING * w->r->row + p->channels);
        }
        const float *const rows[3] = {ring_at(w, first, p->height),
            ring_at(w, first + 1, p->height), ring_at(w, first + 2, p->height)};
        w->k->filter(&out, p->stride, rows, y + h * wide * p->channels);
    }
}

/* ---- going back ---------------------------------------------------------------------
 */

/* The rows of dy that row r of x met by the filter's rows 0, 1 and 2. */
static void rows_met(const walk *w, int64_t r, const float *rows[3]) {
    int64_t high = w->p->height / w->p->stride;
    for (int i = 0; i < 3; i++) {
        int64_t at = r + 1 - i;
        bool meets = at % w->p->stride == 0;
        rows[i] = meets ? ring_at(w, at / w->p->stride, high) : NULL;
    }
}

static void backward_picture(const walk *w, int64_t picture) {
    const mien_depth *p = w->p;
    const int64_t channels = p->channels, row = p->width * channels;
    int64_t high = p->height / p->stride, wide = p->width / p->stride, ready = 0;
    const float *dy = w->d->dy + picture * high * wide * channels;
    float *a = w->rows + ALONE * w->r->row, *da = w->rows + OTHER * w->r->row;
    mien_depth_row in = row_for(p, w->r);
    in.dfilter = w->r->dfilters + picture * 9 * channels;
    in.sums = w->d->sums + picture * 2 * channels;
    memset(in.dfilter, 0, (size_t)(9 * channels) * sizeof *in.dfilter);
    memset(in.sums, 0, (size_t)(2 * channels) * sizeof *in.sums);
    for (int64_t r = 0; r < p->height; r++) {
        const float *rows[3];
        const float *x = w->d->x + (picture * p->height + r) * row;
        for (; ready <= (r + 1) / p->stride && ready < high; ready++) {
            memcpy(w->rows + ready % RING * w->r->row + channels,
                dy + ready * wide * channels, (size_t)(wide * channels) * sizeof *dy);
        }
        rows_met(w, r, rows);
        w->k->normalise(&in, x, a);
        w->k->filter_back(&in, p->stride, rows, a, da);
        w->k->mask(&in, x, a, da, w->d->da + (picture * p->height + r) * row);
    }
}

/* ---- both ---------------------------------------------------------------------------
 */

static void each_picture(const mien_depth_kernels *k, const mien_depth *p,
    const mien_depth_data *d, const room *r,
    void (*work)(const walk *w, int64_t picture)) {
    int threads = p->threads < p->pictures ? p->threads : (int)p->pictures;
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int t = 0; t < threads; t++) {
        walk w = {k, p, d, r, r->rows + t * ROWS * r->row};
        memset(w.rows, 0, (size_t)(ROWS * r->row) * sizeof *w.rows);
        int64_t last = p->pictures * (t + 1) / threads;
        for (int64_t i = p->pictures * t / threads; i < last; i++) {
            work(&w, i);
        }
    }
}

void mien_depth_forward(
    const mien_depth_kernels *k, const mien_depth *p, const mien_depth_data *d) {
    room r = room_of(p, d->scratch);
    begin(p, d, &r);
    each_picture(k, p, d, &r, forward_picture);
}

void mien_depth_backward(
    const mien_depth_kernels *k, const mien_depth *p, const mien_depth_data *d) {
    room r = room_of(p, d->scratch);
    begin(p, d, &r);
    each_picture(k, p, d, &r, backward_picture);
    for (int64_t c = 0; c < p->channels; c++) {
        for (int i = 0; i < 9; i++) {
            double sum = 0;
            for (int64_t n = 0; n < p->pictures; n++) {
                sum += (double)r.dfilters[(n * 9 + i) * p->channels + c];
            }
            d->dfilter[c * 9 + i] = (float)sum;
        }
    }
}
