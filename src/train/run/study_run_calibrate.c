/* SPDX-License-Identifier: MIT */
/* Calibrates what the fits of a run predicted, when all of them are done.
 *
 * In come the predictions of all jobs (study_run_jobs.c keeps them). Each job's
 * temperatures are fitted on rows that neither it nor any choice of it has learnt from:
 * of several folds those that the others hold out, with the predictions of the fits
 * that did not see them; of a single fold those that validate. Out come temperatures,
 * which go into results.json and the model file, and predictions at them;
 * study_run_write.c calls this before it judges. */
#include <math.h>
#include <string.h>

#include "train/numbering.h"
#include "train/run/study_run_parts.h"

static bool asked(const mien_study_run *c) {
    return mien_options_flag(c->study->options, "calibration.temperature");
}

static bool is_ordered(const mien_dataset_target *target) {
    return target->target.link == MIEN_LINK_CORN;
}

/* Rows of a single fold that a network predicts and does not learn from. */
static mien_status count_validation(const mien_study_run *c, int64_t *count) {
    *count = 0;
    if (!(c->study->trainer->can & MIEN_TRAINS_BY_STEPS)) {
        return MIEN_OK;
    }
    mien_part *part = mien_alloc((size_t)c->dataset.rows, sizeof *part);
    mien_status status =
        part ? mien_dataset_parts(&c->dataset, c->study, 0, part) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < c->dataset.rows; i++) {
        *count += part[i] == MIEN_PART_VALIDATION;
    }
    mien_free(part);
    return status;
}

/* How many different cells the column has among the study's rows. */
static mien_status count_cells(
    const mien_dataset *c, const char *column, int64_t *count) {
    const char **names = mien_alloc((size_t)c->rows + 1, sizeof *names);
    int64_t *number = mien_alloc((size_t)c->rows + 1, sizeof *number), n = 0;
    mien_status status = names && number ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        names[n] = mien_trials_cell(c->trials, c->row[i], column);
        n += names[n] != NULL;
    }
    *count = 0;
    if (status == MIEN_OK && n) {
        status = mien_number_names(names, n, number, count);
    }
    mien_free(number);
    mien_free(names);
    return status;
}

/* Refuses a column by whose values there can be no intervals. */
static mien_status check_by(const mien_study_run *c) {
    const mien_options *o = c->study->options;
    const char *column = mien_options_text(o, "calibration.by");
    char where[MIEN_STUDY_WHERE_MAX];
    int64_t numbers = 0, values = 0;
    if (!*column) {
        return MIEN_OK;
    }
    mien_study_where(c->study, "calibration.by", where);
    for (int t = 0; t < c->dataset.targets; t++) {
        numbers += c->dataset.target[t].value != NULL;
    }
    if (strcmp(mien_options_text(o, "calibration.intervals"), "plain") == 0) {
        return mien_fail(MIEN_EFORMAT,
            "%s: calibration.by: set calibration.intervals to one-width or thirds: "
            "plain "
            "intervals are of all rows",
            where);
    }
    if (!numbers) {
        return mien_fail(MIEN_EFORMAT,
            "%s: calibration.by: the study has no target of numbers", where);
    }
    if (mien_table_column(mien_trials_table(c->dataset.trials), column) < 0) {
        return mien_fail(MIEN_EFORMAT, "%s: calibration.by: %s has no column \"%s\"",
            where, c->study->trials, column);
    }
    if (strlen(column) >= sizeof((mien_after *)0)->interval_by) {
        return mien_fail(MIEN_EFORMAT,
            "%s: calibration.by: \"%s\" is longer than 63 bytes", where, column);
    }
    if (mien_trials_target_find(c->dataset.trials, column)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: calibration.by: %s is a target, which new rows do not have", where,
            column);
    }
    mien_status status = count_cells(&c->dataset, column, &values);
    if (status == MIEN_OK && (values < 1 || values > MIEN_INTERVAL_VALUES_MAX)) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: calibration.by: column \"%s\" has %lld values; 1 to %d are allowed",
            where, column, (long long)values, MIEN_INTERVAL_VALUES_MAX);
    }
    return status;
}

mien_status mien_study_run_calibration_check(const mien_study_run *run) {
    const mien_study_run *c = run;
    char where[MIEN_STUDY_WHERE_MAX];
    int64_t classes = 0, rows = 1;
    mien_status status = check_by(c);
    if (status != MIEN_OK || !asked(c)) {
        return status;
    }
    mien_study_where(c->study, "calibration.temperature", where);
    for (int t = 0; t < c->dataset.targets; t++) {
        classes += c->dataset.target[t].label != NULL;
    }
    if (!classes) {
        return mien_fail(MIEN_EFORMAT,
            "%s: calibration.temperature: the study has no target of classes", where);
    }
    if (mien_dataset_single(&c->dataset)) {
        status = count_validation(c, &rows);
    }
    return status != MIEN_OK || rows
               ? status
               : mien_fail(MIEN_EFORMAT,
                     "%s: calibration.temperature: with a single fold it is fitted on "
                     "rows that validate, and there are none: set validation.rule, or "
                     "make several folds",
                     where);
}

