/* SPDX-License-Identifier: MIT */
/* Fits the head of a network whose rest is frozen, all at once, by a learner.
 *
 * For each fold the rows in front of the head are made (head_rows.c), each target's
 * candidates are judged on the training rows alone (inner.c), the best is fitted on all
 * of them, and the tested rows are predicted. A fit is quick, so that a checkpoint
 * keeps what it came to and which candidates were chosen; what was learnt is fitted
 * again when it is asked for. study_run_jobs.c calls this for every fold, replay.c to
 * predict again.
 */
#include "train/trainers/head_trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/document.h"
#include "train/trainers/head_rows.h"
#include "train/inner.h"
#include "train/smoothing.h"

typedef struct head {
    mien_training_setup setup;
    int64_t *training, *tested;
    int64_t training_count, tested_count;
    mien_head_rows rows; /* made when something is fitted */
    bool made, fitted;
    mien_learned learned[MIEN_TARGETS_MAX];
    double done;
    double chosen[MIEN_TARGETS_MAX], score[MIEN_TARGETS_MAX]; /* of each target */
    double trained;                                           /* values learnt */
    double smooth[MIEN_TARGETS_MAX]; /* how much of each target is smoothed */
    double *predictions;             /* [tested, width of a predicted row] */
    double *unsmoothed;              /* likewise; NULL: nothing is smoothed */
    mien_value *told[MIEN_TARGETS_MAX];
} head;

static const mien_learner *learner_of(const head *h) {
    return h->setup.study->trainer->learner;
}

/* ---- rows ----------------------------------------------------------------------- */

static bool smooths(const head *h) {
    return h->setup.study->smoothing != MIEN_SMOOTHING_NONE;
}

static mien_status list_rows(head *h) {
    const mien_dataset *c = h->setup.dataset;
    size_t n = (size_t)c->rows;
    mien_part *part = mien_alloc(n, sizeof *part);
    h->training = mien_alloc(n, sizeof *h->training);
    h->tested = mien_alloc(n, sizeof *h->tested);
    mien_status status =
        part && h->training && h->tested
            ? mien_dataset_parts(c, h->setup.study, h->setup.fold, part)
            : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        if (part[i] == MIEN_PART_TRAIN) {
            h->training[h->training_count++] = i;
        } else if (part[i] == MIEN_PART_TEST) {
            h->tested[h->tested_count++] = i;
        }
    }
    mien_free(part);
    return status;
}

/* Whether any candidate learns this kind of target. */
static mien_status check_suited(const head *h, const mien_dataset_target *t) {
    const mien_study *s = h->setup.study;
    const mien_learner *l = learner_of(h);
    bool suits = !l->suits;
    for (int k = 0; !suits && k < l->candidates(s); k++) {
        suits = l->suits(s, k, t->label != NULL);
    }
    return suits ? MIEN_OK
                 : mien_fail(MIEN_EUNSUPPORTED,
                       "%s: best.of: none of them learns %s, which is %s", s->path,
                       t->from->name, t->label ? "of classes" : "a number");
}

/* Training rows that have a target, and the classes that they show. */
static mien_status check_target(const head *h, const mien_dataset_target *t) {
    const mien_study *s = h->setup.study;
    int64_t rows = 0, first = -1;
    bool differs = false;
    for (int64_t i = 0; i < h->training_count; i++) {
        int64_t row = h->training[i];
        if (mien_dataset_has(t, row)) {
            first = first < 0 ? row : first;
            differs = differs || (t->label && t->label[row] != t->label[first]);
            rows++;
        }
    }
    if (rows == 0) {
        return mien_fail(MIEN_EFORMAT,
            "%s: fold %d: none of its %lld training rows has "
            "the target %s",
            s->path, h->setup.fold, (long long)h->training_count, t->from->name);
    }
    return !t->label || differs
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT,
                     "%s: fold %d: all of its %lld training rows with %s are of the "
                     "class \"%s\"; method %s needs two: choose other folds",
                     s->path, h->setup.fold, (long long)rows, t->from->name,
                     t->from->class_name[t->label[first]], s->trainer->method);
}

