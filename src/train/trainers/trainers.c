/* SPDX-License-Identifier: MIT */
/* The table of trainers, and fits of any of them. */
#include <string.h>

#include "train/trainers/trainer.h"

#define X(name) extern const mien_trainer mien_trainer_##name;
#include "train/trainers/trainers.def"
#undef X

static const mien_trainer *const rows[] = {
#define X(name) &mien_trainer_##name,
#include "train/trainers/trainers.def"
#undef X
};
#define ROWS ((int)(sizeof rows / sizeof rows[0]))

int mien_trainer_count(void) {
    return ROWS;
}

const mien_trainer *mien_trainer_at(int index) {
    return index >= 0 && index < ROWS ? rows[index] : NULL;
}

bool mien_trainer_kernels(const mien_trainer *trainer) {
    return !trainer->take;
}

const mien_trainer *mien_trainer_of(const char *method) {
    for (int i = 0; i < ROWS; i++) {
        if (strcmp(rows[i]->method, method) == 0) {
            return rows[i];
        }
    }
    return NULL;
}

/* ---- one fit -------------------------------------------------------------------- */

struct mien_training {
    const mien_trainer *trainer;
    void *own;
};

mien_status mien_training_open(const mien_trainer *trainer,
    const mien_training_setup *setup, mien_training **training) {
    mien_training *t = mien_alloc(1, sizeof *t);
    if (!t) {
        return MIEN_ENOMEM;
    }
    t->trainer = trainer;
    mien_status status = trainer->open(setup, &t->own);
    if (status != MIEN_OK) {
        mien_training_close(&t);
        return status;
    }
    *training = t;
    return MIEN_OK;
}

void mien_training_close(mien_training **training) {
    if (!training || !*training) {
        return;
    }
    if ((*training)->own) {
        (*training)->trainer->close(&(*training)->own);
    }
    mien_free(*training);
    *training = NULL;
}

void *mien_training_own(mien_training *training) {
    return training->own;
}

const mien_trainer *mien_training_trainer(const mien_training *training) {
    return training->trainer;
}

mien_status mien_training_run(
    mien_training *training, const mien_network_fit_hooks *hooks) {
    static const mien_network_fit_hooks silent = {0};
    return training->trainer->run(training->own, hooks ? hooks : &silent);
}

bool mien_training_done(const mien_training *training) {
    return training->trainer->done(training->own);
}

mien_status mien_training_state(mien_training *training, mien_checkpoint_state *state) {
    return training->trainer->state(training->own, state);
}

mien_status mien_training_load(mien_training *training, mien_archive *archive) {
    return training->trainer->load(training->own, archive);
}

mien_status mien_training_result_of(
    mien_training *training, mien_training_result *result) {
    *result = (mien_training_result){.best = -1};
    return training->trainer->result(training->own, result);
}

mien_network_fit_epoch mien_training_epoch_at(
    const mien_training *training, int64_t epoch) {
    return training->trainer->epoch_at(training->own, epoch);
}

mien_status mien_training_take(
    mien_training *training, mien_net *net, mien_columns *columns) {
    return training->trainer->take(training->own, net, columns);
}

mien_status mien_training_predict(
    mien_training *training, const mien_columns_change *change, double *predictions) {
    return training->trainer->predict
               ? training->trainer->predict(training->own, change, predictions)
               : mien_fail(MIEN_EUNSUPPORTED, "fits of method %s do not predict again",
                     training->trainer->method);
}
