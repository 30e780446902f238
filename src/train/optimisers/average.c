/* SPDX-License-Identifier: MIT */
/* Running averages of weights, as torch.optim.swa_utils. */
#include "train/optimisers/average.h"

#include <math.h>
#include <string.h>

struct mien_average {
    mien_average_kind kind;
    double decay;
    mien_trainables *trainables;
    float **values; /* [trainables] */
    double added;   /* a double, so that it is a tensor of a checkpoint as it is */
    bool swapped;
    float part; /* of the new weights in the next average */
};

mien_status mien_average_new(mien_average_kind kind, double decay,
    mien_trainables *trainables, mien_average **average) {
    if (kind == MIEN_AVERAGE_DECAYING && !(decay >= 0 && decay < 1)) {
        return mien_fail(
            MIEN_EINVAL, "average of weights: a decay of %g is not in [0, 1)", decay);
    }
    mien_average *a = mien_alloc(1, sizeof *a);
    if (!a) {
        return MIEN_ENOMEM;
    }
    a->kind = kind;
    a->decay = decay;
    a->trainables = trainables;
    a->values = mien_alloc((size_t)trainables->count, sizeof *a->values);
    mien_status status = a->values ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < trainables->count; i++) {
        a->values[i] = mien_alloc((size_t)trainables->row[i].count, sizeof(float));
        status = a->values[i] ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        mien_average_free(&a);
        return status;
    }
    *average = a;
    return MIEN_OK;
}

void mien_average_free(mien_average **average) {
    if (!average || !*average) {
        return;
    }
    mien_average *a = *average;
    for (int64_t i = 0; a->values && i < a->trainables->count; i++) {
        mien_free(a->values[i]);
    }
    mien_free(a->values);
    mien_free(a);
    *average = NULL;
}

static void add_chunk(
    void *context, const mien_trainable *row, const mien_chunk *chunk) {
    const mien_average *a = context;
    float *restrict kept = a->values[chunk->index] + chunk->first;
    const float *restrict p = row->values + chunk->first;
    const float part = a->part;
    if (a->added == 0) {
        memcpy(kept, p, (size_t)chunk->count * sizeof *p);
        return;
    }
    for (int64_t i = 0; i < chunk->count; i++) {
        kept[i] += part * (p[i] - kept[i]);
    }
}

mien_status mien_average_add(mien_average *average) {
    mien_average *a = average;
    if (a->swapped) {
        return mien_fail(
            MIEN_EINVAL, "average of weights: the averages are in their place");
    }
    a->part = a->kind == MIEN_AVERAGE_MEAN ? (float)(1 / (a->added + 1))
                                           : (float)(1 - a->decay);
    mien_trainables_run(a->trainables, add_chunk, a);
    a->added++;
    return MIEN_OK;
}

static void swap_chunk(
    void *context, const mien_trainable *row, const mien_chunk *chunk) {
    const mien_average *a = context;
    float *restrict kept = a->values[chunk->index] + chunk->first;
    float *restrict p = row->values + chunk->first;
    for (int64_t i = 0; i < chunk->count; i++) {
        float x = kept[i];
        kept[i] = p[i];
        p[i] = x;
    }
}

mien_status mien_average_swap(mien_average *average) {
    if (average->added == 0) {
        return mien_fail(MIEN_EINVAL, "average of weights: nothing was added yet");
    }
    mien_trainables_run(average->trainables, swap_chunk, average);
    average->swapped = !average->swapped;
    return MIEN_OK;
}

mien_status mien_average_state(
    mien_average *average, const char *prefix, mien_checkpoint_state *state) {
    mien_average *a = average;
    if (a->swapped) {
        return mien_fail(
            MIEN_EINVAL, "average of weights: the averages are in their place");
    }
    mien_status status =
        mien_checkpoint_state_add(state, MIEN_F64, 1, &a->added, "%s.added", prefix);
    for (int64_t i = 0; status == MIEN_OK && i < a->trainables->count; i++) {
        const mien_trainable *row = &a->trainables->row[i];
        status = mien_checkpoint_state_add(
            state, MIEN_F32, row->count, a->values[i], "%s.%s", prefix, row->name);
    }
    return status;
}
