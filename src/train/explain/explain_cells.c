/* SPDX-License-Identifier: MIT */
/* What each sensor tells of people and pictures seen or never seen. Comes in: what
 * every fit of crossed folds answers with everything, and with each input (or part of
 * one) left out. Goes out: figures of the four cells with intervals over persons and
 * stimuli, for explain.json. Called by explain.c and explain_write.c. */
#include "train/explain/explain.h"

#include "train/document.h"
#include "train/scores/scores.h"

static const char *name_of(const mien_explanation *e, int target) {
    return e->dataset->target[target].label ? "balanced_accuracy" : "r";
}

static mien_status answers_of(
    const mien_explanation *e, int change, mien_crossed_answers *answers) {
    const int fits = e->seeds * e->dataset->folds;
    const mien_fit_answers **fit = mien_alloc((size_t)fits, sizeof *fit);
    for (int k = 0; fit && k < fits; k++) {
        fit[k] = &e->fit[change * fits + k];
    }
    mien_status status =
        fit ? mien_crossed_answers_make(answers, e->dataset, e->seeds, fit)
            : MIEN_ENOMEM;
    mien_free(fit);
    return status;
}

static mien_status score(mien_explanation *e, int t, int left,
    const mien_crossed_answers *whole, const mien_crossed_answers *changed) {
    const mien_interval_options intervals = mien_scores_intervals(e->study);
    const bool classes = e->dataset->target[t].label != NULL;
    const void *metric = classes ? (const void *)mien_class_metric_find(name_of(e, t))
                                 : (const void *)mien_metric_find(name_of(e, t));
    mien_crossed_scores *s = mien_alloc(1, sizeof *s);
    mien_status status =
        s ? mien_crossed_losses_compute(s, e->dataset, t, &metric, 1, whole, changed,
                &intervals, mien_replay_pool(e->replay))
          : MIEN_ENOMEM;
    for (int c = 0; status == MIEN_OK && c < MIEN_CELLS; c++) {
        mien_cell_losses *to = &e->cell[t][c];
        to->rows = s->cell[c].rows;
        for (int f = 0; f < MIEN_CELL_FIGURES; f++) {
            to->whole[f] = s->cell[c].figure[MIEN_CROSSED_MODEL][f];
            to->loss[left][f] = s->cell[c].gain[f];
        }
    }
    mien_free(s);
    return status;
}

mien_status mien_explanation_cells(mien_explanation *explanation) {
    mien_explanation *e = explanation;
    mien_crossed_answers whole = {0};
    mien_status status = e->fit ? answers_of(e, 0, &whole) : MIEN_OK;
    for (int k = 0; e->fit && status == MIEN_OK && k < e->lefts; k++) {
        mien_crossed_answers changed = {0};
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : answers_of(e, 1 + k, &changed);
        for (int t = 0; status == MIEN_OK && t < e->dataset->targets; t++) {
            status = score(e, t, k, &whole, &changed);
        }
        mien_crossed_answers_clear(&changed);
    }
    mien_crossed_answers_clear(&whole);
    return status;
}

/* ---- the document ---------------------------------------------------------------- */

static mien_value *figures_value(const mien_explanation *e, int t,
    const mien_interval *figure, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int f = 0; f < MIEN_CELL_FIGURES; f++) {
        mien_value *map = mien_value_new_map();
        mien_document_text(map, "name", name_of(e, t), status);
        mien_document_put(map, "within_persons", mien_value_new_bool(f > 0), status);
        mien_document_put(map, "value", mien_document_number(figure[f].value), status);
        mien_document_put(map, "low", mien_document_number(figure[f].low), status);
        mien_document_put(map, "high", mien_document_number(figure[f].high), status);
        mien_document_add(list, map, status);
    }
    return list;
}

void mien_explanation_put_cells(const mien_explanation *explanation, int target,
    mien_value *map, mien_status *status) {
    const mien_explanation *e = explanation;
    mien_value *cells = e->fit ? mien_value_new_list() : NULL;
    for (int c = 0; e->fit && c < MIEN_CELLS; c++) {
        const mien_cell_losses *of = &e->cell[target][c];
        mien_value *cell = mien_value_new_map(), *list = mien_value_new_list();
        mien_document_text(cell, "cell", mien_cell_name((mien_cell)c), status);
        mien_document_int(cell, "rows", of->rows, status);
        mien_document_put(
            cell, "metrics", figures_value(e, target, of->whole, status), status);
        for (int k = 0; k < e->lefts; k++) {
            mien_value *item = mien_value_new_map();
            mien_document_text(item, "name", e->left[k].name, status);
            mien_document_put(
                item, "lost", figures_value(e, target, of->loss[k], status), status);
            mien_document_add(list, item, status);
        }
        mien_document_put(cell, "left_out", list, status);
        mien_document_add(cells, cell, status);
    }
    if (cells) {
        mien_document_put(map, "cells", cells, status);
    }
}
