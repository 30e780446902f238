/* SPDX-License-Identifier: MIT */
/* The files a run of a network ends with. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/beside.h"
#include "train/run/study_run_parts.h"
#include "train/run/checkpoint.h"
#include "train/run/each_document.h"
#include "train/scores/scores_each.h"
#include "train/document.h"
#include "train/run/folder.h"
#include "train/run/tally.h"
#include "train/run/trained_on.h"
#include "train/golden.h"
#include "train/trainers/trainer_ridge.h"

/* ---- results.json -------------------------------------------------------------- */

static mien_value *input_names(const mien_architecture *a, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int m = 0; m < a->inputs_count; m++) {
        mien_document_add(list, mien_value_new_text(a->inputs[m].name), status);
    }
    return list;
}

static void put_network(mien_value *map, const mien_study_run *c, mien_status *status) {
    const mien_architecture *a = &c->net.architecture;
    mien_document_text(map, "network", a->preset.kind, status);
    mien_document_text(map, "settings", a->preset.settings, status);
    mien_document_put(map, "inputs", input_names(a, status), status);
}

/* A network of parts: each input's stages, the fusion, the head. */
static void put_inputs(mien_value *map, const mien_study_run *c, mien_status *status) {
    const mien_architecture *a = &c->net.architecture;
    mien_value *branches = mien_value_new_map();
    for (int m = 0; m < a->inputs_count; m++) {
        mien_value *stages = mien_value_new_list();
        for (int i = 0; i < a->branches[m].stages; i++) {
            const mien_part_choice *stage = &a->branches[m].stage[i];
            char text[sizeof stage->kind + sizeof stage->settings + 4];
            snprintf(text, sizeof text, "%s: %s", stage->kind, stage->settings);
            mien_document_add(stages, mien_value_new_text(text), status);
        }
        mien_document_put(branches, a->inputs[m].name, stages, status);
    }
    mien_document_text(map, "sha256", c->weights_hash, status);
    mien_document_put(map, "inputs", input_names(a, status), status);
    mien_document_put(map, "branches", branches, status);
    mien_document_text(map, "fusion", a->fusion.kind, status);
    mien_document_text(map, "fusion_settings", a->fusion.settings, status);
}

/* How many values were learnt, how many were not touched. */
static void put_values(mien_value *map, const mien_study_run *c, mien_status *status) {
    mien_tally tally;
    mien_tally_part backbone[MIEN_TALLY_PARTS];
    int backbones = 0;
    if (mien_trainer_kernels(c->study->trainer)) {
        mien_status checked = mien_feature_set_check(c->study, backbone, &backbones);
        *status = *status == MIEN_OK ? checked : *status;
        mien_tally_readout(c->study, &c->dataset, backbone, backbones, &tally);
    } else {
        mien_tally_network(&c->net, c->study, c->job[c->model].trained, &tally);
    }
    mien_document_put(map, "values", mien_tally_value(&tally, status), status);
}

static mien_value *model_value(const mien_study_run *c, mien_status *status) {
    mien_value *map = mien_value_new_map();
    put_values(map, c, status);
    if (mien_trainer_kernels(c->study->trainer)) {
        mien_document_text(map, "backbone", c->study->backbone->name, status);
        mien_document_text(map, "sha256", c->feature_set.backbone_hash, status);
        mien_document_text(map, "layers", c->feature_set.layers, status);
        mien_document_text(map, "of", c->job[c->model].name, status);
        return map;
    }
    if (c->study->preset) {
        put_network(map, c, status);
    } else if (c->study->inputs_count || c->study->inputs_tree) {
        put_inputs(map, c, status);
    } else {
        mien_document_text(map, "backbone", c->study->backbone->name, status);
        mien_document_text(map, "sha256", c->weights_hash, status);
        mien_document_text(
            map, "layers", mien_options_text(c->study->options, "head.layer"), status);
    }
    if (c->study->trainer->learner) {
        mien_document_text(map, "head", c->net.architecture.head.kind, status);
    }
    mien_document_int(map, "trained", c->job[c->model].trained, status);
    mien_document_text(map, "of", c->job[c->model].name, status);
    return map;
}

/* The smoothing that was chosen for each target of numbers. */
static mien_value *smoothing_value(
    const mien_study_run *c, const mien_study_run_job *job, mien_status *status) {
    mien_value *map = mien_value_new_map();
    for (int t = 0; t < c->dataset.targets; t++) {
        if (c->dataset.target[t].value) {
            mien_document_put(map, c->dataset.target[t].from->name,
                mien_value_new_number(job->smooth[t]), status);
        }
    }
    return map;
}

