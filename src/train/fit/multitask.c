/* SPDX-License-Identifier: MIT */
/* Sums the losses of several targets, with fixed or learnt weights. */
#include "train/fit/multitask.h"

#include <math.h>

typedef struct task {
    char *name;
    mien_objective *objective;
    double weight;
} task;

struct mien_multitask {
    int64_t count;
    bool learned;
    task *tasks;
    float *log_variance, *gradient; /* [count] */
    int64_t bad_task, bad_row;
};

static mien_status fill(mien_multitask *m, const mien_task *tasks) {
    for (int64_t i = 0; i < m->count; i++) {
        if (!isfinite(tasks[i].weight) || tasks[i].weight < 0) {
            return mien_fail(MIEN_EINVAL, "the loss of %s has a weight of %g",
                tasks[i].name, tasks[i].weight);
        }
        m->tasks[i].objective = tasks[i].objective;
        m->tasks[i].weight = tasks[i].weight;
        m->tasks[i].name = mien_strdup(tasks[i].name);
        if (!m->tasks[i].name) {
            return MIEN_ENOMEM;
        }
    }
    return MIEN_OK;
}

mien_status mien_multitask_new(
    const mien_task *tasks, int64_t count, bool learned, mien_multitask **multitask) {
    if (count < 1) {
        return mien_fail(MIEN_EINVAL, "a loss of no targets");
    }
    mien_multitask *m = mien_alloc(1, sizeof *m);
    if (!m) {
        return MIEN_ENOMEM;
    }
    m->learned = learned;
    m->bad_task = m->bad_row = -1;
    m->tasks = mien_alloc((size_t)count, sizeof *m->tasks);
    m->log_variance = mien_alloc((size_t)count, sizeof *m->log_variance);
    m->gradient = mien_alloc((size_t)count, sizeof *m->gradient);
    m->count = m->tasks ? count : 0;
    mien_status status =
        m->tasks && m->log_variance && m->gradient ? fill(m, tasks) : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        mien_multitask_free(&m);
        return status;
    }
    *multitask = m;
    return MIEN_OK;
}

void mien_multitask_free(mien_multitask **multitask) {
    if (!multitask || !*multitask) {
        return;
    }
    mien_multitask *m = *multitask;
    for (int64_t i = 0; i < m->count; i++) {
        mien_free(m->tasks[i].name);
    }
    mien_free(m->gradient);
    mien_free(m->log_variance);
    mien_free(m->tasks);
    mien_free(m);
    *multitask = NULL;
}

int64_t mien_multitask_count(const mien_multitask *multitask) {
    return multitask->count;
}

/* The factor of task i's loss. */
static double factor_of(const mien_multitask *m, int64_t i) {
    const task *t = &m->tasks[i];
    if (!m->learned) {
        return t->weight;
    }
    double kind = mien_objective_loss(t->objective)->of_classes ? 1 : 0.5;
    return kind * t->weight * exp(-(double)m->log_variance[i]);
}

static mien_status compute_task(mien_multitask *m, int64_t i,
    const mien_loss_batch *batch, double *total, mien_loss_result *result,
    float *gradient) {
    double factor = factor_of(m, i);
    mien_status status = mien_objective_compute_scaled(
        m->tasks[i].objective, batch, factor, result, gradient);
    if (status != MIEN_OK) {
        m->bad_task = i;
        m->bad_row = mien_objective_bad_row(m->tasks[i].objective);
        return mien_fail_in(status, "%s", m->tasks[i].name);
    }
    bool counts = result->weight > 0, learned = counts && m->learned;
    double part = factor * result->value;
    m->gradient[i] = learned ? (float)(0.5 - part) : 0;
    *total += counts ? part + (learned ? 0.5 * (double)m->log_variance[i] : 0) : 0;
    if (!isfinite(*total) || !isfinite(m->gradient[i])) {
        m->bad_task = i;
        return mien_fail(MIEN_ENUMBER, "%s: the sum of losses comes to %g",
            m->tasks[i].name, *total);
    }
    return MIEN_OK;
}

mien_status mien_multitask_compute(mien_multitask *multitask,
    const mien_loss_batch *batches, double *total, mien_loss_result *results,
    float *const *gradients) {
    mien_multitask *m = multitask;
    double sum = 0;
    m->bad_task = m->bad_row = -1;
    for (int64_t i = 0; i < m->count; i++) {
        mien_loss_result result;
        mien_status status = compute_task(
            m, i, &batches[i], &sum, &result, gradients ? gradients[i] : NULL);
        if (status != MIEN_OK) {
            return status;
        }
        if (results) {
            results[i] = result;
        }
    }
    *total = sum;
    return MIEN_OK;
}

void mien_multitask_bad_row(
    const mien_multitask *multitask, int64_t *at, int64_t *row) {
    *at = multitask->bad_task;
    *row = multitask->bad_row;
}

bool mien_multitask_trainable(mien_multitask *multitask, mien_trainable *trainable) {
    mien_multitask *m = multitask;
    if (m->learned) {
        *trainable = (mien_trainable){.name = "log_variances",
            .values = m->log_variance,
            .gradient = m->gradient,
            .count = m->count,
            .rate = 1,
            .decay = 0};
    }
    return m->learned;
}

mien_status mien_multitask_state(
    mien_multitask *multitask, const char *prefix, mien_checkpoint_state *state) {
    mien_multitask *m = multitask;
    return m->learned ? mien_checkpoint_state_add(state, MIEN_F32, m->count,
                            m->log_variance, "%s.log_variances", prefix)
                      : MIEN_OK;
}
