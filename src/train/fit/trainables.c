/* SPDX-License-Identifier: MIT */
/* Cuts trained arrays into chunks and works on them side by side. */
#include "train/fit/trainables.h"

#include <math.h>

#include "train/wide.h"

enum { CHUNK = 65536, LANES = 16 };

static mien_status check(const mien_trainable *rows, int64_t count) {
    if (count < 1) {
        return mien_fail(MIEN_EINVAL, "nothing to train: everything is frozen");
    }
    for (int64_t i = 0; i < count; i++) {
        const mien_trainable *r = &rows[i];
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

static void fill(mien_trainables *l, const mien_trainable *rows) {
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

mien_status mien_trainables_new(const mien_trainable *rows, int64_t count,
    mien_thread_pool *pool, mien_trainables **trainables) {
    mien_status status = check(rows, count);
    if (status != MIEN_OK) {
        return status;
    }
    mien_trainables *l = mien_alloc(1, sizeof *l);
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
        mien_trainables_free(&l);
        return MIEN_ENOMEM;
    }
    fill(l, rows);
    *trainables = l;
    return MIEN_OK;
}

void mien_trainables_free(mien_trainables **trainables) {
    if (!trainables || !*trainables) {
        return;
    }
    mien_free((*trainables)->partial);
    mien_free((*trainables)->chunks);
    mien_free((*trainables)->row);
    mien_free(*trainables);
    *trainables = NULL;
}

typedef struct loop {
    mien_trainables *trainables;
    mien_chunk_work *work;
    void *context;
} loop;

static mien_status do_chunk(void *context, int64_t index, int worker) {
    (void)worker;
    const loop *l = context;
    const mien_chunk *chunk = &l->trainables->chunks[index];
    l->work(l->context, &l->trainables->row[chunk->index], chunk);
    return MIEN_OK;
}

void mien_trainables_run(
    mien_trainables *trainables, mien_chunk_work *work, void *context) {
    loop l = {trainables, work, context};
    /* waking threads takes longer than a small network's whole step */
    mien_thread_pool *pool = trainables->total > CHUNK ? trainables->pool : NULL;
    mien_thread_pool_run(pool, trainables->chunks_count, do_chunk, &l);
}

/* ---- norm --------------------------------------------------------------------- */

/* Lanes keep the sum in one order and let the compiler use vectors. */
static double sum_lanes(const double plans[LANES]) {
    double sum[LANES];
    for (int k = 0; k < LANES; k++) {
        sum[k] = plans[k];
    }
    for (int half = LANES / 2; half > 0; half /= 2) {
        for (int k = 0; k < half; k++) {
            sum[k] += sum[k + half];
        }
    }
    return sum[0];
}

MIEN_WIDE_BODY void sum_squares_body(
    const float *g, int64_t n, float limit, double plans[LANES]) {
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
        plans[k] = sum[k] + x * x;
    }
}

MIEN_WIDE(static, sum_squares,
    (const float *g, int64_t n, float limit, double plans[LANES]), (g, n, limit, plans))

static double sum_squares_by_values(const float *g, const float *v, int64_t n) {
    double plans[LANES] = {0};
    for (int64_t i = 0; i < n; i++) {
        double x = (double)g[i] * (double)v[i];
        plans[i % LANES] += x * x;
    }
    return sum_lanes(plans);
}

typedef struct norm_work {
    mien_trainables *trainables;
    const mien_norm_options *options;
    float unlimited; /* INFINITY; a constant would get a copy of the loop of its own,
                        which gcc 12 does not turn into vectors: 5 times slower */
} norm_work;

static void norm_chunk(
    void *context, const mien_trainable *row, const mien_chunk *chunk) {
    const norm_work *w = context;
    const float *g = row->gradient + chunk->first;
    double sum, plans[LANES];
    if (w->options->by_values) {
        sum = sum_squares_by_values(g, row->values + chunk->first, chunk->count);
    } else {
        sum_squares(g, chunk->count, w->unlimited, plans);
        sum = sum_lanes(plans);
        if (isfinite(sum) && isfinite(w->options->limit)) {
            sum_squares(g, chunk->count, w->options->limit, plans);
            sum = sum_lanes(plans);
        }
    }
    w->trainables->partial[chunk - w->trainables->chunks] = sum;
}

mien_status mien_trainables_norm(
    mien_trainables *trainables, const mien_norm_options *options, double *norm) {
    norm_work w = {trainables, options, (float)INFINITY};
    double sum = 0;
    mien_trainables_run(trainables, norm_chunk, &w);
    for (int64_t i = 0; i < trainables->chunks_count; i++) {
        double part = trainables->partial[i];
        if (!isfinite(part)) {
            return mien_fail(MIEN_ENUMBER,
                "the gradient of %s is infinite or not a number",
                trainables->row[trainables->chunks[i].index].name);
        }
        sum += part;
    }
    *norm = sqrt(sum);
    return MIEN_OK;
}
