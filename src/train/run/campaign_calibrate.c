/* SPDX-License-Identifier: MIT */
/* Calibrates what the fits of a run predicted, when all of them are done.
 *
 * In come the predictions of all jobs (campaign_jobs.c keeps them). Each job's
 * temperatures are fitted on rows that neither it nor any choice of it has learnt from:
 * of several folds those that the others hold out, with the predictions of the fits
 * that did not see them; of a single fold those that validate. Out come temperatures,
 * which go into results.json and the model file, and predictions at them;
 * campaign_write.c calls this before it judges. */
#include <math.h>
#include <string.h>

#include "train/run/campaign_parts.h"

static bool asked(const mien_campaign *c) {
    return mien_options_flag(c->study->options, "calibration.temperature");
}

static bool is_ordered(const mien_corpus_target *target) {
    return target->target.link == MIEN_LINK_CORN;
}

/* Rows of a single fold that a network predicts and does not learn from. */
static mien_status count_validation(const mien_campaign *c, int64_t *count) {
    *count = 0;
    if (!(c->study->trainer->can & MIEN_TRAINS_BY_STEPS)) {
        return MIEN_OK;
    }
    mien_part *part = mien_alloc((size_t)c->corpus.rows, sizeof *part);
    mien_status status =
        part ? mien_corpus_parts(&c->corpus, c->study, 0, part) : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < c->corpus.rows; i++) {
        *count += part[i] == MIEN_PART_VALIDATION;
    }
    mien_free(part);
    return status;
}

mien_status mien_campaign_calibration_check(const mien_campaign *campaign) {
    const mien_campaign *c = campaign;
    char where[MIEN_STUDY_WHERE_MAX];
    int64_t classes = 0, rows = 1;
    mien_status status = MIEN_OK;
    if (!asked(c)) {
        return MIEN_OK;
    }
    mien_study_where(c->study, "calibration.temperature", where);
    for (int t = 0; t < c->corpus.targets; t++) {
        classes += c->corpus.target[t].label != NULL;
    }
    if (!classes) {
        return mien_fail(MIEN_EFORMAT,
            "%s: calibration.temperature: the study has no target of classes", where);
    }
    if (mien_corpus_single(&c->corpus)) {
        status = count_validation(c, &rows);
    }
    return status != MIEN_OK || rows
               ? status
               : mien_fail(MIEN_EFORMAT,
                     "%s: calibration.temperature: with a single fold it is fitted on "
                     "rows that validate, and there are none: set validation.rule, or "
                     "deal several folds",
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
    rows *r, const mien_corpus_target *target, int64_t row, const double *predicted) {
    int classes = target->from->classes;
    if (mien_corpus_has(target, row)) {
        memcpy(r->probability + r->count * classes, predicted + target->place,
            (size_t)classes * sizeof *predicted);
        r->label[r->count++] = target->label[row];
    }
}

/* Probabilities that are floats may sum to a little more or less than 1. */
static mien_status fit_target(const mien_campaign *c, mien_campaign_job *job, int t) {
    const mien_corpus *corpus = &c->corpus;
    const mien_corpus_target *target = &corpus->target[t];
    const mien_fit_answers *v = &job->validated;
    bool single = mien_corpus_single(corpus);
    const double *all = c->predictions + job->seed * corpus->rows * corpus->width;
    rows r;
    mien_status status = rows_init(&r, corpus->rows, target->from->classes);
    for (int64_t i = 0; status == MIEN_OK && single && i < v->tested; i++) {
        rows_add(&r, target, v->rows[i], v->predictions + i * corpus->width);
    }
    for (int64_t i = 0; status == MIEN_OK && !single && i < corpus->rows; i++) {
        bool other =
            corpus->each && corpus->each[i] != mien_corpus_each_of(corpus, job->fold);
        if (!other && corpus->fold[i] >= 0 && corpus->fold[i] != job->fold) {
            rows_add(&r, target, i, all + i * corpus->width);
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
static void soften(const mien_campaign_job *job, double *row) {
    const mien_corpus *c = &job->campaign->corpus;
    for (int t = 0; t < c->targets; t++) {
        const mien_corpus_target *target = &c->target[t];
        if (target->label && isfinite(row[target->place])) {
            mien_temperature_apply(job->temperature[t], target->from->classes,
                is_ordered(target), row + target->place);
        }
    }
}

static void soften_job(mien_campaign *c, const mien_campaign_job *job) {
    const mien_corpus *corpus = &c->corpus;
    double *all = c->predictions + job->seed * corpus->rows * corpus->width;
    for (int64_t i = 0; i < corpus->rows; i++) {
        if (corpus->fold[i] == job->fold) {
            soften(job, all + i * corpus->width);
        }
    }
    for (int64_t i = 0; i < job->answers.tested; i++) {
        soften(job, job->answers.predictions + i * corpus->width);
    }
}

mien_status mien_campaign_calibrate(mien_campaign *campaign) {
    mien_campaign *c = campaign;
    mien_status status = MIEN_OK;
    for (int j = 0; status == MIEN_OK && asked(c) && j < c->jobs; j++) {
        for (int t = 0; status == MIEN_OK && t < c->corpus.targets; t++) {
            if (c->corpus.target[t].label) {
                status = fit_target(c, &c->job[j], t);
            }
        }
    }
    for (int j = 0; status == MIEN_OK && asked(c) && j < c->jobs; j++) {
        soften_job(c, &c->job[j]);
    }
    return status;
}
