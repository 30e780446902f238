/* SPDX-License-Identifier: MIT */
/* Makes a training ready: parts of the fold, network, losses, optimiser. */
#include "train/fit/network_fit_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int64_t int_of(const mien_network_fit *t, const char *key) {
    return mien_options_int(t->setup.study->options, key);
}

static double number_of(const mien_network_fit *t, const char *key) {
    return mien_options_number(t->setup.study->options, key);
}

static bool flag_of(const mien_network_fit *t, const char *key) {
    return mien_options_flag(t->setup.study->options, key);
}

static const char *text_of(const mien_network_fit *t, const char *key) {
    return mien_options_text(t->setup.study->options, key);
}

/* ---- rows ---------------------------------------------------------------------- */

static mien_status list_part(const mien_network_fit *t, const mien_part *part,
    mien_part which, int64_t **rows, int64_t *count) {
    *rows = mien_alloc((size_t)t->setup.dataset->rows, sizeof **rows);
    for (int64_t i = 0; *rows && i < t->setup.dataset->rows; i++) {
        if (part[i] == which) {
            (*rows)[(*count)++] = i;
        }
    }
    return *rows ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status take_rows(mien_network_fit *t) {
    const mien_training_setup *s = &t->setup;
    mien_part *part = mien_alloc((size_t)s->dataset->rows, sizeof *part);
    mien_status status =
        part ? mien_dataset_parts(s->dataset, s->study, s->fold, part) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = list_part(t, part, MIEN_PART_TRAIN, &t->train, &t->train_count);
    }
    if (status == MIEN_OK) {
        status = list_part(
            t, part, MIEN_PART_VALIDATION, &t->validation, &t->validation_count);
    }
    if (status == MIEN_OK) {
        status = list_part(t, part, MIEN_PART_TEST, &t->test, &t->test_count);
    }
    mien_free(part);
    if (status == MIEN_OK && t->validation_count == 0 &&
        int_of(t, "stopping.patience") >= 0) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: stopping.patience: fold %d has no validation rows to stop by: set "
            "validation.rule",
            s->study->path, s->fold);
    }
    return status;
}

static mien_status check_inputs(mien_network_fit *t) {
    const mien_training_setup *s = &t->setup;
    mien_status status =
        mien_columns_check(s->dataset, s->study, t->train, t->train_count);
    return status == MIEN_OK ? status : mien_fail_in(status, "fold %d", s->fold);
}

static mien_status measure_inputs(mien_network_fit *t) {
    const mien_training_setup *s = &t->setup;
    mien_item_table tables[MIEN_INPUTS_MAX];
    mien_item_tables(s->dataset, s->features, tables);
    return mien_columns_init(
        &t->inputs, s->dataset, s->study, tables, t->train, t->train_count);
}

/* ---- sampler ------------------------------------------------------------------- */

static mien_status add_factor(
    mien_network_fit *t, const char *column, mien_sampler_options *o) {
    const mien_dataset *c = t->setup.dataset;
    int *all = mien_alloc((size_t)c->rows, sizeof *all), classes = 0;
    int *label = mien_alloc((size_t)t->train_count, sizeof *label);
    t->label[o->factors] = label;
    mien_status status =
        all && label ? mien_dataset_factor(c, t->setup.study, column, all, &classes)
                     : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < t->train_count; i++) {
        label[i] = all[t->train[i]];
    }
    o->label[o->factors] = label;
    o->classes[o->factors++] = classes;
    mien_free(all);
    return status;
}

static mien_status make_sampling(mien_network_fit *t) {
    const mien_recipe *r = &t->setup.study->recipe;
    mien_sampler_options o = mien_sampler_options_default();
    o.seed = (uint32_t)int_of(t, "seed");
    o.redraw = flag_of(t, "sampler.redraw");
    o.count = int_of(t, "sampler.count");
    o.cap = int_of(t, "sampler.cap");
    o.up = flag_of(t, "sampler.up");
    o.down = flag_of(t, "sampler.down");
    o.batch = (int)t->batch;
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < r->sampler_by_count; i++) {
        status = add_factor(t, r->sampler_by[i], &o);
    }
    if (status == MIEN_OK && o.factors == 0 && mien_sampler_factors(r->sampler) > 0) {
        status = add_factor(t, t->setup.dataset->target[0].from->name, &o);
    }
    if (status == MIEN_OK) {
        status = mien_sampling_new(r->sampler, &o, t->train_count, &t->sampling);
    }
    if (status == MIEN_EINVAL) {
        status = mien_fail_in(
            MIEN_EFORMAT, "%s: sampler, fold %d", t->setup.study->path, t->setup.fold);
    }
    return status;
}

