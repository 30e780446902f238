/* SPDX-License-Identifier: MIT */
/* Cuts values into pieces for the loops of joined batch-norms, and makes of their sums
 * what belongs to a channel. See nn/kernels/norm_act.h for what comes in and goes out.
 */
#include "nn/kernels/norm_act.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

const mien_norm_kernels *mien_norm_best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f")) {
        return &mien_norm_avx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return &mien_norm_avx2;
    }
#endif
    return &mien_norm_plain;
}

#define PIECE 32768     /* values of a piece: half of a second cache */
#define WIDE 64         /* least values of a row: enough to hide a sum's latency */
#define ALONE 65536     /* values for which no second thread is woken */
#define PIVOTS 8        /* places whose mean the sums are taken about */
#define CACHED 1048576  /* values that a third cache holds */
#define STREAMS 4194304 /* values from which writing around the caches pays */

/* How the values of a block are cut: `repeat` rows of the caller's make one of ours. */
typedef struct cut {
    int64_t repeat, wide, rows, rest; /* of a segment: one block of one outer */
    int64_t per, pieces;              /* rows of a piece; pieces of a segment */
} cut;

static cut cut_of(const mien_norm_act *n) {
    cut c = {.repeat = 1};
    while (c.repeat * n->width % MIEN_NORM_LANES || c.repeat * n->width < WIDE) {
        c.repeat++;
    }
    c.wide = c.repeat * n->width;
    c.rows = n->rows / c.repeat;
    c.rest = n->rows % c.repeat * n->width;
    c.per = PIECE / c.wide > 0 ? PIECE / c.wide : 1;
    c.pieces = c.rows > 0 ? (c.rows + c.per - 1) / c.per : 1;
    return c;
}

/* What scratch memory is cut into; `of` are [blocks, OFS, wide]. */
enum { MEAN, SCALE, SHIFT, BY_DZ, BY_X, BY_ONE, OFS };

typedef struct room {
    double *totals;   /* [blocks, 2, width] */
    float *of, *sums; /* sums: [outer, blocks, pieces, 2, wide] */
} room;

static int64_t totals_of(const mien_norm_act *n) {
    return n->blocks * 2 * n->width;
}

static room room_of(const mien_norm_act *n, const cut *c, float *scratch) {
    float *of = scratch + totals_of(n) * 2;
    return (room){(double *)(void *)scratch, of, of + n->blocks * OFS * c->wide};
}

int64_t mien_norm_act_scratch(const mien_norm_act *n) {
    cut c = cut_of(n);
    return totals_of(n) * 2 + n->blocks * OFS * c.wide +
           n->outer * n->blocks * c.pieces * 2 * c.wide;
}

/* ---- passes -------------------------------------------------------------------------
 */

typedef void pass(const mien_norm_piece *p);

static const float *from(const float *values, int64_t at) {
    return values ? values + at : NULL;
}

typedef struct passing {
    const mien_norm_act *n;
    const mien_norm_act_data *d;
    cut c;
    room r;
    float *to;
    bool streams;
} passing;

static mien_norm_piece piece_of(const passing *s, int64_t index) {
    const mien_norm_act *n = s->n;
    const mien_norm_act_data *d = s->d;
    int64_t segment = index / s->c.pieces, part = index % s->c.pieces;
    int64_t first = part * s->c.per, wide = s->c.wide;
    int64_t at = segment * n->rows * n->width + first * wide;
    bool last = part == s->c.pieces - 1;
    const float *of = s->r.of + segment % n->blocks * OFS * wide;
    return (mien_norm_piece){.rows = last ? s->c.rows - first : s->c.per,
        .wide = wide,
        .rest = last ? s->c.rest : 0,
        .x = d->x + at,
        .added = from(d->added, at),
        .dy = from(d->dy, at),
        .clipped = from(d->clipped, at),
        .to = s->to ? s->to + at : NULL,
        .dadded = d->dadded ? d->dadded + at : NULL,
        .mean = of + MEAN * wide,
        .scale = of + SCALE * wide,
        .shift = of + SHIFT * wide,
        .by_dz = of + BY_DZ * wide,
        .by_x = of + BY_X * wide,
        .by_one = of + BY_ONE * wide,
        .sums = s->r.sums + index * 2 * wide,
        .together = n->outer * n->blocks * n->rows * n->width < CACHED,
        .clips = n->clips,
        .streams = s->streams && (uintptr_t)(s->to + at) % 64 == 0,
        .least = n->clips ? n->least : -INFINITY,
        .most = n->clips ? n->most : INFINITY};
}

static void run(const passing *s, pass *work, bool sums) {
    const mien_norm_act *n = s->n;
    int64_t pieces = n->outer * n->blocks * s->c.pieces;
    int64_t values = n->outer * n->blocks * n->rows * n->width;
    int threads = values < ALONE ? 1 : n->threads;
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (int64_t i = 0; i < pieces; i++) {
        mien_norm_piece p = piece_of(s, i);
        if (sums) {
            memset(p.sums, 0, (size_t)(2 * p.wide) * sizeof *p.sums);
        }
        work(&p);
    }
}

/* Sums of pieces → sums of channels, in the order of the pieces. */
static void total(const passing *s) {
    const mien_norm_act *n = s->n;
    const cut *c = &s->c;
    memset(s->r.totals, 0, (size_t)totals_of(n) * sizeof *s->r.totals);
    for (int64_t i = 0; i < n->outer * n->blocks * c->pieces; i++) {
        const float *sums = s->r.sums + i * 2 * c->wide;
        double *totals = s->r.totals + i / c->pieces % n->blocks * 2 * n->width;
        for (int64_t k = 0; k < 2 * c->repeat; k++) {
            double *to = totals + k / c->repeat * n->width;
            for (int64_t w = 0; w < n->width; w++) {
                to[w] += (double)sums[k * n->width + w];
            }
        }
    }
}

