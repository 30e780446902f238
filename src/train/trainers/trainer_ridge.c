/* SPDX-License-Identifier: MIT */
/* The trainer that fits kernel ridge regressions on features which were computed once
 * (feature_set_extract.c), as a row of trainers.def. A fit is quick, so that a
 * checkpoint keeps what it came to, and nothing under way. */
#include <math.h>
#include <string.h>

#include "train/document.h"
#include "train/final_model.h"
#include "train/choice.h"
#include "train/trainers/trainer.h"
#include "train/trainers/trainer_ridge.h"

typedef struct ridge {
    mien_training_setup setup;
    mien_fold_rows rows;
    int64_t *training, *tested;
    mien_choice choice; /* coefficients are missing after a checkpoint was read */
    bool chosen;
    double done;
    double *predictions, *plain; /* [tested, targets] */
    double *weight, *lambda;     /* [candidates, targets] of the choice */
    double *error;               /* [targets] */
    mien_value *told[MIEN_TARGETS_MAX];
} ridge;

/* ---- rows ----------------------------------------------------------------------- */

static mien_status list_rows(ridge *r) {
    const mien_dataset *c = r->setup.dataset;
    size_t n = (size_t)c->rows;
    mien_part *part = mien_alloc(n, sizeof *part);
    r->training = mien_alloc(n, sizeof *r->training);
    r->tested = mien_alloc(n, sizeof *r->tested);
    mien_status status =
        part && r->training && r->tested
            ? mien_dataset_parts(c, r->setup.study, r->setup.fold, part)
            : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        if (part[i] == MIEN_PART_TRAIN) {
            r->training[r->rows.training_count++] = i;
        } else if (part[i] == MIEN_PART_TEST) {
            r->tested[r->rows.tested_count++] = i;
        }
    }
    r->rows.training = r->training;
    r->rows.tested = r->tested;
    mien_free(part);
    return status;
}

static void close(void **own) {
    ridge *r = *own;
    mien_choice_clear(&r->choice);
    for (int t = 0; t < MIEN_TARGETS_MAX; t++) {
        mien_value_free(&r->told[t]);
    }
    mien_free(r->training);
    mien_free(r->tested);
    mien_free(r->predictions);
    mien_free(r->plain);
    mien_free(r->weight);
    mien_free(r->lambda);
    mien_free(r->error);
    mien_free(r);
    *own = NULL;
}

/* The choices inside a fold leave groups out of its training rows: with fewer than two
 * there would be nothing left to learn from. */
static mien_status check_groups(const ridge *r) {
    const mien_dataset *c = r->setup.dataset;
    for (int64_t i = 1; i < r->rows.training_count; i++) {
        if (c->group[r->training[i]] != c->group[r->training[0]]) {
            return MIEN_OK;
        }
    }
    return mien_fail(MIEN_EFORMAT,
        "%s: folds: fold %d leaves %lld rows of %s to train on; a read-out chooses by "
        "leaving groups out and needs at least 2",
        r->setup.study->path, r->setup.fold, (long long)r->rows.training_count,
        r->rows.training_count ? "one group" : "no group");
}

static mien_status check(const mien_training_setup *setup) {
    ridge r = {.setup = *setup};
    mien_status status = list_rows(&r);
    if (status == MIEN_OK) {
        status = check_groups(&r);
    }
    mien_free(r.training);
    mien_free(r.tested);
    return status;
}

static mien_status open(const mien_training_setup *setup, void **own) {
    ridge *r = mien_alloc(1, sizeof *r);
    if (!r) {
        return MIEN_ENOMEM;
    }
    *own = r;
    r->setup = *setup;
    const mien_feature_set *m = setup->feature_set;
    size_t choices = (size_t)(m->candidates_count * m->targets);
    mien_status status = list_rows(r);
    if (status == MIEN_OK) {
        size_t values = (size_t)(r->rows.tested_count * m->targets);
        r->predictions = mien_alloc(values, sizeof *r->predictions);
        r->plain = mien_alloc(values, sizeof *r->plain);
        r->weight = mien_alloc(choices, sizeof *r->weight);
        r->lambda = mien_alloc(choices, sizeof *r->lambda);
        r->error = mien_alloc((size_t)m->targets, sizeof *r->error);
        status = r->predictions && r->plain && r->weight && r->lambda && r->error
                     ? MIEN_OK
                     : MIEN_ENOMEM;
    }
    if (status != MIEN_OK) {
        close(own);
    }
    return status;
}

/* ---- running -------------------------------------------------------------------- */