static mien_status plan_epoch(mien_network_fit *t) {
    char where[MIEN_STUDY_WHERE_MAX];
    int64_t count = mien_sampling_count(t->sampling);
    if (count < t->batch) {
        return mien_fail(MIEN_EFORMAT,
            "%s: batch: fold %d has %lld rows to train on in an epoch, less than a "
            "batch of %lld: make the batch smaller",
            mien_study_where(t->setup.study, "batch", where), t->setup.fold,
            (long long)count, (long long)t->batch);
    }
    t->rest = flag_of(t, "drop-last") ? 0 : count % t->batch;
    t->steps = count / t->batch + (t->rest > 0);
    t->order_count = count - (flag_of(t, "drop-last") ? count % t->batch : 0);
    t->order = mien_alloc((size_t)count, sizeof *t->order);
    return t->order ? MIEN_OK : MIEN_ENOMEM;
}

/* ---- losses -------------------------------------------------------------------- */

static mien_status weigh_classes(const mien_network_fit *t,
    const mien_dataset_target *target, double *weight, int64_t *counts,
    bool *weighted) {
    const char *rule = text_of(t, "class-weights.rule");
    mien_class_weight_rule by = strcmp(rule, "given") == 0 ? MIEN_CLASS_WEIGHTS_GIVEN
                                : strcmp(rule, "share") == 0
                                    ? MIEN_CLASS_WEIGHTS_SHARE
                                    : MIEN_CLASS_WEIGHTS_BALANCED;
    bool drawn = strcmp(rule, "drawn") == 0;
    const int64_t *order = drawn ? mien_sampling_draw(t->sampling, 0) : NULL;
    int64_t rows = drawn ? mien_sampling_count(t->sampling) : t->train_count, n = 0;
    int *label = mien_alloc((size_t)rows, sizeof *label);
    if (!label) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < rows; i++) {
        int64_t row = t->train[order ? order[i] : i];
        if (mien_dataset_has(target, row)) {
            label[n] = target->label[row];
            counts[label[n++]]++;
        }
    }
    mien_status status = MIEN_OK;
    *weighted = strcmp(rule, "none") != 0;
    if (*weighted) {
        status = mien_class_weights(by, n, label, target->from->classes,
            t->setup.study->recipe.class_weight, weight);
    }
    mien_free(label);
    return status;
}

static mien_status make_objective(mien_network_fit *t, int index) {
    const mien_recipe *r = &t->setup.study->recipe;
    const mien_dataset_target *target = &t->setup.dataset->target[index];
    mien_objective_setup o = {.classes = 1};
    double weight[MIEN_CLASSES_MAX];
    int64_t counts[MIEN_CLASSES_MAX] = {0};
    bool weighted = false;
    mien_status status = MIEN_OK;
    if (target->label) {
        o.classes = target->from->classes;
        status = weigh_classes(t, target, weight, counts, &weighted);
        o.class_weights = weighted ? weight : NULL;
        o.class_counts = counts;
    }
    int section = target->label ? MIEN_RECIPE_CLASSES : MIEN_RECIPE_NUMBERS;
    if (status == MIEN_OK) {
        status = mien_objective_new(target->label ? r->classes : r->numbers,
            r->given[section], &o, &t->objective[index]);
    }
    if (status == MIEN_EINVAL) {
        status = mien_fail_in(MIEN_EFORMAT, "%s: fold %d, target %s",
            t->setup.study->path, t->setup.fold, target->from->name);
    }
    return status;
}

static mien_status make_losses(mien_network_fit *t) {
    const mien_dataset *c = t->setup.dataset;
    const mien_recipe *r = &t->setup.study->recipe;
    mien_task tasks[MIEN_TARGETS_MAX];
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < c->targets; i++) {
        status = make_objective(t, i);
        tasks[i] = (mien_task){c->target[i].from->name, t->objective[i],
            r->loss_weights ? r->loss_weight[i] : 1};
    }
    return status == MIEN_OK ? mien_multitask_new(tasks, c->targets,
                                   flag_of(t, "loss.learned"), &t->multitask)
                             : status;
}