mien_status mien_head_check(const mien_training_setup *setup) {
    head h = {.setup = *setup};
    const mien_dataset *c = setup->dataset;
    const mien_learner *learner = setup->study->trainer->learner;
    mien_status status = learner->check ? learner->check(setup->study) : MIEN_OK;
    if (status == MIEN_OK) {
        status = list_rows(&h);
    }
    for (int t = 0; status == MIEN_OK && t < c->targets; t++) {
        status = check_suited(&h, &c->target[t]);
        status = status == MIEN_OK ? check_target(&h, &c->target[t]) : status;
    }
    if (status == MIEN_OK) {
        status = mien_columns_check(c, setup->study, h.training, h.training_count);
        status =
            status == MIEN_OK ? status : mien_fail_in(status, "fold %d", setup->fold);
    }
    mien_free(h.training);
    mien_free(h.tested);
    return status;
}

/* ---- opening -------------------------------------------------------------------- */

static void forget(head *h) {
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_learned_clear(&h->learned[t]);
    }
    h->fitted = false;
}

void mien_head_close(void **own) {
    head *h = *own;
    forget(h);
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_value_free(&h->told[t]);
    }
    mien_head_rows_clear(&h->rows);
    mien_free(h->training);
    mien_free(h->tested);
    mien_free(h->predictions);
    mien_free(h->unsmoothed);
    mien_free(h);
    *own = NULL;
}

mien_status mien_head_open(const mien_training_setup *setup, void **own) {
    head *h = mien_alloc(1, sizeof *h);
    if (!h) {
        return MIEN_ENOMEM;
    }
    *own = h;
    h->setup = *setup;
    mien_status status = list_rows(h);
    if (status == MIEN_OK) {
        h->predictions = mien_alloc(
            (size_t)(h->tested_count * setup->dataset->width), sizeof *h->predictions);
        status = h->predictions ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK && smooths(h)) {
        h->unsmoothed = mien_alloc(
            (size_t)(h->tested_count * setup->dataset->width), sizeof *h->unsmoothed);
        status = h->unsmoothed ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        mien_head_close(own);
    }
    return status;
}

/* ---- a target ------------------------------------------------------------------- */

/* The rows that one target is learnt from, and their memory. */
typedef struct lesson_memory {
    mien_lesson lesson;
    float *x;
    int *label;
    double *value, *weight;
    const char **group;
    int64_t *row; /* of the dataset */
} lesson_memory;

static void lesson_memory_clear(lesson_memory *m) {
    mien_free(m->x);
    mien_free(m->label);
    mien_free(m->value);
    mien_free(m->weight);
    mien_free(m->group);
    mien_free(m->row);
}

/* Classes that weigh more, by the rule of the study, on the rows at hand; a class that
 * none of them shows has no weight to give. */
static mien_status weigh_classes(const head *h, int classes, lesson_memory *m) {
    const mien_study *s = h->setup.study;
    const char *rule = mien_options_text(s->options, "class-weights.rule");
    double weight[MIEN_CLASSES_MAX];
    int64_t count[MIEN_CLASSES_MAX] = {0}, rows = m->lesson.rows;
    int shown = 0;
    if (!classes || strcmp(rule, "none") == 0) {
        return MIEN_OK;
    }
    for (int64_t i = 0; i < rows; i++) {
        count[m->label[i]]++;
    }
    for (int k = 0; k < classes; k++) {
        shown += count[k] > 0;
    }
    for (int k = 0; k < classes; k++) {
        double n = (double)rows, share = (double)count[k] / n;
        weight[k] = strcmp(rule, "given") == 0   ? s->recipe.class_weight[k]
                    : strcmp(rule, "share") == 0 ? 1 - share
                    : count[k]                   ? 1 / (share * shown)
                                                 : 0;
    }
    for (int64_t i = 0; i < rows; i++) {
        m->weight[i] = weight[m->label[i]];
        if (!(m->weight[i] > 0)) {
            return mien_fail(MIEN_EFORMAT,
                "%s: class-weights: a class of weight 0 would not be learnt: leave its "
                "rows out instead",
                s->path);
        }
    }
    return MIEN_OK;
}

