/* SPDX-License-Identifier: MIT */
/* Mixing of the pictures of a batch. */
#include "signal/augment.h"
#include "base/need.h"

#include <string.h>

/* Values mixed at once: a picture's share of a core's cache. */
#define BLOCK 1024

mien_status mien_augment_mix_draw(const mien_augment *augment, mien_stream *stream,
    int64_t n, const bool *failed, int64_t *partner, double *weight) {
    MIEN_NEED(augment, stream, partner, weight || n < 1);
    int64_t *order = mien_alloc((size_t)n, sizeof *order);
    if (!order) {
        return MIEN_ENOMEM;
    }
    int64_t good = 0;
    for (int64_t i = 0; i < n; i++) {
        partner[i] = i;
        weight[i] = 1.0;
        if (!failed || !failed[i]) {
            order[good++] = i;
        }
    }
    for (int s = 0; s < mien_augment_count(augment); s++) {
        const mien_augment_step *step = &augment->steps[s];
        if (step->kind->work->phase != MIEN_AUGMENT_MIXES ||
            mien_stream_uniform(stream) >= step->p) {
            continue;
        }
        step->kind->work->mix(step, stream, n, weight);
        for (int64_t i = good - 1; i > 0; i--) { /* Fisher and Yates, order[0..i] */
            int64_t j = (int64_t)(mien_stream_uniform(stream) * (double)(i + 1)),
                    kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
        int64_t next = 0;
        for (int64_t i = 0; i < n; i++) {
            bool bad = failed && failed[i];
            weight[i] = bad ? 1.0 : weight[i];
            partner[i] = bad ? i : order[next++];
        }
        break; /* a batch is mixed once */
    }
    mien_free(order);
    return MIEN_OK;
}

typedef struct mixing {
    int64_t n, values;
    const int64_t *partner;
    const double *weight;
    float *images;
    float *scratch; /* [workers, n, BLOCK] */
} mixing;

static mien_status mix_block(void *context, int64_t index, int worker) {
    const mixing *m = context;
    const int64_t first = index * BLOCK;
    const int64_t count = m->values - first < BLOCK ? m->values - first : BLOCK;
    float *before = m->scratch + (size_t)worker * (size_t)m->n * BLOCK;
    for (int64_t i = 0; i < m->n; i++) {
        memcpy(before + i * BLOCK, m->images + i * m->values + first,
            (size_t)count * sizeof(float));
    }
    for (int64_t i = 0; i < m->n; i++) {
        const float w = (float)m->weight[i], rest = (float)(1.0 - m->weight[i]);
        const float *own = before + i * BLOCK, *other = before + m->partner[i] * BLOCK;
        float *out = m->images + i * m->values + first;
        if (m->partner[i] == i || w == 1.0f) {
            continue;
        }
        for (int64_t v = 0; v < count; v++) {
            out[v] = w * own[v] + rest * other[v];
        }
    }
    return MIEN_OK;
}

mien_status mien_augment_mix(int64_t n, int64_t values, const int64_t *partner,
    const double *weight, mien_thread_pool *pool, float *images) {
    MIEN_NEED(partner || n < 1, weight || n < 1, images || n < 1);
    mixing m = {n, values, partner, weight, images, NULL};
    size_t workers = (size_t)mien_thread_pool_threads(pool);
    m.scratch = mien_alloc(workers * (size_t)n, BLOCK * sizeof *m.scratch);
    if (!m.scratch) {
        return MIEN_ENOMEM;
    }
    mien_status status =
        mien_thread_pool_run(pool, (values + BLOCK - 1) / BLOCK, mix_block, &m);
    mien_free(m.scratch);
    return status;
}