/* ---- network and plans --------------------------------------------------------- */

/* Whether some input is read batch by batch: its backbone is in the network that
 * learns. */
static bool loads_items(const mien_network_fit *t) {
    bool loads = false;
    for (int m = 0; m < t->setup.dataset->inputs; m++) {
        loads = loads || !t->inputs.table[m].values;
    }
    return loads;
}

bool mien_network_fit_judges_training(const mien_network_fit *fit) {
    return strcmp(text_of(fit, "judging"), "training") == 0;
}

static mien_status make_plan(mien_network_fit *t, int which, int64_t batch) {
    mien_plan_options o = mien_plan_options_default();
    bool trains = mien_network_fit_judges_training(t);
    o.mode = which == MIEN_PLAN_JUDGE && !trains ? MIEN_INFER : MIEN_TRAIN;
    o.batch = batch;
    o.threads = t->setup.threads;
    o.outputs = &t->net.output;
    o.outputs_count = 1;
    o.measure = false; /* the same bits must not depend on timing */
    o.exact = t->setup.exact;
    if (which == MIEN_PLAN_JUDGE && !trains && loads_items(t)) {
        o.micro_batch = 4;
    }
    return mien_plan_new(t->net.graph, t->net.parameters, &o, &t->plan[which]);
}

static mien_status make_network(mien_network_fit *t) {
    const mien_training_setup *s = &t->setup;
    mien_status status =
        s->whole ? mien_net_open_tail(&t->net, s->study, s->whole, s->computed)
                 : mien_net_open(&t->net, s->study, s->dataset, s->weights);
    if (status == MIEN_OK) {
        status = make_plan(t, MIEN_PLAN_BATCH, t->batch);
    }
    if (status == MIEN_OK && t->rest) {
        status = make_plan(t, MIEN_PLAN_REST, t->rest);
    }
    return status == MIEN_OK ? make_plan(t, MIEN_PLAN_JUDGE, t->batch) : status;
}

bool mien_network_fit_changes(const mien_network_fit *fit, int64_t parameter) {
    const mien_parameters *p = fit->net.parameters;
    return mien_parameters_trained(p, parameter) ||
           !mien_parameters_trainable(p, parameter);
}

/* ---- optimiser ----------------------------------------------------------------- */

static mien_status list_trainables(mien_network_fit *t) {
    mien_parameters *p = t->net.parameters;
    int64_t count = mien_parameters_count(p), n = 0;
    mien_trainable *rows = mien_alloc((size_t)count + 1, sizeof *rows);
    t->parameter_of = mien_alloc((size_t)count, sizeof *t->parameter_of);
    mien_status status = rows && t->parameter_of ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const mien_tensor *g = mien_plan_gradient(t->plan[MIEN_PLAN_BATCH], i);
        if (!mien_parameters_trained(p, i) || !g) {
            continue;
        }
        mien_trainable *row = &rows[n];
        t->parameter_of[n++] = i;
        *row = (mien_trainable){.name = mien_parameters_name(p, i),
            .values = mien_parameters_at(p, i)->data,
            .gradient = g->data,
            .count = mien_tensor_count(g)};
        mien_net_factors(t->setup.study, row->name, &row->rate, &row->decay);
    }
    t->learned = n;
    if (status == MIEN_OK) {
        n += mien_multitask_trainable(t->multitask, &rows[n]);
        status = mien_trainables_new(rows, n, t->setup.pool, &t->trainables);
    }
    mien_free(rows);
    return status;
}

static mien_status make_optimiser(mien_network_fit *t) {
    const mien_recipe *r = &t->setup.study->recipe;
    mien_optimiser_setup o = {.clip_value = number_of(t, "clip.value"),
        .clip_norm = number_of(t, "clip.norm")};
    mien_status status = mien_optimiser_new(
        r->optim, r->given[MIEN_RECIPE_OPTIMISER], &o, t->trainables, &t->optimiser);
    return status == MIEN_EINVAL
               ? mien_fail_in(MIEN_EFORMAT, "%s", t->setup.study->path)
               : status;
}

/* Needs no network, so that a warm-up longer than the training is told before any work.
 */
