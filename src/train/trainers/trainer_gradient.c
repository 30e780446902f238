/* SPDX-License-Identifier: MIT */
/* The trainer that learns by steps: a network, its losses and an optimiser (tuning*.c),
 * as a row of trainers.def. What a network predicts in float goes out in double. */
#include "train/trainers/trainer.h"
#include "train/fit/tuning.h"

typedef struct gradient {
    mien_training_setup setup;
    mien_tuning *tuning;
    int64_t width;
    float *room;                      /* [tested, width] */
    double *predictions, *unsmoothed; /* [tested, width] */
    double *validations;              /* [rows that validate, width] */
} gradient;

static void close(void **own) {
    gradient *g = *own;
    mien_tuning_free(&g->tuning);
    mien_free(g->room);
    mien_free(g->predictions);
    mien_free(g->unsmoothed);
    mien_free(g->validations);
    mien_free(g);
    *own = NULL;
}

static mien_status open(const mien_training_setup *setup, void **own) {
    gradient *g = mien_alloc(1, sizeof *g);
    if (!g) {
        return MIEN_ENOMEM;
    }
    g->setup = *setup;
    g->width = setup->corpus->width;
    *own = g;
    mien_status status = mien_tuning_new(setup, &g->tuning);
    if (status != MIEN_OK) {
        close(own);
    }
    return status;
}

static mien_status run(void *own, const mien_tuning_hooks *hooks) {
    return mien_tuning_run(((gradient *)own)->tuning, hooks);
}

static bool done(const void *own) {
    return mien_tuning_done(((const gradient *)own)->tuning);
}

static mien_status state(void *own, mien_state *into) {
    return mien_tuning_state(((gradient *)own)->tuning, into);
}

static mien_status load(void *own, mien_archive *archive) {
    return mien_tuning_load(((gradient *)own)->tuning, archive);
}

static mien_status widen(const float *from, int64_t count, double **to) {
    if (!from) {
        return MIEN_OK;
    }
    *to = *to ? *to : mien_alloc((size_t)count, sizeof **to);
    for (int64_t i = 0; *to && i < count; i++) {
        (*to)[i] = (double)from[i];
    }
    return *to ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status result(void *own, mien_training_result *out) {
    gradient *g = own;
    const float *predictions = NULL;
    out->tested = mien_tuning_tested(g->tuning, &out->rows, &predictions);
    const float *unsmoothed = mien_tuning_unsmoothed(g->tuning, &out->smooth);
    int64_t count = out->tested * g->width;
    mien_status status = widen(predictions, count, &g->predictions);
    if (status == MIEN_OK) {
        status = widen(unsmoothed, count, &g->unsmoothed);
    }
    if (status == MIEN_OK) {
        const float *validations = NULL;
        out->validated =
            mien_tuning_validated(g->tuning, &out->validation, &validations);
        status = widen(validations, out->validated * g->width, &g->validations);
    }
    out->validations = g->validations;
    out->predictions = g->predictions;
    out->unsmoothed = g->unsmoothed;
    out->epochs = mien_tuning_epochs(g->tuning);
    out->steps = mien_tuning_steps(g->tuning);
    out->best = mien_tuning_best(g->tuning);
    out->trained = mien_tuning_trained(g->tuning);
    return status;
}

static mien_tuning_epoch epoch_at(const void *own, int64_t epoch) {
    return mien_tuning_epoch_at(((const gradient *)own)->tuning, epoch);
}

static mien_status predict(
    void *own, const mien_columns_change *change, double *predictions) {
    gradient *g = own;
    const int64_t *rows = NULL;
    const float *before = NULL;
    int64_t count = mien_tuning_tested(g->tuning, &rows, &before) * g->width;
    g->room = g->room ? g->room : mien_alloc((size_t)count, sizeof *g->room);
    mien_status status =
        g->room ? mien_tuning_predict(g->tuning, change, g->room) : MIEN_ENOMEM;
    return status == MIEN_OK ? widen(g->room, count, &predictions) : status;
}

/* The network as a whole, with what was trained of it. */
static mien_status take(void *own, mien_net *net, mien_columns *columns) {
    gradient *g = own;
    const mien_training_setup *s = &g->setup;
    mien_tuning_take_columns(g->tuning, columns);
    mien_status status = mien_net_open(net, s->study, s->corpus, s->weights);
    if (status == MIEN_OK) {
        mien_parameters *from = mien_tuning_parameters(g->tuning);
        mien_net_copy(net, &(mien_net){.parameters = from});
    }
    return status;
}

mien_tuning *mien_training_tuning(mien_training *training) {
    return ((gradient *)mien_training_own(training))->tuning;
}

const mien_trainer mien_trainer_gradient = {
    .name = "gradient",
    .method = "network",
    .summary = "A network trained by steps, as much of it as train.what says",
    .can = MIEN_TRAINS_NUMBERS | MIEN_TRAINS_CLASSES | MIEN_TRAINS_MASKED |
           MIEN_TRAINS_BY_STEPS,
    .check = mien_tuning_check,
    .open = open,
    .close = close,
    .run = run,
    .done = done,
    .state = state,
    .load = load,
    .result = result,
    .epoch_at = epoch_at,
    .predict = predict,
    .take = take,
};
