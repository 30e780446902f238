/* SPDX-License-Identifier: MIT */
/* Patience: counts epochs since the best one. */
#include "train/fit/stopping.h"

#include <math.h>

enum { BEST, EPOCH, SINCE, TOLD };

mien_status mien_stopping_init(
    mien_stopping *stopping, const mien_stopping_options *options) {
    if (options->patience < -1 || !isfinite(options->min_delta) ||
        options->min_delta < 0) {
        return mien_fail(MIEN_EINVAL,
            "early stopping: patience %lld, min_delta %g: both must be 0 or more",
            (long long)options->patience, options->min_delta);
    }
    *stopping = (mien_stopping){.options = *options};
    stopping->memory[BEST] = options->higher ? -(double)INFINITY : (double)INFINITY;
    stopping->memory[EPOCH] = -1;
    return MIEN_OK;
}

mien_status mien_stopping_tell(
    mien_stopping *stopping, double metric, mien_verdict *verdict) {
    const mien_stopping_options *o = &stopping->options;
    double *memory = stopping->memory;
    if (isnan(metric)) {
        return mien_fail(MIEN_ENUMBER,
            "early stopping: the metric of epoch %lld is nan", (long long)memory[TOLD]);
    }
    double gain = o->higher ? metric - memory[BEST] : memory[BEST] - metric;
    bool best = gain > o->min_delta;
    if (best) {
        memory[BEST] = metric;
        memory[EPOCH] = memory[TOLD];
        memory[SINCE] = 0;
    } else {
        memory[SINCE]++;
    }
    memory[TOLD]++;
    *verdict = (mien_verdict){
        best, !best && o->patience >= 0 && memory[SINCE] >= (double)o->patience};
    return MIEN_OK;
}

int64_t mien_stopping_best_epoch(const mien_stopping *stopping) {
    return (int64_t)stopping->memory[EPOCH];
}

double mien_stopping_best(const mien_stopping *stopping) {
    return stopping->memory[BEST];
}

mien_status mien_stopping_check(const mien_stopping *stopping) {
    const double *memory = stopping->memory;
    bool good = !isnan(memory[BEST]);
    for (int i = EPOCH; i <= TOLD; i++) {
        good = good && memory[i] >= -1 && memory[i] <= 0x1p53;
    }
    return good ? MIEN_OK
                : mien_fail(MIEN_EFORMAT,
                      "early stopping has seen %g epochs, of which %g was best",
                      memory[TOLD], memory[EPOCH]);
}

mien_status mien_stopping_state(
    mien_stopping *stopping, const char *prefix, mien_checkpoint_state *state) {
    return mien_checkpoint_state_add(
        state, MIEN_F64, 4, stopping->memory, "%s.memory", prefix);
}