static mien_status gather(
    const head *h, const mien_dataset_target *t, const float *x, lesson_memory *m) {
    const mien_dataset *c = h->setup.dataset;
    size_t n = (size_t)h->training_count, width = (size_t)h->rows.width;
    *m = (lesson_memory){.x = mien_alloc(n * width, sizeof *m->x),
        .label = mien_alloc(n, sizeof *m->label),
        .value = mien_alloc(n, sizeof *m->value),
        .weight = mien_alloc(n, sizeof *m->weight),
        .group = mien_alloc(n, sizeof *m->group),
        .row = mien_alloc(n, sizeof *m->row)};
    if (!m->x || !m->label || !m->value || !m->weight || !m->group || !m->row) {
        return MIEN_ENOMEM;
    }
    int64_t rows = 0;
    for (int64_t i = 0; i < h->training_count; i++) {
        int64_t row = h->training[i];
        if (!mien_dataset_has(t, row)) {
            continue;
        }
        memcpy(m->x + rows * h->rows.width, x + i * h->rows.width, width * sizeof *x);
        m->label[rows] = t->label ? t->label[row] : 0;
        m->value[rows] = t->normal ? (double)t->normal[row] : 0;
        m->group[rows] = c->group_name ? c->group_name[row] : NULL;
        m->row[rows] = row;
        m->weight[rows++] = 1;
    }
    m->lesson = (mien_lesson){.rows = rows,
        .width = h->rows.width,
        .x = m->x,
        .classes = t->label ? t->from->classes : 0,
        .label = m->label,
        .value = m->value,
        .weight = m->weight,
        .seed = (uint32_t)mien_options_int(h->setup.study->options, "seed")};
    m->lesson.blocks = mien_head_rows_blocks(&h->rows, m->lesson.block);
    return weigh_classes(h, m->lesson.classes, m);
}

/* How much is smoothed, by training rows that fits of the candidate did not see: on
 * rows that a fit has seen it errs less, and less would be smoothed. */
static mien_status choose_smoothing(
    head *h, const mien_inner *inner, const int64_t *row, int index, int candidate) {
    const mien_dataset_target *t = &h->setup.dataset->target[index];
    int64_t n = inner->lesson->rows;
    double *outputs = mien_alloc((size_t)n, sizeof *outputs);
    float *values = mien_alloc((size_t)n, sizeof *values);
    mien_status status =
        outputs && values ? mien_inner_outputs(inner, candidate, outputs) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        float output = (float)outputs[i];
        mien_target_read(&t->target, &output, &values[i]);
    }
    if (status == MIEN_OK) {
        const mien_smoothing_rows rows = {row, n, values, 1};
        status = mien_smoothing_choose(
            h->setup.dataset, h->setup.study, t->value, &rows, &h->smooth[index]);
    }
    mien_free(outputs);
    mien_free(values);
    return status;
}

/* Chooses, unless a checkpoint says what was chosen, and fits. */
static mien_status fit_target(head *h, int index, const float *x) {
    const mien_dataset_target *t = &h->setup.dataset->target[index];
    const mien_study *s = h->setup.study;
    lesson_memory m = {0};
    int candidate = (int)h->chosen[index];
    mien_status status = gather(h, t, x, &m);
    if (status == MIEN_OK && !h->done) {
        const mien_inner inner = {
            learner_of(h), s, &m.lesson, h->setup.dataset->group_name ? m.group : NULL};
        status = mien_inner_choose(&inner, &candidate, &h->score[index]);
        h->chosen[index] = candidate;
        if (status == MIEN_OK && smooths(h) && t->value) {
            status = choose_smoothing(h, &inner, m.row, index, candidate);
        }
    }
    if (status == MIEN_OK) {
        status = learner_of(h)->fit(&m.lesson, s, candidate, &h->learned[index]);
    }
    lesson_memory_clear(&m);
    return status == MIEN_OK || status == MIEN_ENOMEM || status == MIEN_EINTERRUPTED
               ? status
               : mien_fail_in(status, "%s: fold %d, target %s", s->path, h->setup.fold,
                     t->from->name);
}

/* Makes the rows in front of the head and fits every target's part of it. */
static mien_status fit_all(head *h) {
    mien_status status = MIEN_OK;
    if (h->fitted) {
        return MIEN_OK;
    }
    if (!h->made) {
        status =
            mien_head_rows_open(&h->rows, &h->setup, h->training, h->training_count);
        h->made = true;
    }
    float *x = status == MIEN_OK
                   ? mien_alloc((size_t)(h->training_count * h->rows.width), sizeof *x)
                   : NULL;
    status = status == MIEN_OK && !x ? MIEN_ENOMEM : status;
    if (status == MIEN_OK) {
        status = mien_head_rows_fill(&h->rows, h->training, h->training_count, NULL, x);
    }
    for (int t = 0; status == MIEN_OK && t < h->setup.dataset->targets; t++) {
        status = fit_target(h, t, x);
    }
    mien_free(x);
    if (status != MIEN_OK) {
        forget(h);
        mien_head_rows_clear(&h->rows);
        h->made = false;
    }
    h->fitted = status == MIEN_OK;
    return status;
}

