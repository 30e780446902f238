/* SPDX-License-Identifier: MIT */
/* Explains a run: what its inputs contribute to what it predicts of rows it has not
 * learnt from. */
#include "train/explain/explain.h"
#include "base/need.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/run/folder.h"

mien_explain_options mien_explain_options_default(void) {
    return (mien_explain_options){.threads = 1, .repeats = 5, .seed = 1};
}

static int64_t fits_of(const mien_explanation *e) {
    return (int64_t)(1 + e->lefts) * e->seeds * e->dataset->folds;
}

static void explanation_clear(mien_explanation *e) {
    for (int64_t i = 0; e->fit && i < fits_of(e); i++) {
        mien_fit_answers_clear(&e->fit[i]);
    }
    mien_free(e->fit);
    mien_free(e->retrained);
    mien_free(e->predictions);
    mien_free(e->from);
    mien_free(e->change);
    mien_free(e->row);
    mien_replay_close(&e->replay);
}

static mien_status check_options(const mien_explain_options *o, const char *path) {
    if (strcmp(mien_path_extension(path), "json") != 0) {
        return mien_fail(MIEN_EINVAL, "%s: its name must end with .json", path);
    }
    return o->repeats >= 1 && o->repeats <= 1000
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL, "permutations: 1 to 1000 of each input");
}

static mien_status open_run(mien_explanation *e) {
    mien_train_options o = mien_train_options_default();
    o.threads = e->options.threads;
    o.progress = e->options.progress;
    o.context = e->options.context;
    mien_status status = mien_replay_open(e->run, &o, &e->replay);
    if (status != MIEN_OK) {
        return status;
    }
    e->dataset = mien_replay_dataset(e->replay);
    e->study = mien_replay_study(e->replay);
    e->inputs = e->dataset->inputs;
    e->seeds = mien_replay_seeds(e->replay);
    e->repeats = e->options.repeats;
    e->values = e->dataset->rows * e->dataset->width;
    return MIEN_OK;
}

static mien_status predict(mien_explanation *e) {
    int64_t count = e->changes * e->seeds * e->values;
    e->predictions = mien_alloc((size_t)count, sizeof *e->predictions);
    e->row = mien_alloc((size_t)e->dataset->rows, sizeof *e->row);
    bool crossed = e->dataset->cell != NULL;
    if (crossed) {
        e->fit = mien_alloc((size_t)fits_of(e), sizeof *e->fit);
    }
    mien_status status = e->predictions && e->row && (e->fit || !crossed)
                             ? mien_replay_predict(e->replay, e->change, e->changes,
                                   e->predictions, 1 + e->lefts, e->fit)
                             : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < e->dataset->rows; i++) {
        if (e->dataset->fold[i] >= 0) {
            e->row[e->rows++] = i;
        }
    }
    return status;
}

static mien_status attend(mien_explanation *e) {
    return e->options.attention ? mien_replay_attention(e->replay, e->options.attention)
                                : MIEN_OK;
}

static mien_status write(const mien_explanation *e, const char *path) {
    mien_value *document = NULL;
    mien_string rows;
    mien_string_init(&rows);
    mien_status status = mien_string_addf(
        &rows, "%.*s.csv", (int)(strlen(path) - strlen(".json")), path);
    if (status == MIEN_OK) {
        status = mien_explanation_write_rows(e, rows.text);
    }
    if (status == MIEN_OK) {
        status = mien_explanation_document(e, &document);
    }
    if (status == MIEN_OK) {
        status = mien_folder_document(document, path);
    }
    mien_value_free(&document);
    mien_string_clear(&rows);
    return status;
}

mien_status mien_explain(
    const char *run, const mien_explain_options *options, const char *path) {
    MIEN_NEED(run, path);
    typedef mien_status doing(mien_explanation *);
    static doing *const steps[] = {open_run, mien_explanation_changes, predict, attend,
        mien_explanation_retrain, mien_explanation_score, mien_explanation_cells};
    mien_explanation *e = mien_alloc(1, sizeof *e);
    if (!e) {
        return MIEN_ENOMEM;
    }
    e->run = run;
    e->options = options ? *options : mien_explain_options_default();
    mien_status status = check_options(&e->options, path);
    for (size_t i = 0; status == MIEN_OK && i < sizeof steps / sizeof *steps; i++) {
        status = steps[i](e);
    }
    if (status == MIEN_OK) {
        status = write(e, path);
    }
    explanation_clear(e);
    mien_free(e);
    return status;
}