/* ---- what belongs to a channel ------------------------------------------------------
 */

/* Of block k and place w in it. */
typedef struct place {
    int64_t k, w, channel;
} place;

static double total_of(const passing *s, place p, int which) {
    return s->r.totals[(p.k * 2 + which) * s->n->width + p.w];
}

static float held(const passing *s, place p, int which) {
    return s->r.of[(p.k * OFS + which) * s->c.wide + p.w];
}

static void hold(const passing *s, place p, int which, double value) {
    float *of = s->r.of + (p.k * OFS + which) * s->c.wide + p.w;
    for (int64_t q = 0; q < s->c.repeat; q++) {
        of[q * s->n->width] = (float)value;
    }
}

static double count_of(const mien_norm_act *n) {
    return (double)n->outer * (double)n->rows;
}

/* A value near the channel's mean, so that sums about it lose nothing. */
static double pivot_of(const passing *s, place p) {
    const mien_norm_act *n = s->n;
    double sum = 0;
    for (int64_t i = 0; i < PIVOTS; i++) {
        int64_t at = i * (n->outer * n->rows) / PIVOTS;
        int64_t segment = at / n->rows * n->blocks + p.k;
        sum += (double)s->d->x[(segment * n->rows + at % n->rows) * n->width + p.w];
    }
    return sum / PIVOTS;
}

static void moments(const passing *s, place p) {
    double count = count_of(s->n), off = total_of(s, p, 0) / count;
    double variance = total_of(s, p, 1) / count - off * off;
    s->d->mean[p.channel] = (float)((double)held(s, p, MEAN) + off);
    s->d->variance[p.channel] = (float)(variance > 0 ? variance : 0);
}

static double inverse_of(const passing *s, place p) {
    return 1 / sqrt((double)s->d->variance[p.channel] + s->n->epsilon);
}

static void affine(const passing *s, place p) {
    hold(s, p, MEAN, (double)s->d->mean[p.channel]);
    hold(s, p, SCALE, (double)s->d->weight[p.channel] * inverse_of(s, p));
    hold(s, p, SHIFT, (double)s->d->bias[p.channel]);
}

static void gradients(const passing *s, place p) {
    double count = count_of(s->n), inverse = inverse_of(s, p);
    double scale = (double)s->d->weight[p.channel] * inverse;
    double sum = total_of(s, p, 0), product = total_of(s, p, 1);
    hold(s, p, BY_DZ, scale);
    if (s->n->fixed) { /* the statistics do not depend on x */
        hold(s, p, BY_X, 0);
        hold(s, p, BY_ONE, 0);
        return;
    }
    s->d->dbias[p.channel] = (float)sum;
    s->d->dweight[p.channel] = (float)(product * inverse);
    hold(s, p, BY_X, -scale * inverse * inverse * product / count);
    hold(s, p, BY_ONE, -scale * sum / count);
}

static void pivots(const passing *s, place p) {
    hold(s, p, MEAN, pivot_of(s, p));
}

/* Places of a last block that belong to no channel are 0 before and after. */
static void each(const passing *s, void (*work)(const passing *s, place p)) {
    const mien_norm_act *n = s->n;
    for (int64_t k = 0; k < n->blocks; k++) {
        for (int64_t w = 0; w < n->width; w++) {
            place p = {k, w, k * n->width + w};
            if (p.channel < n->channels) {
                work(s, p);
                continue;
            }
            for (int which = 0; which < OFS; which++) {
                hold(s, p, which, 0);
            }
        }
    }
}

/* ---- forward and back ---------------------------------------------------------------
 */

static passing passing_of(const mien_norm_act *n, const mien_norm_act_data *d) {
    passing s = {.n = n, .d = d, .c = cut_of(n)};
    s.r = room_of(n, &s.c, d->scratch);
    s.streams = n->outer * n->blocks * n->rows * n->width >= STREAMS;
    return s;
}

void mien_norm_act_apply(
    const mien_norm_kernels *k, const mien_norm_act *n, const mien_norm_act_data *d) {
    passing s = passing_of(n, d);
    each(&s, affine);
    s.to = d->y;
    run(&s, k->apply, false);
}

void mien_norm_act_statistics(
    const mien_norm_kernels *k, const mien_norm_act *n, const mien_norm_act_data *d) {
    passing s = passing_of(n, d);
    each(&s, pivots);
    run(&s, k->sums, true);
    total(&s);
    each(&s, moments);
}

/* The same as total() of sums that came with dy. */
static void total_given(const passing *s) {
    int64_t count = 2 * s->n->width;
    memset(s->r.totals, 0, (size_t)count * sizeof *s->r.totals);
    for (int64_t i = 0; i < s->d->parts; i++) {
        for (int64_t w = 0; w < count; w++) {
            s->r.totals[w] += (double)s->d->sums[i * count + w];
        }
    }
}

void mien_norm_act_backward(
    const mien_norm_kernels *k, const mien_norm_act *n, const mien_norm_act_data *d) {
    mien_norm_act behind = *n;
    behind.clips = n->clips && !d->sums;
    passing s = passing_of(&behind, d);
    each(&s, affine);
    if (d->sums) {
        total_given(&s);
    } else {
        run(&s, k->sums_back, true);
        total(&s);
    }
    each(&s, gradients);
    if (!d->dx) {
        return;
    }
    mien_norm_act_data back = *d;
    if (d->dadded) { /* it is the gradient behind the clipping */
        back.dy = d->dadded;
    }
    s.d = &back;
    s.to = d->dx;
    run(&s, k->apply_back, false);
}