/* ---- predicting ----------------------------------------------------------------- */

/* Outputs of one target to its place in predicted rows. */
static mien_status read_target(
    const head *h, int index, const float *x, int64_t n, double *predictions) {
    const mien_dataset *c = h->setup.dataset;
    const mien_dataset_target *t = &c->target[index];
    const mien_learned *l = &h->learned[index];
    int64_t width = mien_target_width(&t->target);
    float outputs[MIEN_CLASSES_MAX], row[MIEN_CLASSES_MAX];
    double *sums = mien_alloc((size_t)(n * l->outputs), sizeof *sums);
    if (!sums) {
        return MIEN_ENOMEM;
    }
    mien_learned_run(l, x, n, sums);
    for (int64_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < l->outputs; k++) {
            outputs[k] = (float)sums[i * l->outputs + k];
        }
        mien_target_read(&t->target, outputs, row);
        for (int64_t k = 0; k < width; k++) {
            predictions[i * c->width + t->place + k] = (double)row[k];
        }
    }
    mien_free(sums);
    return MIEN_OK;
}

/* Smooths each target of numbers along its films, as this fit has chosen. */
static mien_status smooth_all(const head *h, double *predictions) {
    const mien_dataset *c = h->setup.dataset;
    int64_t n = h->tested_count;
    float *values = mien_alloc((size_t)n + 1, sizeof *values);
    mien_status status = values ? MIEN_OK : MIEN_ENOMEM;
    for (int t = 0; status == MIEN_OK && t < c->targets; t++) {
        int64_t place = c->target[t].place;
        mien_smoothing_rows rows = {h->tested, n, values, 1};
        if (!c->target[t].value || h->smooth[t] == 0) {
            continue;
        }
        for (int64_t i = 0; i < n; i++) {
            values[i] = (float)predictions[i * c->width + place];
        }
        status = mien_smoothing_run(c, h->setup.study, h->smooth[t], &rows);
        for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
            predictions[i * c->width + place] = (double)values[i];
        }
    }
    mien_free(values);
    return status;
}

/* Predicts the tested rows as the fit says, without smoothing. */
static mien_status predict_rows(
    head *h, const mien_columns_change *change, double *predictions) {
    mien_status status = fit_all(h);
    float *x = status == MIEN_OK
                   ? mien_alloc((size_t)(h->tested_count * h->rows.width), sizeof *x)
                   : NULL;
    status = status == MIEN_OK && !x ? MIEN_ENOMEM : status;
    if (status == MIEN_OK) {
        status = mien_head_rows_fill(&h->rows, h->tested, h->tested_count, change, x);
    }
    for (int t = 0; status == MIEN_OK && t < h->setup.dataset->targets; t++) {
        status = read_target(h, t, x, h->tested_count, predictions);
    }
    mien_free(x);
    return status;
}

mien_status mien_head_predict(
    void *own, const mien_columns_change *change, double *predictions) {
    head *h = own;
    mien_status status = predict_rows(h, change, predictions);
    return status == MIEN_OK && smooths(h) ? smooth_all(h, predictions) : status;
}

mien_status mien_head_run(void *own, const mien_network_fit_hooks *hooks) {
    head *h = own;
    if (h->done) {
        return MIEN_OK;
    }
    int64_t values = h->tested_count * h->setup.dataset->width;
    mien_status status = predict_rows(h, NULL, h->predictions);
    if (status == MIEN_OK && smooths(h)) {
        if (values) {
            memcpy(h->unsmoothed, h->predictions, (size_t)values * sizeof(double));
        }
        status = smooth_all(h, h->predictions);
    }
    for (int t = 0; status == MIEN_OK && t < h->setup.dataset->targets; t++) {
        h->trained += (double)mien_learned_count(&h->learned[t]);
    }
    if (status != MIEN_OK) {
        return status;
    }
    h->done = 1;
    return hooks->save ? hooks->save(hooks->context, false, true) : MIEN_OK;
}

bool mien_head_done(const void *own) {
    return ((const head *)own)->done != 0;
}

/* ---- checkpoints ---------------------------------------------------------------- */

