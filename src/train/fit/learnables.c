/* SPDX-License-Identifier: MIT */
/* Cuts trained arrays into chunks and works on them side by side. */
#include "train/fit/learnables.h"

#include <math.h>

#include "train/wide.h"

enum { CHUNK = 65536, LANES = 16 };

static mien_status check(const mien_learnable *rows, int64_t count) {
    if (count < 1) {
        return mien_fail(MIEN_EINVAL, "nothing to train: everything is frozen");
    }
    for (int64_t i = 0; i < count; i++) {
        const mien_learnable *r = &rows[i];
        if (!r->name || !r->values || !r->gradient || r->count < 0) {
            return mien_fail(MIEN_EINVAL, "parameter %lld (%s): no values or gradient",
                (long long)i, r->name ? r->name : "nameless");
        }
        if (!isfinite(r->rate) || r->rate < 0 || !isfinite(r->decay) || r->decay < 0) {
            return mien_fail(MIEN_EINVAL,
                "parameter %s: rate × %g, decay × %g: both must be 0 or more", r->name,
                r->rate, r->decay);
        }
    }
    return MIEN_OK;
}

static int64_t chunks_of(int64_t count) {
    return (count + CHUNK - 1) / CHUNK;
}

static void fill(mien_learnables *l, const mien_learnable *rows) {
    mien_chunk *chunk = l->chunks;
    for (int64_t i = 0; i < l->count; i++) {
        l->row[i] = rows[i];
        l->total += rows[i].count;
        for (int64_t at = 0; at < rows[i].count; at += CHUNK) {
            int64_t left = rows[i].count - at;
            *chunk++ = (mien_chunk){i, at, left < CHUNK ? left : CHUNK};
        }
    }
}

mien_status mien_learnables_new(const mien_learnable *rows, int64_t count,
    mien_pool *pool, mien_learnables **learnables) {
    mien_status status = check(rows, count);
    if (status != MIEN_OK) {
        return status;
    }
    mien_learnables *l = mien_alloc(1, sizeof *l);
    if (!l) {
        return MIEN_ENOMEM;
    }
    l->count = count;
    l->pool = pool;
    for (int64_t i = 0; i < count; i++) {
        l->chunks_count += chunks_of(rows[i].count);
    }
    l->row = mien_alloc((size_t)count, sizeof *l->row);
    l->chunks = mien_alloc((size_t)l->chunks_count, sizeof *l->chunks);
    l->partial = mien_alloc((size_t)l->chunks_count, sizeof *l->partial);
    if (!l->row || !l->chunks || !l->partial) {
        mien_learnables_free(&l);
        return MIEN_ENOMEM;
    }
    fill(l, rows);
    *learnables = l;
    return MIEN_OK;
}

void mien_learnables_free(mien_learnables **learnables) {
    if (!learnables || !*learnables) {
        return;
    }
    mien_free((*learnables)->partial);
    mien_free((*learnables)->chunks);
    mien_free((*learnables)->row);
    mien_free(*learnables);
    *learnables = NULL;
}

typedef struct loop {
    mien_learnables *learnables;
    mien_chunk_work *work;
    void *context;
} loop;

static mien_status do_chunk(void *context, int64_t index, int worker) {
    (void)worker;
    const loop *l = context;
    const mien_chunk *chunk = &l->learnables->chunks[index];
    l->work(l->context, &l->learnables->row[chunk->index], chunk);
    return MIEN_OK;
}

void mien_learnables_run(
    mien_learnables *learnables, mien_chunk_work *work, void *context) {
    loop l = {learnables, work, context};
    /* waking threads takes longer than a small network's whole step */
    mien_pool *pool = learnables->total > CHUNK ? learnables->pool : NULL;
    mien_pool_run(pool, learnables->chunks_count, do_chunk, &l);
}

/* ---- norm --------------------------------------------------------------------- */

/* Lanes keep the sum in one order and let the compiler use vectors. */
static double sum_lanes(const double lanes[LANES]) {
    double sum[LANES];
    for (int k = 0; k < LANES; k++) {
        sum[k] = lanes[k];
    }
    for (int half = LANES / 2; half > 0; half /= 2) {
        for (int k = 0; k < half; k++) {
            sum[k] += sum[k + half];
        }
    }
    return sum[0];
}

MIEN_WIDE_BODY void sum_squares_body(
    const float *g, int64_t n, float limit, double lanes[LANES]) {
    double sum[LANES] = {0};
    int64_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        for (int k = 0; k < LANES; k++) {
            double x = (double)mien_cut(g[i + k], limit);
            sum[k] += x * x;
        }
    }
    for (int k = 0; k < LANES; k++) {
        double x = i + k < n ? (double)mien_cut(g[i + k], limit) : 0;
        lanes[k] = sum[k] + x * x;
    }
}

MIEN_WIDE(static, sum_squares,
    (const float *g, int64_t n, float limit, double lanes[LANES]), (g, n, limit, lanes))

static double sum_squares_by_values(const float *g, const float *v, int64_t n) {
    double lanes[LANES] = {0};
    for (int64_t i = 0; i < n; i++) {
        double x = (double)g[i] * (double)v[i];
        lanes[i % LANES] += x * x;
    }
    return sum_lanes(lanes);
}

typedef struct norm_work {
    mien_learnables *learnables;
    const mien_norm_options *options;
    float unlimited; /* INFINITY; a constant would get a copy of the loop of its own,
                        which gcc 12 does not turn into vectors: 5 times slower */
} norm_work;

static void norm_chunk(
    void *context, const mien_learnable *row, const mien_chunk *chunk) {
    const norm_work *w = context;
    const float *g = row->gradient + chunk->first;
    double sum, lanes[LANES];
    if (w->options->by_values) {
        sum = sum_squares_by_values(g, row->values + chunk->first, chunk->count);
    } else {
        sum_squares(g, chunk->count, w->unlimited, lanes);
        sum = sum_lanes(lanes);
        if (isfinite(sum) && isfinite(w->options->limit)) {
            sum_squares(g, chunk->count, w->options->limit, lanes);
            sum = sum_lanes(lanes);
        }
    }
    w->learnables->partial[chunk - w->learnables->chunks] = sum;
}

mien_status mien_learnables_norm(
    mien_learnables *learnables, const mien_norm_options *options, double *norm) {
    norm_work w = {learnables, options, (float)INFINITY};
    double sum = 0;
    mien_learnables_run(learnables, norm_chunk, &w);
    for (int64_t i = 0; i < learnables->chunks_count; i++) {
        double part = learnables->partial[i];
        if (!isfinite(part)) {
            return mien_fail(MIEN_ENUMBER,
                "the gradient of %s is infinite or not a number",
                learnables->row[learnables->chunks[i].index].name);
        }
        sum += part;
    }
    *norm = sqrt(sum);
    return MIEN_OK;
}