/* By what each target's logits are divided. */
static mien_value *temperature_value(
    const mien_study_run *c, const mien_study_run_job *job, mien_status *status) {
    mien_value *map = mien_value_new_map();
    for (int t = 0; t < c->dataset.targets; t++) {
        if (job->temperature[t] > 0) {
            mien_document_put(map, c->dataset.target[t].from->name,
                mien_value_new_number(job->temperature[t]), status);
        }
    }
    return map;
}

static mien_value *fits_value(const mien_study_run *c, mien_status *status) {
    mien_value *list = mien_value_new_list();
    for (int i = 0; i < c->jobs; i++) {
        const mien_study_run_job *job = &c->job[i];
        mien_value *map = mien_value_new_map();
        mien_document_text(map, "name", job->name, status);
        mien_document_int(map, "epochs", job->epochs, status);
        mien_document_int(map, "steps", job->steps, status);
        mien_document_put(map, "kept",
            job->best >= 0 ? mien_value_new_int(job->best) : mien_value_new_null(),
            status);
        if (c->unsmoothed) {
            mien_document_put(
                map, "smoothing", smoothing_value(c, job, status), status);
        }
        if (mien_options_flag(c->study->options, "calibration.temperature")) {
            mien_document_put(
                map, "temperature", temperature_value(c, job, status), status);
        }
        mien_status added = mien_value_add(list, map);
        *status = *status == MIEN_OK ? added : *status;
    }
    return list;
}

static mien_value *chosen_by(
    const mien_study_run_job *job, int target, mien_status *status) {
    mien_value *copy = NULL;
    mien_status copied = mien_value_copy(job->chosen[target], &copy);
    *status = *status == MIEN_OK ? copied : *status;
    return copy;
}

/* The choices made for a target on the training rows: by the model, and in each
 * fold. */
static void put_chosen(
    const void *context, int target, mien_value *map, mien_status *status) {
    const mien_study_run *c = context;
    mien_value *folds = mien_value_new_list();
    for (int i = 0; i < c->jobs; i++) {
        if (c->job[i].fold < c->dataset.folds) {
            mien_document_add(folds, chosen_by(&c->job[i], target, status), status);
        }
    }
    mien_document_put(
        map, "chosen", chosen_by(&c->job[c->model], target, status), status);
    mien_document_put(map, "chosen_by_fold", folds, status);
}

static mien_status make_document(mien_study_run *c, mien_value **document) {
    const mien_scores_more more = {.method = c->study->trainer->method,
        .target = c->job[c->model].chosen[0] ? put_chosen : NULL,
        .context = c};
    mien_value *map = NULL, *model = NULL;
    mien_status status = MIEN_OK;
    model = model_value(c, &status);
    if (status != MIEN_OK) {
        mien_value_free(&model);
        return status;
    }
    status = mien_scores_document(&c->scores, &c->dataset, model, &more, &map);
    if (status == MIEN_OK) {
        mien_document_put(map, "fits", fits_value(c, &status), &status);
        mien_study_run_variants_put(c, map, &status);
        if (c->tell) {
            c->tell(c->tell_context, map, &status);
        }
    }
    if (status != MIEN_OK) {
        mien_value_free(&map);
        return status;
    }
    *document = map;
    return MIEN_OK;
}

/* ---- metrics.csv --------------------------------------------------------------- */

static mien_status write_history(const mien_study_run *c, const char *path) {
    static const char *const names[] = {"fit", "epoch", "loss_train", "loss_validation",
        "metric", "rate", "norm", "accuracy_train", "metric_test"};
    const bool watched = mien_network_fit_watches(c->study);
    const int columns = watched ? 9 : 7;
    mien_table_writer *writer = NULL;
    mien_status status =
        mien_table_writer_open(path, MIEN_CSV, columns, names, &writer);
    for (int i = 0; i < c->jobs; i++) {
        const mien_study_run_job *job = &c->job[i];
        for (int64_t e = 0; status == MIEN_OK && e < job->epochs; e++) {
            const mien_network_fit_epoch *h = &job->history[e];
            const double numbers[] = {h->loss_train, h->loss_validation, h->metric,
                h->rate, h->norm, h->accuracy_train, h->metric_test};
            char text[8][32];
            const char *cells[9] = {job->name, text[0]};
            snprintf(text[0], sizeof text[0], "%lld", (long long)e);
            for (int k = 0; k < columns - 2; k++) {
                cells[2 + k] = isfinite(numbers[k])
                                   ? mien_format_double(numbers[k], text[1 + k])
                                   : NULL;
            }
            status = mien_table_writer_row(writer, cells);
        }
    }
    return mien_folder_rows_close(&writer, status);
}