mien_status mien_head_state(void *own, mien_checkpoint_state *state) {
    head *h = own;
    int64_t targets = h->setup.dataset->targets;
    int64_t values = h->tested_count * h->setup.dataset->width;
    mien_status status =
        mien_checkpoint_state_add(state, MIEN_F64, 1, &h->done, "done");
    if (status == MIEN_OK) {
        status = mien_checkpoint_state_add(state, MIEN_F64, 1, &h->trained, "trained");
    }
    if (status == MIEN_OK) {
        status =
            mien_checkpoint_state_add(state, MIEN_F64, targets, h->chosen, "chosen");
    }
    if (status == MIEN_OK) {
        status = mien_checkpoint_state_add(state, MIEN_F64, targets, h->score, "score");
    }
    if (status == MIEN_OK && values) {
        status = mien_checkpoint_state_add(
            state, MIEN_F64, values, h->predictions, "predictions");
    }
    if (status == MIEN_OK && smooths(h)) {
        status =
            mien_checkpoint_state_add(state, MIEN_F64, targets, h->smooth, "smooth");
    }
    return status == MIEN_OK && smooths(h) && values
               ? mien_checkpoint_state_add(
                     state, MIEN_F64, values, h->unsmoothed, "unsmoothed")
               : status;
}

mien_status mien_head_load(void *own, mien_archive *archive) {
    mien_checkpoint_state all = {0};
    mien_status status = mien_head_state(own, &all);
    if (status == MIEN_OK) {
        status = mien_checkpoint_state_load(&all, archive);
    }
    mien_checkpoint_state_clear(&all);
    return status;
}

/* ---- what it came to ------------------------------------------------------------ */

static mien_value *choice_value(const head *h, int t, mien_status *status) {
    mien_value *map = mien_value_new_map();
    learner_of(h)->tell(h->setup.study, (int)h->chosen[t], map, status);
    mien_document_put(map, "inner_score", mien_document_number(h->score[t]), status);
    return map;
}

mien_status mien_head_result(void *own, mien_training_result *result) {
    head *h = own;
    mien_status status = MIEN_OK;
    for (int t = 0; t < h->setup.dataset->targets; t++) {
        mien_value_free(&h->told[t]);
        h->told[t] = choice_value(h, t, &status);
    }
    result->tested = h->tested_count;
    result->rows = h->tested;
    result->predictions = h->predictions;
    result->unsmoothed = h->unsmoothed;
    result->smooth = smooths(h) ? h->smooth : NULL;
    result->trained = (int64_t)h->trained;
    result->chosen = h->told;
    return status;
}

mien_network_fit_epoch mien_head_epoch_at(const void *own, int64_t epoch) {
    (void)own;
    (void)epoch;
    return (mien_network_fit_epoch){0};
}

/* ---- the model ------------------------------------------------------------------ */

/* The study with the head that runs what was learnt, in place of the stand-in. */
static mien_status choose_head(const head *h, mien_study *study) {
    const mien_head_kind *kind = NULL;
    mien_options *options = NULL;
    int64_t trees = 0, nodes = 0;
    char text[2][32];
    bool linear = false;
    for (int t = 0; t < h->setup.dataset->targets; t++) {
        trees += h->learned[t].forest.trees;
        nodes += h->learned[t].forest.nodes;
        linear = linear || h->learned[t].weight;
    }
    *study = *h->setup.study;
    mien_status status = mien_head_kind_find(
        trees ? linear ? "trees_linear" : "trees" : learner_of(h)->head, &kind);
    if (status == MIEN_OK) {
        status = mien_options_new(kind->options, &options);
    }
    snprintf(text[0], sizeof text[0], "%lld", (long long)trees);
    snprintf(text[1], sizeof text[1], "%lld", (long long)nodes);
    if (status == MIEN_OK && trees) {
        status = mien_options_set(options, NULL, "trees", text[0]);
    }
    if (status == MIEN_OK && trees) {
        status = mien_options_set(options, NULL, "nodes", text[1]);
    }
    if (status == MIEN_OK) {
        status =
            mien_architecture_head(&study->recipe.architecture, kind->name, options);
    }
    mien_options_free(&options);
    return status;
}

/* Values of the head's parameter of this name. */
static float *values_of(const mien_net *net, int part, const char *name) {
    char whole[96];
    snprintf(whole, sizeof whole, "%s%d.%s", net->architecture.head_prefix, part, name);
    int64_t at = mien_parameters_find(net->parameters, whole);
    return at >= 0 ? mien_parameters_at(net->parameters, at)->data : NULL;
}