static mien_status choose(ridge *r) {
    const mien_feature_set *m = r->setup.feature_set;
    if (r->chosen) {
        return MIEN_OK;
    }
    mien_status status = mien_choose(&r->choice, m, m->candidates, m->candidates_count,
        r->training, r->rows.training_count, r->setup.study, r->setup.pool);
    r->chosen = status == MIEN_OK;
    return status;
}

static void keep_choice(ridge *r) {
    const mien_choice *c = &r->choice;
    for (int i = 0; i < c->candidates * c->targets; i++) {
        r->weight[i] = c->weight[i];
        r->lambda[i] = c->ridge[i].lambda;
    }
    for (int t = 0; t < c->targets; t++) {
        r->error[t] = c->error[t];
    }
}

/* What plain ridge predicts of the tested rows. A study of that candidate alone has it
 * already. */
static mien_status predict_plain(ridge *r) {
    const mien_training_setup *s = &r->setup;
    const mien_feature_set *m = s->feature_set;
    size_t values = (size_t)(r->rows.tested_count * m->targets);
    if (mien_choice_is_plain(m, m->candidates, m->candidates_count)) {
        memcpy(r->plain, r->predictions, values * sizeof *r->plain);
        return MIEN_OK;
    }
    return mien_choice_plain(m, s->study, &r->rows, s->pool, r->plain);
}

static mien_status run(void *own, const mien_network_fit_hooks *hooks) {
    ridge *r = own;
    const mien_training_setup *s = &r->setup;
    if (r->done) {
        return MIEN_OK;
    }
    mien_status status = choose(r);
    if (status == MIEN_OK) {
        keep_choice(r);
    }
    if (status == MIEN_OK && r->rows.tested_count) {
        status = mien_choice_predict(&r->choice, s->feature_set,
            s->feature_set->candidates, &r->rows, NULL, NULL, s->pool, r->predictions);
    }
    if (status == MIEN_OK && r->rows.tested_count) {
        status = predict_plain(r);
    }
    if (status != MIEN_OK) {
        return status;
    }
    r->done = 1;
    return hooks->save ? hooks->save(hooks->context, false, true) : MIEN_OK;
}

static bool done(const void *own) {
    return ((const ridge *)own)->done != 0;
}

static mien_status state(void *own, mien_checkpoint_state *into) {
    ridge *r = own;
    const mien_feature_set *m = r->setup.feature_set;
    int64_t values = r->rows.tested_count * m->targets;
    int64_t choices = (int64_t)m->candidates_count * m->targets;
    mien_status status = mien_checkpoint_state_add(into, MIEN_F64, 1, &r->done, "done");
    if (status == MIEN_OK && values) {
        status = mien_checkpoint_state_add(
            into, MIEN_F64, values, r->predictions, "predictions");
    }
    if (status == MIEN_OK && values) {
        status = mien_checkpoint_state_add(into, MIEN_F64, values, r->plain, "plain");
    }
    if (status == MIEN_OK) {
        status =
            mien_checkpoint_state_add(into, MIEN_F64, choices, r->weight, "weight");
    }
    if (status == MIEN_OK) {
        status =
            mien_checkpoint_state_add(into, MIEN_F64, choices, r->lambda, "lambda");
    }
    return status == MIEN_OK ? mien_checkpoint_state_add(
                                   into, MIEN_F64, m->targets, r->error, "error")
                             : status;
}

static mien_status load(void *own, mien_archive *archive) {
    mien_checkpoint_state all = {0};
    mien_status status = state(own, &all);
    if (status == MIEN_OK) {
        status = mien_checkpoint_state_load(&all, archive);
    }
    mien_checkpoint_state_clear(&all);
    return status;
}

/* ---- what it came to ------------------------------------------------------------ */

/* The candidates that have weight, and the error inside. */
static mien_value *choice_value(const ridge *r, int t, mien_status *status) {
    const mien_feature_set *m = r->setup.feature_set;
    mien_value *map = mien_value_new_map(), *list = mien_value_new_list();
    for (int c = 0; c < m->candidates_count; c++) {
        double weight = r->weight[c * m->targets + t];
        if (weight > 0) {
            mien_value *one = mien_value_new_map();
            mien_document_text(one, "candidate", m->candidate_name[c], status);
            mien_document_put(one, "weight", mien_value_new_number(weight), status);
            mien_document_put(one, "lambda",
                mien_value_new_number(r->lambda[c * m->targets + t]), status);
            mien_document_add(list, one, status);
        }
    }
    mien_document_put(map, "candidates", list, status);
    mien_document_put(
        map, "inner_rmse", mien_value_new_number(sqrt(r->error[t])), status);
    return map;
}