/* ---- model --------------------------------------------------------------------- */

/* The description of what computed an input's features, as the sidecar of the trial
 * table has it. */
static const mien_value *made_by(const mien_study_run *c, const char *column) {
    static const char prefix[] = "features.";
    const mien_value *features =
        mien_value_get(mien_trials_sidecar(c->dataset.trials), "features");
    const bool is = strncmp(column, prefix, sizeof prefix - 1) == 0;
    return is ? mien_value_get(
                    mien_value_get(features, column + sizeof prefix - 1), "made_by")
              : NULL;
}

static void describe_inputs(const mien_study_run *c, mien_network *n) {
    for (int m = 0; m < c->dataset.inputs; m++) {
        bool small = c->dataset.input[m].small;
        n->segment_s = small ? mien_dataset_segment_s(&c->dataset) : n->segment_s;
        n->architecture.inputs[m].standardise = c->columns.standard[m].width > 0;
        n->standard[m] = c->columns.standard[m];
        n->made_by[m] = made_by(c, c->dataset.input[m].input.column);
    }
}

/* A model that is judged smoothed predicts smoothed: seconds and hertz, so that
 * segments of another length are smoothed alike. */
static void describe_after(const mien_study_run *c, mien_network *n) {
    static const char *const rules[] = {"none", "mean", "butterworth"};
    const mien_study_run_job *job = &c->job[c->model];
    const char *by = mien_options_text(c->study->options, "folds.by");
    bool mean = c->study->smoothing == MIEN_SMOOTHING_MEAN;
    memcpy(n->after.temperature, job->temperature, sizeof job->temperature);
    if (c->study->smoothing == MIEN_SMOOTHING_NONE) {
        return;
    }
    n->segment_s = mien_dataset_segment_s(&c->dataset);
    n->after.unclamped =
        true; /* The predictions that were judged were not clamped either. */
    snprintf(n->after.series, sizeof n->after.series, "%s", by);
    for (int t = 0; t < n->targets_count; t++) {
        mien_after_smoothing *s = &n->after.smoothing[t];
        double chosen = job->smooth[t], length = n->segment_s;
        bool smooths = c->dataset.target[t].value && chosen > 0;
        snprintf(s->rule, sizeof s->rule, "%s",
            rules[smooths ? c->study->smoothing : MIEN_SMOOTHING_NONE]);
        if (smooths) {
            s->order =
                mean ? 0 : (int)mien_options_int(c->study->options, "smoothing.order");
            s->value = !(length > 0) ? chosen
                       : mean        ? chosen * length
                                     : chosen / (2 * length);
        }
    }
}

static void describe_interval(const mien_conformal *from, mien_after_interval *to) {
    to->parts = from->parts;
    to->level = from->level;
    memcpy(to->cut, from->cut, sizeof to->cut);
    memcpy(to->low, from->low, sizeof to->low);
    memcpy(to->high, from->high, sizeof to->high);
}

/* Those of each value of calibration.by that has its own; the caller frees
 * after->values as *values. Targets number the values alike. */
static mien_status describe_values(
    const mien_study_run *c, mien_after *after, mien_after_value **values) {
    const char *column = mien_options_text(c->study->options, "calibration.by");
    int64_t count = 0;
    for (int t = 0; t < c->dataset.targets; t++) {
        int64_t n = c->scores.target[t].conformal.values;
        count = n > count ? n : count;
    }
    *values = *column && count ? mien_alloc((size_t)count, sizeof **values) : NULL;
    if (!*column || !count) {
        return MIEN_OK;
    }
    if (!*values) {
        return MIEN_ENOMEM;
    }
    for (int64_t v = 0; v < count; v++) {
        mien_after_value one = {0};
        for (int t = 0; t < c->dataset.targets; t++) {
            const mien_conformal_scores *s = &c->scores.target[t].conformal;
            if (v < s->values && s->value[v].all.parts) {
                one.value = s->value[v].name;
                describe_interval(&s->value[v].all, &one.interval[t]);
            }
        }
        if (one.value) {
            (*values)[after->values_count++] = one;
        }
    }
    snprintf(after->interval_by, sizeof after->interval_by, "%s", column);
    after->values = *values;
    return MIEN_OK;
}