/* Rows to fit on: labels, and probabilities [rows, classes]. */
typedef struct rows {
    int64_t count;
    int *label;
    double *probability;
} rows;

static void rows_clear(rows *r) {
    mien_free(r->label);
    mien_free(r->probability);
}

static mien_status rows_init(rows *r, int64_t most, int classes) {
    *r = (rows){.label = mien_alloc((size_t)most, sizeof *r->label),
        .probability =
            mien_alloc((size_t)most * (size_t)classes, sizeof *r->probability)};
    return r->label && r->probability ? MIEN_OK : MIEN_ENOMEM;
}

/* predicted: a row of all targets. */
static void rows_add(
    rows *r, const mien_dataset_target *target, int64_t row, const double *predicted) {
    int classes = target->from->classes;
    if (mien_dataset_has(target, row)) {
        memcpy(r->probability + r->count * classes, predicted + target->place,
            (size_t)classes * sizeof *predicted);
        r->label[r->count++] = target->label[row];
    }
}

/* Probabilities that are floats may sum to a little more or less than 1. */
static mien_status fit_target(const mien_study_run *c, mien_study_run_job *job, int t) {
    const mien_dataset *dataset = &c->dataset;
    const mien_dataset_target *target = &dataset->target[t];
    const mien_fit_answers *v = &job->validated;
    bool single = mien_dataset_single(dataset);
    const double *all = c->predictions + job->seed * dataset->rows * dataset->width;
    rows r;
    mien_status status = rows_init(&r, dataset->rows, target->from->classes);
    for (int64_t i = 0; status == MIEN_OK && single && i < v->tested; i++) {
        rows_add(&r, target, v->rows[i], v->predictions + i * dataset->width);
    }
    for (int64_t i = 0; status == MIEN_OK && !single && i < dataset->rows; i++) {
        bool other = dataset->each &&
                     dataset->each[i] != mien_dataset_each_of(dataset, job->fold);
        if (!other && dataset->fold[i] >= 0 && dataset->fold[i] != job->fold) {
            rows_add(&r, target, i, all + i * dataset->width);
        }
    }
    if (status == MIEN_OK && !r.count) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: calibration.temperature: no row is left to fit that of %s on, for %s",
            c->study->path, target->from->name, job->name);
    }
    const mien_class_answers answers = {.n = r.count,
        .classes = target->from->classes,
        .truth = r.label,
        .probability = r.probability};
    if (status == MIEN_OK) {
        status =
            mien_temperature_fit(&answers, is_ordered(target), &job->temperature[t]);
    }
    rows_clear(&r);
    return status;
}

/* One row of all targets. */
static void soften(const mien_study_run_job *job, double *row) {
    const mien_dataset *c = &job->run->dataset;
    for (int t = 0; t < c->targets; t++) {
        const mien_dataset_target *target = &c->target[t];
        if (target->label && isfinite(row[target->place])) {
            mien_temperature_apply(job->temperature[t], target->from->classes,
                is_ordered(target), row + target->place);
        }
    }
}

static void soften_job(mien_study_run *c, const mien_study_run_job *job) {
    const mien_dataset *dataset = &c->dataset;
    double *all = c->predictions + job->seed * dataset->rows * dataset->width;
    for (int64_t i = 0; i < dataset->rows; i++) {
        if (dataset->fold[i] == job->fold) {
            soften(job, all + i * dataset->width);
        }
    }
    for (int64_t i = 0; i < job->answers.tested; i++) {
        soften(job, job->answers.predictions + i * dataset->width);
    }
}

mien_status mien_study_run_calibrate(mien_study_run *run) {
    mien_study_run *c = run;
    mien_status status = MIEN_OK;
    for (int j = 0; status == MIEN_OK && asked(c) && j < c->jobs; j++) {
        for (int t = 0; status == MIEN_OK && t < c->dataset.targets; t++) {
            if (c->dataset.target[t].label) {
                status = fit_target(c, &c->job[j], t);
            }
        }
    }
    for (int j = 0; status == MIEN_OK && asked(c) && j < c->jobs; j++) {
        soften_job(c, &c->job[j]);
    }
    return status;
}
