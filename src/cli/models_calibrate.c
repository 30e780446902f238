/* SPDX-License-Identifier: MIT */
/* mien models calibrate: a model and what it predicted of labelled rows in, the same
 * model at the temperature that suits them out. cmd_models.c calls it;
 * mien_temperature_fit() (eval) fits, mien_model_calibrate() (train) writes. */
#include "cli/models_calibrate.h"

#include <string.h>

#include "cli/evaluate_trials.h"
#include "cli/figures.h"
#include "cli/output.h"
#include "models/contract/file.h"

enum { BINS = 15 };

/* What one call reads. */
typedef struct reading {
    const mien_model *model;
    mien_table *table;
    mien_trials *trials; /* NULL: truths stand in the table */
    cli_match match;
    double temperature[MIEN_TARGETS_MAX];
    int found;
} reading;

static void reading_clear(reading *r) {
    cli_match_clear(&r->match);
    mien_trials_close(&r->trials);
    mien_table_free(&r->table);
}

static mien_status reading_open(reading *r, const char *path, const char *trials) {
    char *file = mien_file_is_directory(path) ? mien_path_join(path, "predictions.csv")
                                              : mien_strdup(path);
    mien_status status = file ? mien_table_read(file, NULL, &r->table) : MIEN_ENOMEM;
    if (status == MIEN_OK && trials) {
        status = mien_trials_open(trials, &r->trials);
    }
    if (status == MIEN_OK && trials) {
        status = cli_match_make(&r->match, r->table, r->trials);
    }
    if (status == MIEN_OK && trials) {
        cli_match_tell(&r->match, r->table);
    }
    mien_free(file);
    return status;
}

/* The target of the trial table with a name; NULL: none. */
static const mien_trials_target *rated(const reading *r, const char *name) {
    for (int t = 0; t < mien_trials_targets(r->trials); t++) {
        const mien_trials_target *target = mien_trials_target_at(r->trials, t);
        if (target->kind == MIEN_TARGET_CLASS && strcmp(target->name, name) == 0) {
            return target;
        }
    }
    return NULL;
}

/* labels->rows 0: the table has no such target. */
static mien_status read_labels(
    const reading *r, const mien_target *target, cli_labels *labels) {
    if (!r->trials) {
        return cli_has_classes(r->table, target->name)
                   ? cli_labels_read(labels, r->table, target->name, NULL, 0)
                   : MIEN_OK;
    }
    const mien_trials_target *truth = rated(r, target->name);
    bool told = mien_table_column(r->table, target->name) >= 0;
    return truth && told
               ? cli_labels_of_trials(r->table, r->trials, &r->match, truth, labels)
               : MIEN_OK;
}

static mien_status check_classes(
    const reading *r, const mien_target *target, const cli_labels *labels) {
    bool same = labels->classes == target->classes_count;
    for (int k = 0; same && !r->trials && k < labels->classes; k++) {
        const char *name = mien_table_name(r->table, labels->first + k) + labels->skip;
        same = strcmp(name, target->classes[k]) == 0;
    }
    return same ? MIEN_OK
                : mien_fail(MIEN_EFORMAT,
                      "%s: %s has other classes there than in %s, or in another order",
                      mien_table_file(r->table), target->name,
                      mien_model_path(r->model));
}

static double ece_of(const mien_class_answers *answers) {
    mien_reliability r;
    return mien_reliability_of(answers, BINS, 0, 1, &r) == MIEN_OK ? r.ece : 0;
}

/* How far it was off, and is now, on the rows that it was fitted to. */
static void tell(cli *c, const mien_target *target, cli_labels *labels,
    const mien_class_answers *answers, double temperature) {
    const mien_class_metric *loss = mien_class_metric_find("log_loss");
    double before = mien_class_metric_value(loss, answers), ece = ece_of(answers);
    for (int64_t i = 0; i < labels->rows; i++) {
        mien_temperature_apply(temperature, labels->classes,
            target->link == MIEN_LINK_CORN, labels->probability + i * labels->classes);
    }
    cli_say(c,
        "%s: temperature %.3f of %lld rows; log loss %.4f, was %.4f; ECE %.4f, was "
        "%.4f (on these rows)",
        target->name, temperature, (long long)labels->rows,
        mien_class_metric_value(loss, answers), before, ece_of(answers), ece);
}

static mien_status fit_target(cli *c, reading *r, int t) {
    const mien_target *target = &mien_model_targets(r->model)[t];
    cli_labels labels = {0};
    mien_status status = read_labels(r, target, &labels);
    if (status == MIEN_OK && labels.rows) {
        status = check_classes(r, target, &labels);
    }
    if (status == MIEN_OK && labels.rows && !labels.probability) {
        status = mien_fail(MIEN_EFORMAT, "%s: has no probabilities of %s",
            mien_table_file(r->table), target->name);
    }
    if (status == MIEN_OK && labels.rows) {
        mien_class_answers answers = cli_labels_answers(&labels, 0);
        answers.prediction = NULL;
        status = mien_temperature_fit(
            &answers, target->link == MIEN_LINK_CORN, &r->temperature[t]);
        if (status == MIEN_OK) {
            cli_labels_tell(&labels, r->table, target->name);
            tell(c, target, &labels, &answers, r->temperature[t]);
            r->found++;
        }
    }
    cli_labels_clear(&labels);
    return status;
}

static mien_status fit(cli *c, reading *r) {
    mien_status status = MIEN_OK;
    for (int t = 0; status == MIEN_OK && t < mien_model_targets_count(r->model); t++) {
        if (mien_model_targets(r->model)[t].link != MIEN_LINK_VALUE) {
            status = fit_target(c, r, t);
        }
    }
    return status != MIEN_OK || r->found
               ? status
               : mien_fail(MIEN_EFORMAT,
                     "%s: no row has the true class and probabilities of a target of "
                     "%s: a run folder has them, and so has the output of `mien "
                     "predict` beside the true classes in --trials TRIALS.tsv",
                     mien_table_file(r->table), mien_model_path(r->model));
}

mien_status cli_models_calibrate(
    cli *c, const mien_options *o, const char *name, const char *predictions) {
    static const char *const marks[] = {"\"" MIEN_CONTRACT_KEY "\":", NULL};
    const char *output = mien_options_text(o, "output");
    const char *const inputs[] = {name, predictions};
    mien_model *model = NULL;
    reading r = {0};
    if (!output) {
        return cli_usage(c, "calibrate: name the model to write with -o");
    }
    mien_status status = cli_keep_inputs(output, inputs, 2);
    status = status ? status : cli_keep_others(o, output, marks);
    status = status ? status : mien_model_open(name, &model);
    r.model = model;
    status =
        status ? status : reading_open(&r, predictions, mien_options_text(o, "trials"));
    status = status ? status : fit(c, &r);
    status = status ? status : mien_model_calibrate(model, r.temperature, output);
    if (status == MIEN_OK) {
        cli_say(c, "%s is written", output);
    }
    reading_clear(&r);
    mien_model_close(&model);
    return status;
}
