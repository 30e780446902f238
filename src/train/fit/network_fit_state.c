/* SPDX-License-Identifier: MIT */
/* Saves a fit into a checkpoint, and resumes it. */
#include "train/fit/network_fit_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static mien_status add_model(mien_network_fit *t, mien_checkpoint_state *state) {
    mien_parameters *p = t->net.parameters;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < mien_parameters_count(p); i++) {
        mien_tensor *tensor = mien_parameters_at(p, i);
        if (mien_network_fit_changes(t, i)) {
            status =
                mien_checkpoint_state_add(state, MIEN_F32, mien_tensor_count(tensor),
                    tensor->data, "model.%s", mien_parameters_name(p, i));
        }
    }
    return status;
}

static mien_status add_best(mien_network_fit *t, mien_checkpoint_state *state) {
    mien_parameters *p = t->net.parameters;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < mien_parameters_count(p); i++) {
        if (t->best[i]) {
            status = mien_checkpoint_state_add(state, MIEN_F32,
                mien_tensor_count(mien_parameters_at(p, i)), t->best[i], "best.%s",
                mien_parameters_name(p, i));
        }
    }
    return status;
}

static mien_status add_under_way(mien_network_fit *t, mien_checkpoint_state *state) {
    mien_status status = mien_optimiser_state(t->optimiser, "optimiser", state);
    if (status == MIEN_OK) {
        status = mien_scheduler_state(t->scheduler, "schedule", state);
    }
    if (status == MIEN_OK && t->average) {
        status = mien_average_state(t->average, "average", state);
    }
    if (status == MIEN_OK && t->average_statistics) {
        status = mien_average_state(t->average_statistics, "average_statistics", state);
    }
    if (status == MIEN_OK) {
        status = mien_stopping_state(&t->stopping, "stopping", state);
    }
    if (status == MIEN_OK) {
        status = mien_multitask_state(t->multitask, "loss", state);
    }
    return status == MIEN_OK ? add_best(t, state) : status;
}

static mien_status add_smoothing(mien_network_fit *t, mien_checkpoint_state *state) {
    mien_status status = mien_checkpoint_state_add(
        state, MIEN_F64, t->setup.dataset->targets, t->smooth, "smoothing");
    return status == MIEN_OK && t->test_count
               ? mien_checkpoint_state_add(state, MIEN_F32,
                     t->test_count * t->setup.dataset->width, t->unsmoothed,
                     "unsmoothed")
               : status;
}

static mien_status list_state(
    mien_network_fit *t, bool done, mien_checkpoint_state *state) {
    mien_status status =
        mien_checkpoint_state_add(state, MIEN_F64, MIEN_AT_COUNT, t->at, "position");
    if (status == MIEN_OK) {
        status = mien_checkpoint_state_add(state, MIEN_F64,
            t->epochs * MIEN_NETWORK_FIT_COLUMNS, t->history, "history");
    }
    if (status == MIEN_OK) {
        status = add_model(t, state);
    }
    if (status == MIEN_OK && done && t->test_count) {
        status = mien_checkpoint_state_add(state, MIEN_F32,
            t->test_count * t->setup.dataset->width, t->predictions, "predictions");
    }
    if (status == MIEN_OK && done && t->validated) {
        status = mien_checkpoint_state_add(state, MIEN_F32,
            t->validation_count * t->setup.dataset->width, t->validated, "validated");
    }
    if (status == MIEN_OK && done && t->unsmoothed) {
        status = add_smoothing(t, state);
    }
    return status == MIEN_OK && !done ? add_under_way(t, state) : status;
}

mien_status mien_network_fit_state(
    mien_network_fit *fit, mien_checkpoint_state *state) {
    return list_state(fit, mien_network_fit_done(fit), state);
}

static bool is_whole(double x, double low, double high) {
    return x >= low && x <= high && x == floor(x);
}

/* Positions that no training writes would lead it out of its memory. */
static mien_status check_position(const mien_network_fit *t, const double *at) {
    double epochs = (double)t->epochs, last = (double)t->steps;
    bool good =
        is_whole(at[MIEN_AT_EPOCH], 0, epochs) && is_whole(at[MIEN_AT_STEP], 0, last) &&
        is_whole(at[MIEN_AT_KEPT], -1, epochs - 1) &&
        is_whole(at[MIEN_AT_STOPPED], 0, 1) && is_whole(at[MIEN_AT_DONE], 0, 1) &&
        is_whole(at[MIEN_AT_AVERAGED], 0, 1) &&
        (at[MIEN_AT_EPOCH] < epochs || at[MIEN_AT_STEP] == 0);
    return good ? MIEN_OK
                : mien_fail(MIEN_EFORMAT,
                      "the checkpoint stands at epoch %g, step %g: no training of this "
                      "study does",
                      at[MIEN_AT_EPOCH], at[MIEN_AT_STEP]);
}

mien_status mien_network_fit_load(mien_network_fit *fit, mien_archive *archive) {
    mien_network_fit *t = fit;
    mien_checkpoint_state position = {0}, state = {0};
    double at[MIEN_AT_COUNT] = {0};
    mien_status status =
        mien_checkpoint_state_add(&position, MIEN_F64, MIEN_AT_COUNT, at, "position");
    if (status == MIEN_OK) {
        status = mien_checkpoint_state_load(&position, archive);
    }
    if (status == MIEN_OK) {
        status = check_position(t, at);
    }
    if (status == MIEN_OK) {
        status = list_state(t, at[MIEN_AT_DONE] != 0, &state);
    }
    if (status == MIEN_OK) {
        status = mien_checkpoint_state_load(&state, archive);
    }
    if (status == MIEN_OK) {
        status = mien_optimiser_check(t->optimiser);
    }
    if (status == MIEN_OK) {
        status = mien_stopping_check(&t->stopping);
    }
    for (int i = 0; i < MIEN_PLANS; i++) {
        t->stale[i] = true;
    }
    mien_checkpoint_state_clear(&state);
    mien_checkpoint_state_clear(&position);
    return status;
}
