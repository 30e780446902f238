/* SPDX-License-Identifier: MIT */
/* The trainer that learns by steps: a network, its losses and an optimiser (fit*.c),
 * as a row of trainers.def. What a network predicts in float goes out in double. */
#include "train/trainers/trainer.h"
#include "train/fit/network_fit.h"

typedef struct gradient {
    mien_training_setup setup;
    mien_network_fit *fit;
    int64_t width;
    float *room;                      /* [tested, width] */
    double *predictions, *unsmoothed; /* [tested, width] */
    double *validations;              /* [rows that validate, width] */
} gradient;

static void close(void **own) {
    gradient *g = *own;
    mien_network_fit_free(&g->fit);
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
    g->width = setup->dataset->width;
    *own = g;
    mien_status status = mien_network_fit_new(setup, &g->fit);
    if (status != MIEN_OK) {
        close(own);
    }
    return status;
}

static mien_status run(void *own, const mien_network_fit_hooks *hooks) {
    return mien_network_fit_run(((gradient *)own)->fit, hooks);
}

static bool done(const void *own) {
    return mien_network_fit_done(((const gradient *)own)->fit);
}

static mien_status state(void *own, mien_checkpoint_state *into) {
    return mien_network_fit_state(((gradient *)own)->fit, into);
}

static mien_status load(void *own, mien_archive *archive) {
    return mien_network_fit_load(((gradient *)own)->fit, archive);
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
    out->tested = mien_network_fit_tested(g->fit, &out->rows, &predictions);
    const float *unsmoothed = mien_network_fit_unsmoothed(g->fit, &out->smooth);
    int64_t count = out->tested * g->width;
    mien_status status = widen(predictions, count, &g->predictions);
    if (status == MIEN_OK) {
        status = widen(unsmoothed, count, &g->unsmoothed);
    }
    if (status == MIEN_OK) {
        const float *validations = NULL;
        out->validated =
            mien_network_fit_validated(g->fit, &out->validation, &validations);
        status = widen(validations, out->validated * g->width, &g->validations);
    }
    out->validations = g->validations;
    out->predictions = g->predictions;
    out->unsmoothed = g->unsmoothed;
    out->epochs = mien_network_fit_epochs(g->fit);
    out->steps = mien_network_fit_steps(g->fit);
    out->best = mien_network_fit_best(g->fit);
    out->trained = mien_network_fit_trained(g->fit);
    return status;
}

static mien_network_fit_epoch epoch_at(const void *own, int64_t epoch) {
    return mien_network_fit_epoch_at(((const gradient *)own)->fit, epoch);
}

static mien_status predict(
    void *own, const mien_columns_change *change, double *predictions) {
    gradient *g = own;
    const int64_t *rows = NULL;
    const float *before = NULL;
    int64_t count = mien_network_fit_tested(g->fit, &rows, &before) * g->width;
    g->room = g->room ? g->room : mien_alloc((size_t)count, sizeof *g->room);
    mien_status status =
        g->room ? mien_network_fit_predict(g->fit, change, g->room) : MIEN_ENOMEM;
    return status == MIEN_OK ? widen(g->room, count, &predictions) : status;
}

/* The network as a whole, with what was trained of it. */
static mien_status take(void *own, mien_net *net, mien_columns *columns) {
    gradient *g = own;
    const mien_training_setup *s = &g->setup;
    mien_network_fit_take_columns(g->fit, columns);
    mien_status status = mien_net_open(net, s->study, s->dataset, s->weights);
    if (status == MIEN_OK) {
        mien_parameters *from = mien_network_fit_parameters(g->fit);
        mien_net_copy(net, &(mien_net){.parameters = from});
    }
    return status;
}

mien_network_fit *mien_training_fit(mien_training *training) {
    return ((gradient *)mien_training_own(training))->fit;
}

const mien_trainer mien_trainer_gradient = {
    .name = "gradient",
    .method = "network",
    .summary = "A network trained by steps, as much of it as train.what says",
    .can = MIEN_TRAINS_NUMBERS | MIEN_TRAINS_CLASSES | MIEN_TRAINS_MASKED |
           MIEN_TRAINS_BY_STEPS,
    .check = mien_network_fit_check,
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