/* Intervals as the held-out rows of all folds have them. */
static mien_status describe_intervals(
    const mien_study_run *c, mien_after *after, mien_after_value **values) {
    for (int t = 0; t < c->dataset.targets; t++) {
        const mien_conformal_scores *s = &c->scores.target[t].conformal;
        const mien_label_sets *sets = &c->scores.target[t].sets;
        if (sets->parts) {
            after->set_level[t] = sets->level;
            after->set_from[t] = sets->all;
        }
        if (s->parts) {
            describe_interval(&s->all, &after->interval[t]);
        }
    }
    return describe_values(c, after, values);
}

static mien_status write_readout(
    mien_study_run *c, const mien_value *document, const char *path) {
    double interval[MIEN_TARGETS_MAX][2];
    mien_train_options o = *c->options;
    o.weights = c->weights;
    o.threads = c->threads;
    o.exact = c->exact;
    for (int t = 0; t < c->dataset.targets; t++) {
        memcpy(interval[t], c->scores.target[t].residual, sizeof interval[t]);
    }
    mien_after after = {0};
    mien_after_value *values = NULL;
    mien_status status = describe_intervals(c, &after, &values);
    if (status == MIEN_OK) {
        status = mien_ridge_save(c->job[c->model].training,
            (const double(*)[2])interval, &after, document, &o, path, &c->golden);
    }
    mien_free(values);
    return status;
}

static mien_status write_model(
    mien_study_run *c, const mien_value *document, const char *path) {
    const mien_options *o = c->study->options;
    if (mien_trainer_kernels(c->study->trainer)) {
        return write_readout(c, document, path);
    }
    int64_t count = mien_options_int(o, "model.golden");
    mien_network n = {.architecture = c->net.architecture,
        .targets_count = c->dataset.targets,
        .training = document};
    mien_golden golden = {0};
    describe_inputs(c, &n);
    snprintf(n.licence, sizeof n.licence, "%s", mien_options_text(o, "model.licence"));
    snprintf(
        n.citation, sizeof n.citation, "%s", mien_options_text(o, "model.citation"));
    for (int t = 0; t < n.targets_count; t++) {
        n.targets[t] = c->dataset.target[t].target;
        n.targets[t].interval_low = c->scores.target[t].residual[0];
        n.targets[t].interval_high = c->scores.target[t].residual[1];
    }
    describe_after(c, &n);
    mien_after_value *values = NULL;
    mien_status status = describe_intervals(c, &n.after, &values);
    if (status == MIEN_OK) {
        mien_files_group_begin();
        status = mien_network_save(path, &n, c->net.parameters, NULL, 0);
        mien_files_group_end();
    }
    if (status == MIEN_OK) {
        status = mien_golden_make(
            &golden, count, path, &c->dataset, NULL, c->exact, c->threads, NULL);
    }
    if (status == MIEN_OK) {
        status = mien_network_save(path, &n, c->net.parameters, golden.input, count);
    }
    mien_golden_clear(&golden);
    mien_free(values);
    if (status != MIEN_OK) {
        remove(path); /* without its golden vectors it is not the run's */
    }
    return status;
}

/* ---- all ----------------------------------------------------------------------- */

enum { STUDY, TRIALS, PREDICTIONS, METRICS, RESULTS, MODEL, FILES };
enum { EACH_NAME = 64 };
enum { CELL_FILES = MIEN_CELLS - 1, ALL_FILES = FILES + CELL_FILES };
/* The first FILES are of every run; the rest are of crossed folds, one a cell but for
 * that of predictions.csv. */
static const char *const all_files[ALL_FILES] = {"study.yaml", "trials.tsv",
    "predictions.csv", "metrics.csv", "results.json", "model.safetensors",
    "predictions-person-seen.csv", "predictions-stimulus-seen.csv",
    "predictions-both-seen.csv"};

/* Averages, by cell, the answers of every fit to the rows it tested. */
static mien_status gather_cells(
    const mien_study_run *c, mien_crossed_answers *crossed) {
    int fits = mien_study_run_fits(c), folds = c->dataset.folds;
    const mien_fit_answers **all = mien_alloc((size_t)(c->seeds * folds), sizeof *all);
    for (int i = 0; all && i < c->seeds * folds; i++) {
        all[i] = &c->job[i / folds * fits + i % folds].answers;
    }
    mien_status status =
        all ? mien_crossed_answers_make(crossed, &c->dataset, c->seeds, all)
            : MIEN_ENOMEM;
    mien_free(all);
    return status;
}

