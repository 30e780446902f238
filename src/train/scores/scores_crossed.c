/* SPDX-License-Identifier: MIT */
/* Judges the four cells of crossed folds. In: what every fit answered to the rows that
 * it tests (scores_cells.c averages it); out: figures of each cell with intervals over
 * persons and stimuli, beside what is known without the model. Called by scores.c;
 * study_run_write.c writes the rows. */
#include "train/scores/scores_crossed.h"

#include <math.h>
#include <string.h>

#include "train/document.h"

static const char *const answer_names[MIEN_CROSSED_ANSWERS] = {
    "model", "mean", "person", "stimulus", "both"};

const char *mien_crossed_answer_name(int answer) {
    return (unsigned)answer < MIEN_CROSSED_ANSWERS ? answer_names[answer] : "";
}

/* The strongest answer without the model in each cell. */
static const int strongest[MIEN_CELLS] = {
    MIEN_CROSSED_MEAN, MIEN_CROSSED_PERSON, MIEN_CROSSED_STIMULUS, MIEN_CROSSED_BOTH};

/* Whether an answer says more in a cell than the mean does. */
static bool answers_in(int answer, mien_cell cell) {
    return answer <= MIEN_CROSSED_MEAN || answer == strongest[cell] ||
           cell == MIEN_CELL_BOTH_SEEN;
}

/* ---- rows of a cell -------------------------------------------------------------- */

/* The rows of one cell that have an answer and the target, as arrays. */
typedef struct cell_rows {
    int64_t n, fits;
    int64_t *row, *person, *stimulus;
    double *truth, *null, *within; /* of numbers; within: the truth's */
    int *label;
    /* of each answer, the model's for each seed: [MIEN_SEEDS_MAX + 4] */
    double *values[MIEN_SEEDS_MAX + MIEN_CROSSED_ANSWERS];
    double *centred[MIEN_SEEDS_MAX + MIEN_CROSSED_ANSWERS];
    int *chosen[MIEN_SEEDS_MAX + MIEN_CROSSED_ANSWERS];
    int first[MIEN_CROSSED_ANSWERS], count[MIEN_CROSSED_ANSWERS]; /* places of each */
    int places;
} cell_rows;

static void cell_rows_clear(cell_rows *r) {
    for (int k = 0; k < r->places; k++) {
        mien_free(r->values[k]);
        mien_free(r->centred[k]);
        mien_free(r->chosen[k]);
    }
    mien_free(r->row);
    mien_free(r->person);
    mien_free(r->stimulus);
    mien_free(r->truth);
    mien_free(r->null);
    mien_free(r->within);
    mien_free(r->label);
}

static mien_status list_rows(cell_rows *r, const mien_dataset *c,
    const mien_dataset_target *target, const mien_crossed_answers *answers,
    mien_cell cell) {
    size_t rows = (size_t)c->rows;
    const int32_t *fits = answers->fits + cell * c->rows;
    r->row = mien_alloc(rows, sizeof *r->row);
    r->person = mien_alloc(rows, sizeof *r->person);
    r->stimulus = mien_alloc(rows, sizeof *r->stimulus);
    if (!r->row || !r->person || !r->stimulus) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < c->rows; i++) {
        if (fits[i] && mien_dataset_has(target, i)) {
            r->row[r->n] = i;
            r->person[r->n] = c->group[i];
            r->stimulus[r->n++] = c->stimulus[i];
            r->fits += fits[i];
        }
    }
    return MIEN_OK;
}