static mien_status make_scheduler(mien_network_fit *t) {
    const mien_recipe *r = &t->setup.study->recipe;
    mien_scheduler_setup pace = {.rate = number_of(t, "optimiser.rate"),
        .steps = t->epochs * t->steps,
        .steps_per_epoch = t->steps,
        .warmup = int_of(t, "schedule.warmup"),
        .warmup_start = number_of(t, "schedule.warmup-start")};
    mien_status status = mien_scheduler_new(
        r->schedule, r->given[MIEN_RECIPE_SCHEDULE], &pace, &t->scheduler);
    return status == MIEN_EINVAL
               ? mien_fail_in(MIEN_EFORMAT, "%s", t->setup.study->path)
               : status;
}

/* Averaged weights need running statistics that fit them: these are averaged alike. */
static mien_status average_statistics(
    mien_network_fit *t, mien_average_kind kind, double decay) {
    mien_parameters *p = t->net.parameters;
    int64_t count = mien_parameters_count(p), n = 0;
    mien_trainable *rows = mien_alloc((size_t)count, sizeof *rows);
    mien_status status = rows ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        mien_tensor *tensor = mien_parameters_at(p, i);
        if (!mien_parameters_trainable(p, i)) {
            rows[n++] = (mien_trainable){.name = mien_parameters_name(p, i),
                .values = tensor->data,
                .gradient = tensor->data, /* never read */
                .count = mien_tensor_count(tensor)};
        }
    }
    if (status == MIEN_OK && n > 0) {
        status = mien_trainables_new(rows, n, t->setup.pool, &t->statistics);
    }
    if (status == MIEN_OK && n > 0) {
        status = mien_average_new(kind, decay, t->statistics, &t->average_statistics);
    }
    mien_free(rows);
    return status;
}

mien_status mien_network_fit_average_add(mien_network_fit *fit) {
    mien_status status = mien_average_add(fit->average);
    return status == MIEN_OK && fit->average_statistics
               ? mien_average_add(fit->average_statistics)
               : status;
}

mien_status mien_network_fit_average_swap(mien_network_fit *fit) {
    mien_status status = mien_average_swap(fit->average);
    return status == MIEN_OK && fit->average_statistics
               ? mien_average_swap(fit->average_statistics)
               : status;
}

static mien_status make_average(mien_network_fit *t) {
    mien_average_kind kind = strcmp(text_of(t, "average.rule"), "mean") == 0
                                 ? MIEN_AVERAGE_MEAN
                                 : MIEN_AVERAGE_DECAYING;
    double decay = number_of(t, "average.decay");
    mien_status status = mien_average_new(kind, decay, t->trainables, &t->average);
    return status == MIEN_OK ? average_statistics(t, kind, decay) : status;
}

static mien_status make_extras(mien_network_fit *t) {
    const char *average = text_of(t, "average.rule");
    mien_stopping_options o = {.patience = int_of(t, "stopping.patience"),
        .min_delta = number_of(t, "stopping.min-delta"),
        .higher = strcmp(text_of(t, "stopping.metric"), "metric") == 0};
    mien_sam_options sam = {number_of(t, "sam.rho"), flag_of(t, "sam.adaptive")};
    mien_status status = mien_stopping_init(&t->stopping, &o);
    if (status == MIEN_OK && strcmp(average, "none") != 0) {
        status = make_average(t);
    }
    if (status == MIEN_OK && sam.rho > 0) {
        status = mien_sam_new(t->trainables, &sam, &t->sam);
    }
    return status;
}

/* ---- memory -------------------------------------------------------------------- */

static mien_status rows_init(
    mien_network_fit_rows *rows, const mien_dataset *c, int64_t room) {
    rows->room = room;
    for (int i = 0; i < c->targets; i++) {
        const mien_target *target = &c->target[i].target;
        int64_t width = mien_target_outputs(target);
        int64_t values = target->classes_count ? target->classes_count : 1;
        size_t n = (size_t)room;
        rows->prediction[i] = mien_alloc(n * (size_t)width, sizeof(float));
        rows->gradient[i] = mien_alloc(n * (size_t)width, sizeof(float));
        rows->values[i] = mien_alloc(n * (size_t)values, sizeof(float));
        rows->classes[i] = mien_alloc(n, sizeof(int32_t));
        rows->weight[i] = mien_alloc(n, sizeof(float));
        if (!rows->prediction[i] || !rows->gradient[i] || !rows->values[i] ||
            !rows->classes[i] || !rows->weight[i]) {
            return MIEN_ENOMEM;
        }
    }
    return MIEN_OK;
}