static mien_status write_cells(
    const mien_study_run *c, const mien_crossed_answers *crossed) {
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < CELL_FILES; k++) {
        char *path = mien_path_join(c->folder, all_files[FILES + k]);
        status = path ? mien_scores_write_cell(&c->scores, &c->dataset, crossed,
                            (mien_cell)(MIEN_CELL_PERSON_SEEN + k), path)
                      : MIEN_ENOMEM;
        mien_free(path);
    }
    return status;
}

/* Adds to the model's file alone the fingerprints by which prediction knows the rows
 * that it was trained on. */
static mien_status add_trained_on(
    const mien_study_run *c, mien_fingerprints *prints, mien_value *document) {
    mien_value *map = NULL;
    mien_status status =
        mien_trained_on(&c->dataset, c->study, c->job[c->model].fold, prints, &map);
    return status == MIEN_OK ? mien_value_set(document, "trained_on", map) : status;
}

/* ---- one model for each ---------------------------------------------------------- */

/* A fit that is done, as its checkpoint has it. */
static mien_status open_again(mien_study_run_job *job) {
    int64_t bytes = 0;
    if (job->training) {
        return MIEN_OK;
    }
    mien_batches_close(&job->feed);
    mien_status status = mien_study_run_job_open(job);
    return status
               ? status
               : mien_checkpoint_read(job->checkpoint, job->training, job->id, &bytes);
}

/* What the models of all share: results.json, figures of each, hashes of files. */
typedef struct each_models {
    const mien_value *document, *figures;
    mien_fingerprints *prints;
} each_models;

/* each/WORD.safetensors of all whose model on all rows was fitted. */
static mien_status write_each_model(
    mien_study_run *c, int64_t each, const each_models *all, const char *file) {
    int kept = c->model, index = c->dataset.folds + (int)each;
    mien_value *document = NULL;
    mien_study_run_job *job = &c->job[index];
    char *path = mien_path_join(c->folder, file);
    mien_status status = path ? open_again(job) : MIEN_ENOMEM;
    if (status == MIEN_OK && !mien_trainer_kernels(c->study->trainer)) {
        mien_net_clear(&c->net);
        mien_columns_clear(&c->columns);
        status = mien_training_take(job->training, &c->net, &c->columns);
    }
    c->model = index;
    if (status == MIEN_OK) {
        status = mien_each_document(
            c, all->document, mien_value_at(all->figures, each), each, &document);
    }
    status = status ? status : add_trained_on(c, all->prints, document);
    status = status ? status : write_model(c, document, path);
    c->model = kept;
    mien_value_free(&document);
    mien_training_close(&job->training);
    mien_free(path);
    return status;
}

static mien_status write_each(mien_study_run *c, const mien_predicted *predicted,
    mien_value *figures, mien_value *document) {
    char *path = mien_path_join(c->folder, "each.csv");
    mien_status status = path ? mien_scores_each(&c->scores, &c->dataset, predicted,
                                    c->pool, path, figures, document)
                              : MIEN_ENOMEM;
    mien_free(path);
    return status;
}

/* Models, and the sums of all files that a run with the key each has. */
static mien_status finish_each(
    mien_study_run *c, const mien_value *document, const mien_value *figures) {
    each_models all = {.document = document, .figures = figures};
    int64_t models = c->dataset.each_models ? c->dataset.eachs : 0;
    char(*name)[EACH_NAME] = mien_alloc((size_t)models + 1, sizeof *name);
    const char **files = mien_alloc((size_t)models + FILES, sizeof *files);
    char *folder = mien_path_join(c->folder, "each");
    mien_status status = name && files && folder ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && models) {
        status = mien_directory_make(folder);
        status = status ? status : mien_trained_on_open(&c->dataset, &all.prints);
    }
    for (int64_t e = 0; status == MIEN_OK && e < models; e++) {
        char word[32];
        mien_dataset_each_word(&c->dataset, e, word);
        snprintf(name[e], EACH_NAME, "each/%s.safetensors", word);
        files[FILES + e] = name[e];
        mien_files_group_begin(); /* mien_folder_sums() brings all to the disk. */
        status = write_each_model(c, e, &all, name[e]);
        mien_files_group_end();
    }
    if (status == MIEN_OK) {
        memcpy((void *)files, (const void *)all_files, MODEL * sizeof *files);
        files[MODEL] = "each.csv";
        status = mien_folder_sums(c->folder, files, FILES + (int)models);
    }
    mien_fingerprints_free(&all.prints);
    mien_free(folder);
    mien_free((void *)files);
    mien_free(name);
    return status;
}