static mien_status result(void *own, mien_training_result *out) {
    ridge *r = own;
    mien_status status = MIEN_OK;
    for (int t = 0; t < r->setup.feature_set->targets; t++) {
        mien_value_free(&r->told[t]);
        r->told[t] = choice_value(r, t, &status);
    }
    out->tested = r->rows.tested_count;
    out->rows = r->tested;
    out->predictions = r->predictions;
    out->plain = r->plain;
    out->chosen = r->told;
    return status;
}

static mien_network_fit_epoch epoch_at(const void *own, int64_t epoch) {
    (void)own;
    (void)epoch;
    return (mien_network_fit_epoch){0};
}

/* ---- predicting again ----------------------------------------------------------- */

/* Mean of a block's values over the training rows. */
static void mean_of(const ridge *r, int block, float *mean) {
    const mien_feature_set *m = r->setup.feature_set;
    int64_t width = m->blocks.width[block], n = r->rows.training_count;
    for (int64_t k = 0; k < width; k++) {
        double sum = 0;
        for (int64_t i = 0; i < n; i++) {
            int64_t row = r->training[i], item = m->item ? m->item[row] : row;
            sum += (double)m->blocks.values[block][item * width + k];
        }
        mean[k] = (float)(sum / (double)n);
    }
}

/* The tested rows' values of one block as a change shows them. Pictures are the only
 * input of a read-out so far: bit 0. */
static mien_status change_block(
    const ridge *r, const mien_columns_change *change, int block, float **out) {
    const mien_feature_set *m = r->setup.feature_set;
    int64_t width = m->blocks.width[block], n = r->rows.tested_count;
    float *values = *out = mien_alloc((size_t)(n * width), sizeof *values);
    float *mean = mien_alloc((size_t)width, sizeof *mean);
    mien_status status = values && mean ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && change->hidden & 1) {
        mean_of(r, block, mean);
    }
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        int64_t row = r->tested[i];
        row = change->moved & 1 ? change->from[row] : row;
        int64_t item = m->item ? m->item[row] : row;
        memcpy(values + i * width,
            change->hidden & 1 ? mean : m->blocks.values[block] + item * width,
            (size_t)width * sizeof *values);
    }
    mien_free(mean);
    return status;
}

static mien_status predict(
    void *own, const mien_columns_change *change, double *predictions) {
    ridge *r = own;
    const mien_training_setup *s = &r->setup;
    const mien_feature_set *m = s->feature_set;
    float *values[MIEN_BLOCKS_MAX] = {NULL};
    int64_t *items = mien_alloc((size_t)r->rows.tested_count, sizeof *items);
    mien_blocks blocks = m->blocks;
    mien_status status = items ? choose(r) : MIEN_ENOMEM;
    if (status == MIEN_OK && (!change || !(change->hidden | change->moved))) {
        status = mien_choice_predict(
            &r->choice, m, m->candidates, &r->rows, NULL, NULL, s->pool, predictions);
        mien_free(items);
        return status;
    }
    for (int b = 0; status == MIEN_OK && b < blocks.count; b++) {
        status = change_block(r, change, b, &values[b]);
        blocks.values[b] = values[b];
    }
    for (int64_t i = 0; status == MIEN_OK && i < r->rows.tested_count; i++) {
        items[i] = i;
    }
    blocks.rows = r->rows.tested_count;
    if (status == MIEN_OK) {
        status = mien_choice_predict(&r->choice, m, m->candidates, &r->rows, &blocks,
            items, s->pool, predictions);
    }
    for (int b = 0; b < blocks.count; b++) {
        mien_free(values[b]);
    }
    mien_free(items);
    return status;
}

/* ---- the model ------------------------------------------------------------------ */

mien_status mien_ridge_save(mien_training *training, const double (*interval)[2],
    const mien_after *after, const mien_value *document,
    const mien_train_options *options, const char *path,
    struct mien_golden_shared *shared) {
    ridge *r = mien_training_own(training);
    const mien_training_setup *s = &r->setup;
    mien_final_model final = {0};
    const mien_final_model_rows fitted = {r->training, r->rows.training_count};
    mien_status status = mien_final_model_fit(
        &final, s->feature_set, s->dataset, s->study, &fitted, interval, s->pool);
    if (status == MIEN_OK) {
        final.network.after = *after;
        status =
            mien_final_model_save(&final, s->study, document, options, path, shared);
    }
    mien_final_model_clear(&final);
    return status;
}

const mien_trainer mien_trainer_ridge = {
    .name = "ridge",
    .method = "readout",
    .summary = "Kernel ridge regression on the features of a frozen network",
    .can = MIEN_TRAINS_NUMBERS | MIEN_TRAINS_GROUPS,
    .check = check,
    .open = open,
    .close = close,
    .run = run,
    .done = done,
    .state = state,
    .load = load,
    .result = result,
    .epoch_at = epoch_at,
    .predict = predict,
};
