/* SPDX-License-Identifier: MIT */
/* A step of training of a network, for mien bench. */
#include "cli/bench_training.h"

#include <math.h>
#include <string.h>

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

static mien_status trainables_init(
    cli_bench_training *t, mien_plan *plan, mien_parameters *parameters) {
    int64_t most = mien_parameters_count(parameters), count = 0;
    mien_trainable *rows = mien_alloc((size_t)most, sizeof *rows);
    if (!rows) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < most; i++) {
        const mien_tensor *gradient = mien_plan_gradient(plan, i);
        if (gradient) {
            rows[count++] =
                (mien_trainable){.name = mien_parameters_name(parameters, i),
                    .values = mien_parameters_at(parameters, i)->data,
                    .gradient = gradient->data,
                    .count = mien_tensor_count(gradient),
                    .rate = 1,
                    .decay = 1};
        }
    }
    mien_status status = mien_trainables_new(rows, count, t->pool, &t->trainables);
    mien_free(rows);
    return status;
}

/* Classes that come round, or values on a grid in [-1, 1]. */
static mien_status targets_init(
    cli_bench_training *t, const mien_loss *loss, int64_t outputs) {
    if (loss->of_classes) {
        t->classes = mien_alloc((size_t)t->batch, sizeof *t->classes);
    } else {
        t->values = mien_alloc((size_t)(t->batch * outputs), sizeof *t->values);
    }
    for (int64_t i = 0; t->classes && i < t->batch; i++) {
        t->classes[i] = (int32_t)(i * 37 % outputs);
    }
    for (int64_t i = 0; t->values && i < t->batch * outputs; i++) {
        t->values[i] = (float)(i * 37 % 33) / 16 - 1;
    }
    return t->classes || t->values ? MIEN_OK : MIEN_ENOMEM;
}

mien_status cli_bench_training_init(cli_bench_training *t, mien_plan *plan,
    mien_parameters *parameters, const cli_bench_training_setup *setup) {
    const mien_optim *optim = mien_optim_find(setup->optimiser);
    const mien_loss *loss = mien_loss_find(setup->loss);
    const mien_optimiser_setup unchecked = {.unchecked = true};
    const mien_tensor *output = mien_plan_output(plan, 0);
    const mien_objective_setup outputs = {.classes = output->shape[1]};
    t->batch = output->shape[0];
    t->rate = setup->rate;
    mien_status status = !optim || !loss
                             ? MIEN_ENOTFOUND
                             : mien_thread_pool_new(setup->threads, &t->pool);
    if (status == MIEN_OK) {
        status = targets_init(t, loss, outputs.classes);
    }
    if (status == MIEN_OK) {
        status = mien_objective_new(loss, NULL, &outputs, &t->objective);
    }
    if (status == MIEN_OK) {
        status = trainables_init(t, plan, parameters);
    }
    return status == MIEN_OK ? mien_optimiser_new(optim, NULL, &unchecked,
                                   t->trainables, &t->optimiser)
                             : status;
}

mien_status cli_bench_step(
    cli_bench_training *t, mien_plan *plan, mien_optimiser *optimiser) {
    const mien_loss_batch batch = {.rows = t->batch,
        .prediction = mien_plan_output(plan, 0)->data,
        .classes = t->classes,
        .values = t->values};
    mien_status status = mien_plan_run(plan);
    if (status == MIEN_OK) {
        status = mien_objective_compute(
            t->objective, &batch, &t->loss, mien_plan_output_gradient(plan, 0));
    }
    if (status == MIEN_OK) {
        status = mien_plan_backward(plan);
    }
    if (status == MIEN_OK && optimiser) {
        const mien_pace pace = {.rate = t->rate, .momentum = (double)NAN};
        status = mien_optimiser_step(optimiser, &pace);
    }
    return status == MIEN_OK && optimiser ? mien_plan_refresh(plan) : status;
}

void cli_bench_training_clear(cli_bench_training *t) {
    mien_optimiser_free(&t->optimiser);
    mien_trainables_free(&t->trainables);
    mien_objective_free(&t->objective);
    mien_thread_pool_free(&t->pool);
    mien_free(t->values);
    mien_free(t->classes);
}

/* ---- for comparing ------------------------------------------------------------------
 */

/* Names and tensors of what is written. */
typedef struct listing {
    const char **names;
    const mien_tensor **tensors;
    mien_tensor *inputs; /* the tensors of inputs */
    int64_t count;
} listing;

static void list(listing *l, const char *name, const mien_tensor *tensor) {
    l->names[l->count] = name;
    l->tensors[l->count++] = tensor;
}

/* Inputs by the names of their nodes, a backbone's as "input". */
static void list_inputs(listing *l, const mien_graph *graph, mien_plan *plan) {
    for (mien_node i = 0; i < mien_graph_nodes(graph); i++) {
        mien_tensor *x = &l->inputs[l->count];
        *x = (mien_tensor){.dtype = MIEN_F32, .data = mien_plan_input(plan, i)};
        if (x->data) {
            const char *name = mien_graph_name(graph, i);
            x->rank = mien_plan_input_shape(plan, i, x->shape);
            list(l, strcmp(name, "image") ? name : "input", x);
        }
    }
}

static void list_gradients(
    listing *l, const mien_plan *plan, const mien_parameters *parameters) {
    for (int64_t i = 0; i < mien_parameters_count(parameters); i++) {
        if (mien_plan_gradient(plan, i)) {
            list(l, mien_parameters_name(parameters, i), mien_plan_gradient(plan, i));
        }
    }
}

mien_status cli_bench_write_gradients(cli_bench_training *t, const mien_graph *graph,
    mien_plan *plan, mien_parameters *parameters, const char *path) {
    size_t most =
        (size_t)mien_parameters_count(parameters) + (size_t)mien_graph_nodes(graph) + 3;
    listing l = {mien_alloc(most, sizeof *l.names), mien_alloc(most, sizeof *l.tensors),
        mien_alloc(most, sizeof *l.inputs), 0};
    const mien_tensor *output = mien_plan_output(plan, 0);
    float loss = 0;
    mien_tensor value = {.dtype = MIEN_F32, .rank = 1, .shape = {1}, .data = &loss};
    mien_tensor target = {
        .dtype = MIEN_I32, .rank = 1, .shape = {t->batch}, .data = t->classes};
    mien_status status = l.names && l.tensors && l.inputs ? MIEN_OK : MIEN_ENOMEM;
    if (t->values) {
        target = *output;
        target.data = t->values;
    }
    if (status == MIEN_OK) {
        status = cli_bench_step(t, plan, NULL); /* by the weights as they are now */
    }
    if (status == MIEN_OK) {
        loss = (float)t->loss.value;
        list_inputs(&l, graph, plan);
        list(&l, t->values ? "values" : "classes", &target);
        list(&l, "logits", output);
        list(&l, "loss", &value);
        list_gradients(&l, plan, parameters);
        status = mien_safetensors_write(path, l.count, l.names, l.tensors, NULL);
    }
    mien_free(l.inputs);
    mien_free(l.names);
    mien_free(l.tensors);
    return status;
}