/* The model of a study without the key each. */
static mien_status finish_one(
    mien_study_run *c, mien_value *document, const char *path) {
    mien_fingerprints *prints = NULL;
    mien_status status = mien_trained_on_open(&c->dataset, &prints);
    status = status ? status : add_trained_on(c, prints, document);
    status = status ? status : write_model(c, document, path);
    mien_fingerprints_free(&prints);
    return status;
}

/* S1's score of every fit that was watched. */
static mien_status write_best_epochs(const mien_study_run *c, mien_value *document) {
    mien_best_epochs *fits = mien_alloc((size_t)c->jobs, sizeof *fits);
    mien_status status = fits ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < c->jobs; i++) {
        const mien_study_run_job *job = &c->job[i];
        double best[3] = {-INFINITY, -INFINITY, -INFINITY};
        for (int64_t e = 0; e < job->epochs; e++) {
            double m = job->history[e].metric_test;
            for (int k = 0; k < 3 && isfinite(m); k++) {
                double less = fmin(m, best[k]);
                best[k] = fmax(m, best[k]);
                m = less;
            }
        }
        bool tested = job->fold < c->dataset.folds;
        fits[i].each =
            c->dataset.each ? mien_dataset_each_of(&c->dataset, job->fold) : 0;
        fits[i].score = tested && isfinite(best[2]) ? (best[0] + best[1] + best[2]) / 3
                                                    : (double)NAN;
    }
    status =
        status ? status : mien_scores_best_epochs(&c->dataset, fits, c->jobs, document);
    mien_free(fits);
    return status;
}

mien_status mien_study_run_write(mien_study_run *run) {
    mien_study_run *c = run;
    mien_crossed_answers crossed = {0};
    const mien_predicted predicted = {.values = c->predictions,
        .unsmoothed = c->unsmoothed,
        .plain = c->plain,
        .crossed = c->dataset.cell ? &crossed : NULL};
    char *paths[FILES] = {0};
    mien_value *document = NULL, *figures = mien_value_new_list();
    mien_status status = figures ? MIEN_OK : MIEN_ENOMEM;
    for (int i = 0; status == MIEN_OK && i < FILES; i++) {
        paths[i] = mien_path_join(c->folder, all_files[i]);
        status = paths[i] ? MIEN_OK : MIEN_ENOMEM;
    }
    if (status == MIEN_OK && c->dataset.cell) {
        status = gather_cells(c, &crossed);
    }
    if (status == MIEN_OK) {
        status =
            mien_scores_compute(&c->scores, &c->dataset, c->study, &predicted, c->pool);
    }
    if (status == MIEN_OK) {
        status = mien_scores_write_predictions(
            &c->scores, &c->dataset, &predicted, paths[PREDICTIONS]);
    }
    if (status == MIEN_OK) {
        status = write_history(c, paths[METRICS]);
    }
    if (status == MIEN_OK && c->dataset.cell) {
        status = write_cells(c, &crossed);
    }
    if (status == MIEN_OK) {
        status = make_document(c, &document);
    }
    if (status == MIEN_OK && c->dataset.each) {
        status = write_each(c, &predicted, figures, document);
    }
    if (status == MIEN_OK) {
        status = write_best_epochs(c, document);
    }
    if (status == MIEN_OK) {
        status = mien_folder_document(document, paths[RESULTS]);
    }
    if (status == MIEN_OK && c->dataset.each) {
        status = finish_each(c, document, figures);
    } else if (status == MIEN_OK) {
        status = finish_one(c, document, paths[MODEL]);
    }
    if (status == MIEN_OK && !c->dataset.each) {
        status =
            mien_folder_sums(c->folder, all_files, c->dataset.cell ? ALL_FILES : FILES);
    }
    mien_crossed_answers_clear(&crossed);
    mien_value_free(&document);
    mien_value_free(&figures);
    for (int i = 0; i < FILES; i++) {
        mien_free(paths[i]);
    }
    return status;
}