/* Takes a target's columns out of [rows, width]. */
static mien_status take(const cell_rows *r, const double *from, int64_t width,
    const mien_dataset_target *target, double **to) {
    int64_t wide = mien_target_width(&target->target);
    *to = mien_alloc((size_t)(r->n * wide), sizeof **to);
    for (int64_t i = 0; *to && i < r->n; i++) {
        memcpy(*to + i * wide, from + r->row[i] * width + target->place,
            (size_t)wide * sizeof **to);
    }
    return *to ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status choose(
    const cell_rows *r, const mien_dataset_target *target, int place, int **chosen) {
    int64_t wide = mien_target_width(&target->target);
    *chosen = mien_alloc((size_t)r->n, sizeof **chosen);
    for (int64_t i = 0; *chosen && i < r->n; i++) {
        (*chosen)[i] = mien_target_choose(&target->target, r->values[place] + i * wide);
    }
    return *chosen ? MIEN_OK : MIEN_ENOMEM;
}

/* One answer's columns: the next place. */
static mien_status take_place(cell_rows *r, const mien_dataset *c,
    const mien_dataset_target *target, const double *values, const double *centred) {
    int place = r->places++;
    mien_status status = take(r, values, c->width, target, &r->values[place]);
    if (status == MIEN_OK && target->value) {
        status = take(r, centred, c->width, target, &r->centred[place]);
    } else if (status == MIEN_OK) {
        status = choose(r, target, place, &r->chosen[place]);
    }
    return status;
}

static mien_status take_truth(cell_rows *r, const mien_dataset *c,
    const mien_dataset_target *target, const mien_crossed_answers *answers,
    mien_cell cell) {
    int64_t values = cell * c->rows * c->width;
    if (target->value) {
        mien_status status = take(r, answers->centred[MIEN_CROSSED_ANSWERS] + values,
            c->width, target, &r->within);
        status = status ? status
                        : take(r, answers->answer[MIEN_CROSSED_MEAN] + values, c->width,
                              target, &r->null);
        r->truth = mien_alloc((size_t)r->n, sizeof *r->truth);
        for (int64_t i = 0; r->truth && i < r->n; i++) {
            r->truth[i] = target->value[r->row[i]];
        }
        return r->truth ? status : MIEN_ENOMEM;
    }
    r->label = mien_alloc((size_t)r->n, sizeof *r->label);
    for (int64_t i = 0; r->label && i < r->n; i++) {
        r->label[i] = target->label[r->row[i]];
    }
    return r->label ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status cell_rows_init(cell_rows *r, const mien_dataset *c,
    const mien_dataset_target *target, const mien_crossed_answers *answers,
    mien_cell cell) {
    const int64_t values = c->rows * c->width;
    mien_status status = list_rows(r, c, target, answers, cell);
    status = status || !r->n ? status : take_truth(r, c, target, answers, cell);
    for (int a = 0; status == MIEN_OK && r->n && a < MIEN_CROSSED_ANSWERS; a++) {
        r->first[a] = r->places;
        r->count[a] = !answers_in(a, cell)      ? 0
                      : a == MIEN_CROSSED_MODEL ? answers->seeds
                                                : 1;
        for (int k = 0; status == MIEN_OK && k < r->count[a]; k++) {
            int64_t at = (k * MIEN_CELLS + cell) * values;
            status = take_place(
                r, c, target, answers->answer[a] + at, answers->centred[a] + at);
        }
    }
    return status;
}

/* ---- figures --------------------------------------------------------------------- */

/* The state of computing a cell's figures. */
typedef struct judging {
    const mien_dataset *c;
    const mien_dataset_target *target;
    const mien_crossed_scores *s;
    const mien_interval_options *options;
    mien_thread_pool *pool;
} judging;

static mien_crossed_sample sample_of(
    const cell_rows *r, int answer, bool within, const double **predictions) {
    for (int k = 0; k < r->count[answer]; k++) {
        int place = r->first[answer] + k;
        predictions[k] = within ? r->centred[place] : r->values[place];
    }
    return (mien_crossed_sample){.n = r->n,
        .truth = within ? r->within : r->truth,
        .predictions = predictions,
        .count = r->count[answer],
        .null = within ? NULL : r->null,
        .person = r->person,
        .stimulus = r->stimulus};
}

/* Figures of an answer in a cell, less those of another answer, maybe of another cell
 * (other NULL: alone). */
static mien_status judge_numbers(const judging *j, const cell_rows *r, int answer,
    const cell_rows *other, int other_answer, mien_interval *figures) {
    const double *first[MIEN_SEEDS_MAX], *second[MIEN_SEEDS_MAX];
    const int pooled = j->s->figures - 1;
    mien_status status = MIEN_OK;
    for (int within = 0; status == MIEN_OK && within < 2; within++) {
        mien_crossed_sample a = sample_of(r, answer, within, first), b = {0};
        if (other) {
            b = sample_of(other, other_answer, within, second);
        }
        status = mien_crossed_intervals(j->s->figure + (within ? pooled : 0),
            within ? 1 : pooled, &a, other ? &b : NULL, j->c->groups, j->c->stimuli,
            j->options, j->pool, figures + (within ? pooled : 0));
    }
    return status;
}

static mien_crossed_class_sample classes_of(
    const judging *j, const cell_rows *r, int answer, mien_class_answers *answers) {
    for (int k = 0; k < r->count[answer]; k++) {
        int place = r->first[answer] + k;
        answers[k] = (mien_class_answers){.n = r->n,
            .classes = j->target->from->classes,
            .truth = r->label,
            .prediction = r->chosen[place],
            .probability = r->values[place]};
    }
    return (mien_crossed_class_sample){
        answers, r->count[answer], r->person, r->stimulus};
}

static mien_status judge_classes(const judging *j, const cell_rows *r, int answer,
    const cell_rows *other, int other_answer, mien_interval *figures) {
    mien_class_answers first[MIEN_SEEDS_MAX], second[MIEN_SEEDS_MAX];
    mien_crossed_class_sample a = classes_of(j, r, answer, first), b = {0};
    if (other) {
        b = classes_of(j, other, other_answer, second);
    }
    return mien_crossed_class_intervals(j->s->figure, j->s->figures, &a,
        other ? &b : NULL, j->c->groups, j->c->stimuli, j->options, j->pool, figures);
}

static mien_status judge(const judging *j, const cell_rows *r, int answer,
    const cell_rows *other, int other_answer, mien_interval *figures) {
    if (r->n == 0 || (other && other->n == 0)) {
        return MIEN_OK; /* A share of 0 is kept: there is no such cell. */
    }
    return j->target->value ? judge_numbers(j, r, answer, other, other_answer, figures)
                            : judge_classes(j, r, answer, other, other_answer, figures);
}

static mien_status judge_cell(const judging *j, const cell_rows *r,
    const cell_rows *unseen, mien_cell cell, mien_cell_scores *s) {
    mien_status status = MIEN_OK;
    s->rows = r->n;
    s->fits = r->fits;
    s->strongest = strongest[cell];
    for (int a = 0; status == MIEN_OK && a < MIEN_CROSSED_ANSWERS; a++) {
        if (answers_in(a, cell)) {
            status = judge(j, r, a, NULL, 0, s->figure[a]);
        }
    }
    if (status == MIEN_OK) {
        status = judge(j, r, MIEN_CROSSED_MODEL, r, strongest[cell], s->gain);
    }
    if (status == MIEN_OK && cell != MIEN_CELL_BOTH_UNSEEN) {
        status = judge(j, r, MIEN_CROSSED_MODEL, unseen, MIEN_CROSSED_MODEL, s->change);
    }
    return status;
}

static void clear_figures(mien_crossed_scores *s) {
    const mien_interval none = {(double)NAN, (double)NAN, (double)NAN};
    for (int c = 0; c < MIEN_CELLS; c++) {
        for (int f = 0; f < MIEN_CROSSED_FIGURES_MAX; f++) {
            s->cell[c].gain[f] = s->cell[c].change[f] = none;
            for (int a = 0; a < MIEN_CROSSED_ANSWERS; a++) {
                s->cell[c].figure[a][f] = none;
            }
        }
    }
}

static void list_figures(mien_crossed_scores *scores, const mien_dataset_target *of,
    const void *const *metrics, int count) {
    *scores = (mien_crossed_scores){.figures = count + 1};
    clear_figures(scores);
    for (int f = 0; f < count; f++) {
        scores->figure[f].metric = metrics[f];
    }
    scores->figure[count] = (mien_crossed_figure){
        of->value ? (const void *)mien_metric_find("r")
                  : (const void *)mien_class_metric_find("balanced_accuracy"),
        true};
}

mien_status mien_crossed_losses_compute(mien_crossed_scores *scores,
    const mien_dataset *dataset, int target, const void *const *metrics, int count,
    const mien_crossed_answers *answers, const mien_crossed_answers *changed,
    const mien_interval_options *options, mien_thread_pool *pool) {
    const mien_dataset_target *of = &dataset->target[target];
    const judging j = {dataset, of, scores, options, pool};
    mien_status status = MIEN_OK;
    list_figures(scores, of, metrics, count);
    for (int c = 0; status == MIEN_OK && c < MIEN_CELLS; c++) {
        cell_rows whole = {0}, less = {0};
        mien_cell_scores *s = &scores->cell[c];
        status = cell_rows_init(&whole, dataset, of, answers, (mien_cell)c);
        if (status == MIEN_OK) {
            status = cell_rows_init(&less, dataset, of, changed, (mien_cell)c);
        }
        s->rows = whole.n;
        if (status == MIEN_OK) {
            status = judge(
                &j, &whole, MIEN_CROSSED_MODEL, NULL, 0, s->figure[MIEN_CROSSED_MODEL]);
        }
        if (status == MIEN_OK) {
            status = judge(
                &j, &whole, MIEN_CROSSED_MODEL, &less, MIEN_CROSSED_MODEL, s->gain);
        }
        cell_rows_clear(&whole);
        cell_rows_clear(&less);
    }
    return status;
}

mien_status mien_crossed_scores_compute(mien_crossed_scores *scores,
    const mien_dataset *dataset, int target, const void *const *metrics, int count,
    const mien_crossed_answers *answers, const mien_interval_options *options,
    mien_thread_pool *pool) {
    const mien_dataset_target *of = &dataset->target[target];
    cell_rows rows[MIEN_CELLS] = {0};
    const judging j = {dataset, of, scores, options, pool};
    mien_status status = MIEN_OK;
    list_figures(scores, of, metrics, count);
    for (int c = 0; status == MIEN_OK && c < MIEN_CELLS; c++) {
        status = cell_rows_init(&rows[c], dataset, of, answers, (mien_cell)c);
    }
    for (int c = 0; status == MIEN_OK && c < MIEN_CELLS; c++) {
        status = judge_cell(
            &j, &rows[c], &rows[MIEN_CELL_BOTH_UNSEEN], (mien_cell)c, &scores->cell[c]);
    }
    for (int c = 0; c < MIEN_CELLS; c++) {
        cell_rows_clear(&rows[c]);
    }
    return status;
}

/* ---- results.json ---------------------------------------------------------------- */

static mien_value *interval_value(const mien_interval *i, mien_status *status) {
    if (!isfinite(i->value)) {
        return mien_value_new_null();
    }
    mien_value *map = mien_value_new_map();
    mien_document_put(map, "value", mien_value_new_number(i->value), status);
    mien_document_put(map, "low", mien_document_number(i->low), status);
    mien_document_put(map, "high", mien_document_number(i->high), status);
    return map;
}

static mien_value *figure_value(const mien_crossed_scores *s, mien_cell cell, int f,
    bool of_classes, mien_status *status) {
    const mien_cell_scores *of = &s->cell[cell];
    const mien_metric *number = s->figure[f].metric;
    const mien_class_metric *class = s->figure[f].metric;
    mien_value *map = mien_value_new_map(), *without = mien_value_new_map();
    mien_document_text(map, "name", of_classes ? class->name : number->name, status);
    mien_document_put(
        map, "within_persons", mien_value_new_bool(s->figure[f].within), status);
    mien_document_put(map, "model",
        interval_value(&of->figure[MIEN_CROSSED_MODEL][f], status), status);
    for (int a = MIEN_CROSSED_MEAN; a < MIEN_CROSSED_ANSWERS; a++) {
        if (answers_in(a, cell)) {
            mien_document_put(without, answer_names[a],
                interval_value(&of->figure[a][f], status), status);
        }
    }
    mien_document_put(map, "without_model", without, status);
    mien_document_put(map, "gain", interval_value(&of->gain[f], status), status);
    mien_document_put(
        map, "over_both_unseen", interval_value(&of->change[f], status), status);
    return map;
}

static mien_value *cell_value(const mien_crossed_scores *s, mien_cell cell,
    bool of_classes, mien_status *status) {
    const mien_cell_scores *of = &s->cell[cell];
    mien_value *map = mien_value_new_map(), *list = mien_value_new_list();
    mien_document_text(map, "cell", mien_cell_name(cell), status);
    mien_document_int(map, "rows", of->rows, status);
    mien_document_int(map, "answers", of->fits, status);
    mien_document_text(map, "strongest", answer_names[of->strongest], status);
    for (int f = 0; f < s->figures; f++) {
        mien_document_add(list, figure_value(s, cell, f, of_classes, status), status);
    }
    mien_document_put(map, "metrics", list, status);
    return map;
}

static mien_value *side_value(
    const char *by, int folds, int64_t count, mien_status *status) {
    mien_value *map = mien_value_new_map();
    mien_document_text(map, "by", by, status);
    mien_document_int(map, "folds", folds, status);
    mien_document_int(map, "count", count, status);
    return map;
}

mien_status mien_crossed_scores_put(const mien_crossed_scores *scores,
    const mien_dataset *dataset, const mien_study *study, bool of_classes,
    mien_value *target) {
    mien_status status = MIEN_OK;
    mien_value *map = mien_value_new_map(), *cells = mien_value_new_list();
    const mien_options *o = study->options;
    mien_document_put(map, "persons",
        side_value(mien_options_text(o, "folds.by"),
            dataset->folds / dataset->stimulus_folds, dataset->groups, &status),
        &status);
    mien_document_put(map, "stimuli",
        side_value(mien_options_text(o, "folds.across"), dataset->stimulus_folds,
            dataset->stimuli, &status),
        &status);
    for (int c = 0; c < MIEN_CELLS; c++) {
        mien_document_add(
            cells, cell_value(scores, (mien_cell)c, of_classes, &status), &status);
    }
    mien_document_put(map, "cells", cells, &status);
    mien_document_put(target, "crossed", map, &status);
    return status;
}
