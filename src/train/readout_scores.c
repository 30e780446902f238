/* SPDX-License-Identifier: MIT */
/* Hands a read-out's predictions to the scorer (scores*.c): train.c calls it when all
 * folds are done. Beside figures a read-out tells which candidates each fold chose. */
#include "train/readout_scores.h"

#include <math.h>

#include "train/document.h"

/* The rows of the material as the scorer sees them. */
static void lend_corpus(mien_corpus *c, const mien_material *m) {
    *c = (mien_corpus){.trials = m->trials,
        .rows = m->rows,
        .left_out = m->left_out,
        .row = m->row,
        .targets = m->targets,
        .width = m->targets,
        .group = m->group,
        .groups = m->groups,
        .fold = m->fold,
        .folds = m->folds};
    for (int t = 0; t < m->targets; t++) {
        c->target[t].from = m->target[t];
        c->target[t].value = m->rated + t * m->rows;
        c->target[t].place = t;
    }
}

/* [targets, rows] to [rows, targets] */
static double *by_rows(const double *by_targets, const mien_material *m) {
    double *rows = mien_alloc((size_t)(m->rows * m->targets), sizeof *rows);
    for (int64_t i = 0; rows && i < m->rows; i++) {
        for (int t = 0; t < m->targets; t++) {
            rows[i * m->targets + t] = by_targets[t * m->rows + i];
        }
    }
    return rows;
}

mien_status mien_readout_scores_compute(mien_readout_scores *scores,
    const mien_material *material, const mien_judgement *judgement,
    const mien_study *study, mien_pool *pool) {
    mien_readout_scores *s = scores;
    *s = (mien_readout_scores){.values = by_rows(judgement->prediction, material),
        .plain = by_rows(judgement->plain, material),
        .material = material,
        .judgement = judgement};
    if (!s->values || !s->plain) {
        return MIEN_ENOMEM;
    }
    lend_corpus(&s->corpus, material);
    s->predicted = (mien_predicted){.values = s->values, .plain = s->plain};
    return mien_scores_compute(&s->scores, &s->corpus, study, &s->predicted, pool);
}

void mien_readout_scores_clear(mien_readout_scores *scores) {
    mien_scores_clear(&scores->scores);
    mien_free(scores->values);
    mien_free(scores->plain);
    *scores = (mien_readout_scores){0};
}

/* The candidates of one fit that have weight, and its inner error. */
static mien_value *choice_value(
    const mien_material *m, const mien_choice *choice, int t, mien_status *status) {
    mien_value *map = mien_value_new_map(), *list = mien_value_new_list();
    for (int c = 0; c < choice->candidates; c++) {
        double weight = choice->weight[c * choice->targets + t];
        double lambda = choice->ridge[c * choice->targets + t].lambda;
        if (weight > 0) {
            mien_value *one = mien_value_new_map();
            mien_document_text(one, "candidate", m->candidate_name[c], status);
            mien_document_put(one, "weight", mien_value_new_number(weight), status);
            mien_document_put(one, "lambda", mien_value_new_number(lambda), status);
            mien_document_add(list, one, status);
        }
    }
    mien_document_put(map, "candidates", list, status);
    mien_document_put(
        map, "inner_rmse", mien_value_new_number(sqrt(choice->error[t])), status);
    return map;
}

typedef struct chosen {
    const mien_readout_scores *scores;
    const mien_choice *final;
} chosen;

static void put_chosen(
    const void *context, int target, mien_value *map, mien_status *status) {
    const chosen *c = context;
    const mien_material *m = c->scores->material;
    const mien_judgement *j = c->scores->judgement;
    mien_value *folds = mien_value_new_list();
    for (int k = 0; k < j->folds; k++) {
        mien_document_add(
            folds, choice_value(m, &j->choice[k], target, status), status);
    }
    mien_document_put(map, "chosen", choice_value(m, c->final, target, status), status);
    mien_document_put(map, "chosen_by_fold", folds, status);
}

mien_status mien_readout_document(const mien_readout_scores *scores,
    const mien_choice *final_choice, mien_value **document) {
    const mien_material *m = scores->material;
    const chosen context = {scores, final_choice};
    const mien_scores_more more = {
        .method = "readout", .target = put_chosen, .context = &context};
    mien_value *model = mien_value_new_map();
    mien_status status = MIEN_OK;
    mien_document_text(
        model, "backbone", scores->scores.study->backbone->name, &status);
    mien_document_text(model, "sha256", m->backbone_hash, &status);
    mien_document_text(model, "layers", m->layers, &status);
    if (status != MIEN_OK) {
        mien_value_free(&model);
        return status;
    }
    return mien_scores_document(
        &scores->scores, &scores->corpus, model, &more, document);
}