/* Weights for columns as they come, standardising folded in. */
static mien_status put_linear(const head *h, int t, mien_net *net) {
    const mien_learned *l = &h->learned[t];
    const mien_head_rows *r = &h->rows;
    int64_t first = h->setup.dataset->target[t].output;
    int part = strcmp(net->architecture.head.kind, "trees_linear") == 0;
    float *weight = values_of(net, part, "weight");
    float *bias = values_of(net, part, "bias");
    if (!weight || !bias) {
        return mien_fail(MIEN_EINTERNAL, "the head has no weights");
    }
    for (int64_t k = 0; k < l->outputs; k++) {
        const double *w = l->weight + k * l->width;
        float *to = weight + (first + k) * l->width;
        double constant = l->bias[k];
        for (int64_t f = 0; f < l->width; f++) {
            double scaled = w[f] * (r->scale ? r->scale[f] : 1);
            constant -= scaled * (r->mean ? r->mean[f] : 0);
            to[f] = (float)scaled;
        }
        bias[first + k] = (float)constant;
    }
    return MIEN_OK;
}

/* Where the trees of the targets before stand. */
typedef struct place {
    int64_t trees, nodes;
} place;

/* A threshold of a column as it comes: what branches compute was standardised before
 * the trees grew. Leaves are outputs. */
static float threshold_of(const head *h, const mien_forest *f, int64_t node) {
    const mien_head_rows *r = &h->rows;
    int64_t column = (int64_t)f->feature[node];
    bool question = f->child[node] > 0;
    return question && r->scale && r->scale[column] > 0
               ? (float)((double)f->threshold[node] / r->scale[column] +
                         r->mean[column])
               : f->threshold[node];
}

/* Beside trees that learn other targets: nothing of what is not written. */
static void clear_head(mien_net *net) {
    for (int64_t i = 0; i < mien_parameters_count(net->parameters); i++) {
        const char *name = mien_parameters_name(net->parameters, i);
        const char *prefix = net->architecture.head_prefix;
        if (strncmp(name, prefix, strlen(prefix)) == 0) {
            mien_tensor *tensor = mien_parameters_at(net->parameters, i);
            memset(tensor->data, 0, mien_tensor_bytes(tensor));
        }
    }
}

static mien_status put_trees(const head *h, int t, mien_net *net, place *at) {
    const mien_forest *f = &h->learned[t].forest;
    int64_t first = h->setup.dataset->target[t].output;
    float *feature = values_of(net, 0, "feature"), *child = values_of(net, 0, "child");
    float *threshold = values_of(net, 0, "threshold"),
          *root = values_of(net, 0, "root");
    float *output = values_of(net, 0, "output"), *bias = values_of(net, 0, "bias");
    if (!feature || !child || !threshold || !root || !output || !bias) {
        return mien_fail(MIEN_EINTERNAL, "the head has no trees");
    }
    for (int64_t k = 0; k < f->nodes; k++) {
        feature[at->nodes + k] = f->feature[k];
        threshold[at->nodes + k] = threshold_of(h, f, k);
        child[at->nodes + k] = f->child[k] > 0 ? f->child[k] + (float)at->nodes : 0;
    }
    for (int64_t k = 0; k < f->trees; k++) {
        root[at->trees + k] = f->root[k] + (float)at->nodes;
        output[at->trees + k] = f->output[k] + (float)first;
    }
    for (int64_t k = 0; k < h->learned[t].outputs; k++) {
        bias[first + k] = (float)h->learned[t].bias[k];
    }
    at->nodes += f->nodes;
    at->trees += f->trees;
    return MIEN_OK;
}

mien_status mien_head_take(void *own, mien_net *net, mien_columns *columns) {
    head *h = own;
    const mien_training_setup *s = &h->setup;
    mien_study study;
    place at = {0};
    mien_status status = fit_all(h);
    if (status == MIEN_OK) {
        status = choose_head(h, &study);
    }
    if (status == MIEN_OK) {
        status = mien_net_open(net, &study, s->dataset, s->weights);
    }
    if (status == MIEN_OK) {
        clear_head(net);
    }
    for (int t = 0; status == MIEN_OK && t < s->dataset->targets; t++) {
        status = h->learned[t].forest.trees ? put_trees(h, t, net, &at)
                                            : put_linear(h, t, net);
    }
    if (status == MIEN_OK) {
        *columns = h->rows.columns;
        h->rows.columns = (mien_columns){0};
        mien_head_rows_clear(&h->rows);
        h->made = false;
        forget(h);
    }
    return status;
}
