/* SPDX-License-Identifier: MIT */
/* Moves weights uphill for one gradient and puts them back. Source: Foret et al. 2021;
 * Kwon et al. 2021 for the adaptive form. */
#include "train/optimisers/sam.h"

#include <math.h>
#include <string.h>

struct mien_sam {
    mien_trainables *trainables;
    mien_sam_options options;
    float **kept; /* [trainables] */
    bool moved;
    float scale;
};

mien_status mien_sam_new(
    mien_trainables *trainables, const mien_sam_options *options, mien_sam **sam) {
    if (!isfinite(options->rho) || !(options->rho > 0)) {
        return mien_fail(
            MIEN_EINVAL, "sam: rho is %g; it must be above 0", options->rho);
    }
    mien_sam *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    s->trainables = trainables;
    s->options = *options;
    s->kept = mien_alloc((size_t)trainables->count, sizeof *s->kept);
    mien_status status = s->kept ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < trainables->count; i++) {
        s->kept[i] = mien_alloc((size_t)trainables->row[i].count, sizeof(float));
        status = s->kept[i] ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        mien_sam_free(&s);
        return status;
    }
    *sam = s;
    return MIEN_OK;
}

void mien_sam_free(mien_sam **sam) {
    if (!sam || !*sam) {
        return;
    }
    mien_sam *s = *sam;
    for (int64_t i = 0; s->kept && i < s->trainables->count; i++) {
        mien_free(s->kept[i]);
    }
    mien_free(s->kept);
    mien_free(s);
    *sam = NULL;
}

static void move_chunk(
    void *context, const mien_trainable *row, const mien_chunk *chunk) {
    const mien_sam *s = context;
    float *restrict p = row->values + chunk->first;
    float *restrict kept = s->kept[chunk->index] + chunk->first;
    const float *restrict g = row->gradient + chunk->first;
    const float scale = s->scale;
    if (s->options.adaptive) {
        for (int64_t i = 0; i < chunk->count; i++) {
            kept[i] = p[i];
            p[i] += scale * g[i] * p[i] * p[i];
        }
    } else {
        for (int64_t i = 0; i < chunk->count; i++) {
            kept[i] = p[i];
            p[i] += scale * g[i];
        }
    }
}

mien_status mien_sam_perturb(mien_sam *sam) {
    double norm;
    if (sam->moved) {
        return mien_fail(MIEN_EINVAL, "sam: the weights are already moved");
    }
    mien_norm_options options = {
        .limit = (float)INFINITY, .by_values = sam->options.adaptive};
    mien_status status = mien_trainables_norm(sam->trainables, &options, &norm);
    if (status != MIEN_OK) {
        return status;
    }
    sam->scale = (float)(sam->options.rho / (norm + 1e-12));
    mien_trainables_run(sam->trainables, move_chunk, sam);
    sam->moved = true;
    return MIEN_OK;
}

static void restore_chunk(
    void *context, const mien_trainable *row, const mien_chunk *chunk) {
    const mien_sam *s = context;
    memcpy(row->values + chunk->first, s->kept[chunk->index] + chunk->first,
        (size_t)chunk->count * sizeof(float));
}

void mien_sam_restore(mien_sam *sam) {
    if (sam->moved) {
        mien_trainables_run(sam->trainables, restore_chunk, sam);
        sam->moved = false;
    }
}

mien_status mien_sam_step(
    mien_sam *sam, mien_optimiser *optimiser, const mien_pace *pace) {
    if (!sam->moved) {
        return mien_fail(MIEN_EINVAL, "sam: a step without its first gradient");
    }
    mien_sam_restore(sam);
    return mien_optimiser_step(optimiser, pace);
}