static void rows_clear(mien_network_fit_rows *rows) {
    for (int i = 0; i < MIEN_TARGETS_MAX; i++) {
        mien_free(rows->prediction[i]);
        mien_free(rows->gradient[i]);
        mien_free(rows->values[i]);
        mien_free(rows->classes[i]);
        mien_free(rows->weight[i]);
    }
}

/* Whether probabilities are calibrated on the rows that validate: no other fold has
 * rows that this one did not learn from. */
static bool calibrates(const mien_network_fit *t) {
    return flag_of(t, "calibration.temperature") && t->validation_count > 0 &&
           mien_dataset_single(t->setup.dataset);
}

static bool names(const mien_study *study, const char *word) {
    const char *text = mien_options_text(study->options, "watch");
    size_t length = strlen(word);
    for (const char *at = text; at && *at;) {
        size_t size = strcspn(at, "\n");
        if (size == length && strncmp(at, word, size) == 0) {
            return true;
        }
        at += size + (at[size] == '\n');
    }
    return false;
}

bool mien_network_fit_watches(const mien_study *study) {
    return names(study, "training") || names(study, "test");
}

static void watch(mien_network_fit *t) {
    t->watches[0] = names(t->setup.study, "training");
    t->watches[1] = names(t->setup.study, "test") && t->test_count > 0;
}

static mien_status make_room(mien_network_fit *t) {
    const mien_dataset *c = t->setup.dataset;
    bool smooths = t->setup.study->smoothing != MIEN_SMOOTHING_NONE;
    int64_t most =
        t->validation_count > t->test_count ? t->validation_count : t->test_count;
    if (smooths && t->validation_count == 0 && t->train_count > most) {
        most = t->train_count; /* its smoothing is chosen on them */
    }
    int64_t parameters = mien_parameters_count(t->net.parameters);
    t->history =
        mien_alloc((size_t)(t->epochs * MIEN_NETWORK_FIT_COLUMNS), sizeof *t->history);
    t->predictions =
        mien_alloc((size_t)(t->test_count * c->width), sizeof *t->predictions);
    if (calibrates(t)) {
        t->validated =
            mien_alloc((size_t)(t->validation_count * c->width), sizeof *t->validated);
        if (!t->validated) {
            return MIEN_ENOMEM;
        }
    }
    t->outputs = mien_alloc((size_t)(most * c->outputs), sizeof *t->outputs);
    t->best = mien_alloc((size_t)parameters, sizeof *t->best);
    if (smooths) {
        t->unsmoothed =
            mien_alloc((size_t)(t->test_count * c->width), sizeof *t->unsmoothed);
    }
    mien_status status = t->history && t->predictions && t->outputs && t->best &&
                                 (t->unsmoothed || !smooths)
                             ? rows_init(&t->batch_rows, c, t->batch)
                             : MIEN_ENOMEM;
    watch(t);
    int64_t judged = t->watches[1] && t->test_count > t->validation_count
                         ? t->test_count
                         : t->validation_count;
    if (status == MIEN_OK && judged) {
        status = rows_init(&t->judged_rows, c, judged);
    }
    t->keeps = t->validation_count > 0 && flag_of(t, "stopping.restore");
    for (int64_t i = 0; status == MIEN_OK && t->keeps && i < parameters; i++) {
        if (mien_network_fit_changes(t, i)) {
            const mien_tensor *tensor = mien_parameters_at(t->net.parameters, i);
            t->best[i] = mien_alloc((size_t)mien_tensor_count(tensor), sizeof(float));
            status = t->best[i] ? MIEN_OK : MIEN_ENOMEM;
        }
    }
    return status;
}

typedef mien_status making(mien_network_fit *fit);

static mien_status make(const mien_training_setup *setup, making *const *steps,
    int count, mien_network_fit **fit) {
    mien_network_fit *t = mien_alloc(1, sizeof *t);
    if (!t) {
        return MIEN_ENOMEM;
    }
    t->setup = *setup;
    t->batch = int_of(t, "batch");
    t->epochs = int_of(t, "epochs");
    t->at[MIEN_AT_KEPT] = -1;
    mien_status status = MIEN_OK;
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        status = steps[i](t);
    }
    if (status != MIEN_OK) {
        mien_network_fit_free(&t);
        return status;
    }
    *fit = t;
    return MIEN_OK;
}

