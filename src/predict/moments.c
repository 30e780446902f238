/* SPDX-License-Identifier: MIT */
/* A sliding window over a film's moments: constant memory for any length. */
#include "predict/moments.h"

#include "predict/after.h"

#include <math.h>

typedef struct moment {
    mien_prediction head;
    float *value; /* [width] */
    mien_tensor *thumbnail;
} moment;

struct mien_moments {
    const mien_network *network;
    int64_t width; /* numbers of a row */
    float *values; /* [size, width], the window's */
    double *row;   /* [width], the one emitted */
    mien_predict_sink *sink;
    void *context;
    int64_t smooth;
    moment *window; /* ring: moment i is at i % size */
    int64_t size;
    int64_t added; /* moments of this film so far */
    int64_t emitted;
};

mien_status mien_moments_new(const mien_network *network, int64_t smooth,
    mien_predict_sink *sink, void *context, mien_moments **moments) {
    mien_moments *m = mien_alloc(1, sizeof *m);
    if (!m) {
        return MIEN_ENOMEM;
    }
    *m = (mien_moments){.network = network,
        .sink = sink,
        .context = context,
        .smooth = smooth,
        .size = 2 * smooth + 2};
    for (int t = 0; t < network->targets_count; t++) {
        m->width += mien_target_width(&network->targets[t]);
    }
    m->window = mien_alloc((size_t)m->size, sizeof *m->window);
    m->values = mien_alloc((size_t)(m->size * m->width), sizeof *m->values);
    m->row = mien_alloc((size_t)m->width, sizeof *m->row);
    if (!m->window || !m->values || !m->row) {
        mien_moments_free(&m);
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < m->size; i++) {
        m->window[i].value = m->values + i * m->width;
    }
    *moments = m;
    return MIEN_OK;
}

void mien_moments_free(mien_moments **moments) {
    if (!moments || !*moments) {
        return;
    }
    mien_moments *m = *moments;
    for (int64_t i = 0; m->window && i < m->size; i++) {
        mien_tensor_free(&m->window[i].thumbnail);
    }
    mien_free(m->row);
    mien_free(m->values);
    mien_free(m->window);
    mien_free(m);
    *moments = NULL;
}

/* Emits m->row. */
static mien_status emit(
    mien_moments *m, const mien_prediction *head, const mien_tensor *thumbnail) {
    const mien_network *n = m->network;
    mien_prediction p = *head;
    p.thumbnail = thumbnail;
    mien_after_row(n->targets, n->targets_count, &n->after, m->row, &p);
    return m->sink(m->context, &p);
}

mien_status mien_moments_row(
    mien_moments *moments, const mien_prediction *head, const float *value) {
    for (int64_t k = 0; k < moments->width; k++) {
        moments->row[k] = (double)value[k];
    }
    return emit(moments, head, head->thumbnail);
}

/* Emits moment number `emitted`: the mean of as many neighbours on both sides as there
 * are. */
static mien_status emit_next(mien_moments *m, double end_s) {
    int64_t i = m->emitted++, last = m->added - 1;
    int64_t side = m->smooth < i ? m->smooth : i;
    side = side < last - i ? side : last - i;
    for (int64_t v = 0; v < m->width; v++) {
        double sum = 0;
        for (int64_t k = i - side; k <= i + side; k++) {
            sum += (double)m->window[k % m->size].value[v];
        }
        m->row[v] = sum / (double)(2 * side + 1);
    }
    moment *here = &m->window[i % m->size];
    here->head.end_s = end_s;
    return emit(m, &here->head, here->thumbnail);
}

mien_status mien_moments_add(mien_moments *moments, const mien_prediction *head,
    const float *value, mien_tensor **thumbnail) {
    mien_moments *m = moments;
    moment *here = &m->window[m->added % m->size];
    mien_tensor_free(&here->thumbnail);
    here->head = *head;
    here->thumbnail = *thumbnail;
    *thumbnail = NULL;
    for (int64_t v = 0; v < m->width; v++) {
        here->value[v] = value[v];
    }
    m->added++;
    int64_t ahead =
        m->smooth > 0 ? m->smooth : 1; /* one, to know where a moment ends */
    if (m->added - 1 - m->emitted < ahead) {
        return MIEN_OK;
    }
    return emit_next(m, m->window[(m->emitted + 1) % m->size].head.start_s);
}

mien_status mien_moments_end(mien_moments *moments, double end_s) {
    mien_moments *m = moments;
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && m->emitted < m->added) {
        int64_t i = m->emitted;
        double start_s = m->window[i % m->size].head.start_s;
        double next_s = i + 1 < m->added ? m->window[(i + 1) % m->size].head.start_s
                                         : fmax(end_s, start_s);
        if (isinf(end_s) && i > 0 && i + 1 == m->added) {
            next_s = 2 * start_s - m->window[(i - 1) % m->size].head.start_s;
        }
        status = emit_next(m, next_s);
    }
    m->added = m->emitted = 0;
    return status;
}
