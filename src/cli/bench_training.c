/* SPDX-License-Identifier: MIT */
/* A step of training on a backbone, for mien bench. */
#include "cli/bench_training.h"

#include <math.h>
#include <string.h>

/* so small that weights stay what they were: only the time counts */
#define RATE 1e-9

/* Everything out of training but what matches one of the patterns. */
mien_status cli_bench_freeze(mien_parameters *parameters, const char *patterns) {
    char *copy = mien_strdup(patterns), *rest = NULL;
    mien_status status = copy ? MIEN_OK : MIEN_ENOMEM;
    mien_parameters_freeze(parameters, "*", true);
    for (char *word = copy ? strtok_r(copy, ",", &rest) : NULL;
         status == MIEN_OK && word; word = strtok_r(NULL, ",", &rest)) {
        if (mien_parameters_freeze(parameters, word, false) == 0) {
            status = mien_fail(MIEN_EINVAL, "no parameter matches \"%s\"", word);
        }
    }
    mien_free(copy);
    return status;
}

static mien_status learnables_init(
    cli_bench_training *t, mien_plan *plan, mien_parameters *parameters) {
    int64_t most = mien_parameters_count(parameters), count = 0;
    mien_learnable *rows = mien_alloc((size_t)most, sizeof *rows);
    if (!rows) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < most; i++) {
        const mien_tensor *gradient = mien_plan_gradient(plan, i);
        if (gradient) {
            rows[count++] =
                (mien_learnable){.name = mien_parameters_name(parameters, i),
                    .values = mien_parameters_at(parameters, i)->data,
                    .gradient = gradient->data,
                    .count = mien_tensor_count(gradient),
                    .rate = 1,
                    .decay = 1};
        }
    }
    mien_status status = mien_learnables_new(rows, count, t->pool, &t->learnables);
    mien_free(rows);
    return status;
}

mien_status cli_bench_training_init(cli_bench_training *t, mien_plan *plan,
    mien_parameters *parameters, const char *optimiser, int threads) {
    const mien_optim *optim = mien_optim_find(optimiser);
    const mien_optimiser_setup setup = {.unchecked = true};
    const mien_tensor *logits = mien_plan_output(plan, 0);
    const mien_objective_setup classes = {.classes = logits->shape[1]};
    t->batch = logits->shape[0];
    t->classes = mien_alloc((size_t)t->batch, sizeof *t->classes);
    mien_status status = !optim       ? MIEN_ENOTFOUND
                         : t->classes ? mien_pool_new(threads, &t->pool)
                                      : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_objective_new(
            mien_loss_find("cross_entropy"), NULL, &classes, &t->objective);
    }
    if (status == MIEN_OK) {
        status = learnables_init(t, plan, parameters);
    }
    if (status == MIEN_OK) {
        status = mien_optimiser_new(optim, NULL, &setup, t->learnables, &t->optimiser);
    }
    for (int64_t i = 0; status == MIEN_OK && i < t->batch; i++) {
        t->classes[i] = (int32_t)(i * 37 % classes.classes);
    }
    return status;
}

mien_status cli_bench_step(
    cli_bench_training *t, mien_plan *plan, mien_optimiser *optimiser) {
    const mien_loss_batch batch = {.rows = t->batch,
        .prediction = mien_plan_output(plan, 0)->data,
        .classes = t->classes};
    mien_status status = mien_plan_run(plan);
    if (status == MIEN_OK) {
        status = mien_objective_compute(
            t->objective, &batch, &t->loss, mien_plan_output_gradient(plan, 0));
    }
    if (status == MIEN_OK) {
        status = mien_plan_backward(plan);
    }
    if (status == MIEN_OK && optimiser) {
        const mien_pace pace = {.rate = RATE, .momentum = (double)NAN};
        status = mien_optimiser_step(optimiser, &pace);
    }
    return status == MIEN_OK && optimiser ? mien_plan_refresh(plan) : status;
}

void cli_bench_training_clear(cli_bench_training *t) {
    mien_optimiser_free(&t->optimiser);
    mien_learnables_free(&t->learnables);
    mien_objective_free(&t->objective);
    mien_pool_free(&t->pool);
    mien_free(t->classes);
}

/* ---- for comparing ------------------------------------------------------------------
 */

/* Names and tensors of what is written. */
typedef struct listing {
    const char **names;
    const mien_tensor **tensors;
    int64_t count;
} listing;

static void list(listing *l, const char *name, const mien_tensor *tensor) {
    l->names[l->count] = name;
    l->tensors[l->count++] = tensor;
}

mien_status cli_bench_write_gradients(cli_bench_training *t, mien_plan *plan,
    mien_parameters *parameters, mien_node input, const char *path) {
    const mien_tensor *logits = mien_plan_output(plan, 0);
    size_t most = (size_t)mien_parameters_count(parameters) + 4;
    listing l = {
        mien_alloc(most, sizeof *l.names), mien_alloc(most, sizeof *l.tensors), 0};
    float loss = 0;
    mien_tensor image = {.dtype = MIEN_F32, .data = mien_plan_input(plan, input)};
    mien_tensor value = {.dtype = MIEN_F32, .rank = 1, .shape = {1}, .data = &loss};
    mien_tensor classes = {
        .dtype = MIEN_I32, .rank = 1, .shape = {t->batch}, .data = t->classes};
    image.rank = mien_plan_input_shape(plan, input, image.shape);
    mien_status status = l.names && l.tensors ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = cli_bench_step(t, plan, NULL); /* by the weights as they are now */
    }
    if (status == MIEN_OK) {
        loss = (float)t->loss.value;
        list(&l, "input", &image);
        list(&l, "classes", &classes);
        list(&l, "logits", logits);
        list(&l, "loss", &value);
        for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
            if (mien_plan_gradient(plan, i)) {
                list(&l, mien_parameters_name(parameters, i),
                    mien_plan_gradient(plan, i));
            }
        }
        status = mien_safetensors_write(path, l.count, l.names, l.tensors, NULL);
    }
    mien_free(l.names);
    mien_free(l.tensors);
    return status;
}