static making *const steps[] = {take_rows, check_inputs, make_sampling, plan_epoch,
    make_losses, make_scheduler, measure_inputs, make_network, list_trainables,
    make_optimiser, make_extras, make_room};
enum { STEPS = sizeof steps / sizeof *steps, STEPS_BEFORE_NETWORK = 6 };

mien_status mien_network_fit_check(const mien_training_setup *setup) {
    mien_network_fit *fit = NULL;
    mien_status status = make(setup, steps, STEPS_BEFORE_NETWORK, &fit);
    mien_network_fit_free(&fit);
    return status;
}

mien_status mien_network_fit_new(
    const mien_training_setup *setup, mien_network_fit **fit) {
    return make(setup, steps, STEPS, fit);
}

void mien_network_fit_free(mien_network_fit **fit) {
    if (!fit || !*fit) {
        return;
    }
    mien_network_fit *t = *fit;
    int64_t parameters =
        t->net.parameters ? mien_parameters_count(t->net.parameters) : 0;
    for (int64_t i = 0; t->best && i < parameters; i++) {
        mien_free(t->best[i]);
    }
    mien_free(t->best);
    mien_free(t->outputs);
    mien_free(t->validated);
    mien_free(t->unsmoothed);
    mien_free(t->predictions);
    mien_free(t->history);
    rows_clear(&t->batch_rows);
    rows_clear(&t->judged_rows);
    mien_sam_free(&t->sam);
    mien_average_free(&t->average_statistics);
    mien_trainables_free(&t->statistics);
    mien_average_free(&t->average);
    mien_scheduler_free(&t->scheduler);
    mien_optimiser_free(&t->optimiser);
    mien_trainables_free(&t->trainables);
    mien_free(t->parameter_of);
    for (int i = 0; i < MIEN_PLANS; i++) {
        mien_plan_free(&t->plan[i]);
    }
    mien_net_clear(&t->net);
    mien_columns_clear(&t->inputs);
    mien_multitask_free(&t->multitask);
    for (int i = 0; i < MIEN_TARGETS_MAX; i++) {
        mien_objective_free(&t->objective[i]);
    }
    mien_sampling_free(&t->sampling);
    for (int i = 0; i < MIEN_SAMPLER_FACTORS; i++) {
        mien_free(t->label[i]);
    }
    mien_free(t->order);
    mien_free(t->test);
    mien_free(t->validation);
    mien_free(t->train);
    mien_free(t);
    *fit = NULL;
}

/* ---- what it is ---------------------------------------------------------------- */

bool mien_network_fit_done(const mien_network_fit *fit) {
    return fit->at[MIEN_AT_DONE] != 0;
}

int64_t mien_network_fit_tested(
    const mien_network_fit *fit, const int64_t **rows, const float **predictions) {
    *rows = fit->test;
    *predictions = fit->predictions;
    return fit->test_count;
}

int64_t mien_network_fit_validated(
    const mien_network_fit *fit, const int64_t **rows, const float **predictions) {
    *rows = fit->validation;
    *predictions = fit->validated;
    return fit->validated ? fit->validation_count : 0;
}

const float *mien_network_fit_unsmoothed(
    const mien_network_fit *fit, const double **chosen) {
    *chosen = fit->unsmoothed ? fit->smooth : NULL;
    return fit->unsmoothed;
}

int64_t mien_network_fit_epochs(const mien_network_fit *fit) {
    return (int64_t)fit->at[MIEN_AT_EPOCH];
}

mien_network_fit_epoch mien_network_fit_epoch_at(
    const mien_network_fit *fit, int64_t epoch) {
    const double *row = fit->history + epoch * MIEN_NETWORK_FIT_COLUMNS;
    return (mien_network_fit_epoch){
        row[0], row[1], row[2], row[3], row[4], row[5], row[6]};
}

int64_t mien_network_fit_best(const mien_network_fit *fit) {
    return (int64_t)fit->at[MIEN_AT_KEPT];
}

int64_t mien_network_fit_steps(const mien_network_fit *fit) {
    return fit->steps;
}

int64_t mien_network_fit_trained(const mien_network_fit *fit) {
    return fit->trainables->total;
}

mien_parameters *mien_network_fit_parameters(mien_network_fit *fit) {
    return fit->net.parameters;
}

void mien_network_fit_take_columns(mien_network_fit *fit, mien_columns *inputs) {
    *inputs = fit->inputs;
    fit->inputs = (mien_columns){0};
}
