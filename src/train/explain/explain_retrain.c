/* SPDX-License-Identifier: MIT */
/* Trains a run's study once more without each of its inputs, in folders of the run. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/explain/explain.h"

/* RUN/explain/without-NAME */
static mien_status folder_of(const mien_explanation *e, int input, mien_string *path) {
    char *explain = mien_path_join(e->run, "explain");
    mien_status status = explain ? mien_directory_make(explain) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_string_addf(
            path, "%s/without-%s", explain, e->dataset->input[input].input.name);
    }
    mien_free(explain);
    return status;
}

/* The study of the run, but for one input. */
static mien_status open_study(
    const mien_explanation *e, int without, mien_study **study) {
    char *path = mien_path_join(e->run, "study.yaml");
    mien_string trials, inputs;
    mien_string_init(&trials);
    mien_string_init(&inputs);
    mien_string_addf(&trials, "trials=%s", e->study->trials);
    mien_string_add(&inputs, "inputs=");
    for (int m = 0, n = 0; m < e->inputs; m++) {
        if (m != without) {
            mien_string_addf(&inputs, "%s%s", n++ ? ";" : "", e->study->inputs[m]);
        }
    }
    mien_status status = path ? mien_string_status(&trials) : MIEN_ENOMEM;
    status = status == MIEN_OK ? mien_string_status(&inputs) : status;
    if (status == MIEN_OK) {
        const char *const sets[] = {trials.text, inputs.text};
        status = mien_study_open(path, sets, 2, study);
    }
    mien_string_clear(&inputs);
    mien_string_clear(&trials);
    mien_free(path);
    return status;
}

static mien_status train(const mien_explanation *e, int without, const char *folder) {
    mien_study *study = NULL;
    mien_train_options o = mien_train_options_default();
    o.threads = e->options.threads;
    o.progress = e->options.progress;
    o.context = e->options.context;
    char *record = mien_path_join(folder, "run.json");
    mien_status status = record ? MIEN_OK : MIEN_ENOMEM;
    bool begun = record && mien_file_exists(record);
    if (status == MIEN_OK && begun) {
        status = mien_resume(folder, &o);
    } else if (status == MIEN_OK) {
        status = open_study(e, without, &study);
        if (status == MIEN_OK) {
            status = mien_train(study, folder, &o);
        }
    }
    mien_study_close(&study);
    mien_free(record);
    return status == MIEN_OK ? status
                             : mien_fail_in(status, "without %s",
                                   e->dataset->input[without].input.name);
}

/* ---- reading what it predicts -------------------------------------------------- */

static mien_status check_trial(
    const mien_explanation *e, const mien_table *table, int64_t at, int64_t row) {
    int trial = mien_table_column(table, "trial");
    const char *cell = mien_table_cell(table, at, trial);
    const char *id = mien_trials_id(e->dataset->trials, e->dataset->row[row]);
    return cell && strcmp(cell, id) == 0
               ? MIEN_OK
               : mien_fail(MIEN_EVERIFY,
                     "%s:%lld: trial %s stands where the run has %s: remove the folder "
                     "to train it anew",
                     mien_table_file(table), (long long)mien_table_line(table, at),
                     cell ? cell : "n/a", id);
}

/* Rows stand as the run's do: all tested ones of the first seed, then of the next. */
static mien_status read_column(const mien_explanation *e, const mien_table *table,
    const char *name, int64_t place, double *values) {
    int column = mien_table_column(table, name);
    mien_status status =
        column >= 0 && mien_table_rows(table) == e->seeds * e->rows
            ? MIEN_OK
            : mien_fail(MIEN_EVERIFY,
                  "%s: its rows or columns are not those of the run: remove the folder "
                  "to train it anew",
                  mien_table_file(table));
    for (int64_t i = 0; status == MIEN_OK && i < e->seeds * e->rows; i++) {
        int64_t row = e->row[i % e->rows];
        double *to = values + i / e->rows * e->values + row * e->dataset->width;
        status = check_trial(e, table, i, row);
        if (status == MIEN_OK) {
            status = mien_table_number(table, i, column, &to[place]);
        }
    }
    return status;
}

/* TARGET_prediction; of classes TARGET_p_CLASS of each. */
static mien_status read_target(const mien_explanation *e, const mien_table *table,
    const mien_dataset_target *target, double *values) {
    const mien_trials_target *from = target->from;
    char name[256];
    mien_status status = MIEN_OK;
    if (target->value) {
        snprintf(name, sizeof name, "%s_prediction", from->name);
        return read_column(e, table, name, target->place, values);
    }
    for (int k = 0; status == MIEN_OK && k < from->classes; k++) {
        snprintf(name, sizeof name, "%s_p_%s", from->name, from->class_name[k]);
        status = read_column(e, table, name, target->place + k, values);
    }
    return status;
}

static mien_status read_predictions(
    const mien_explanation *e, const char *folder, double *values) {
    mien_table *table = NULL;
    char *path = mien_path_join(folder, "predictions.csv");
    mien_status status = path ? mien_table_read(path, NULL, &table) : MIEN_ENOMEM;
    for (int t = 0; status == MIEN_OK && t < e->dataset->targets; t++) {
        status = read_target(e, table, &e->dataset->target[t], values);
    }
    mien_table_free(&table);
    mien_free(path);
    return status;
}

static mien_status retrain_one(mien_explanation *e, int input) {
    mien_string folder;
    mien_string_init(&folder);
    mien_status status = folder_of(e, input, &folder);
    if (status == MIEN_OK) {
        status = train(e, input, folder.text);
    }
    if (status == MIEN_OK) {
        status = read_predictions(
            e, folder.text, e->retrained + input * e->seeds * e->values);
    }
    mien_string_clear(&folder);
    return status;
}

mien_status mien_explanation_retrain(mien_explanation *explanation) {
    mien_explanation *e = explanation;
    if (!e->options.retrain) {
        return MIEN_OK;
    }
    if (e->inputs < 2) {
        return mien_fail(MIEN_EINVAL,
            "%s: without its only input there is nothing to train on", e->run);
    }
    e->retrained =
        mien_alloc((size_t)(e->inputs * e->seeds * e->values), sizeof *e->retrained);
    mien_status status = e->retrained ? MIEN_OK : MIEN_ENOMEM;
    for (int m = 0; status == MIEN_OK && m < e->inputs; m++) {
        status = retrain_one(e, m);
    }
    return status;
}
