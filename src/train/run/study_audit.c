/* SPDX-License-Identifier: MIT */
/* The audit of a study: its rows on the sides that its own folds give them. Called by
 * `mien train` before anything is trained (src/cli/train_audit.c). */
#include "train/run/study_audit.h"

#include "data/doctor/audit.h"
#include "train/dataset/dataset.h"
#include "train/trainers/trainer.h"

/* Where each of the table's rows has its values of an input; NULL: nowhere. */
static void place_values(const mien_dataset *d, const mien_dataset_input *in,
    int64_t rows, const float **at) {
    for (int64_t i = 0; i < rows; i++) {
        at[i] = NULL;
    }
    for (int64_t i = 0; i < d->rows; i++) {
        at[d->row[i]] = in->item[i] < 0 ? NULL : in->values + in->item[i] * in->width;
    }
}

/* Folds and owners of rows by the table's numbers. */
static void spread(const mien_dataset *d, int64_t rows, int *fold, int64_t *each) {
    for (int64_t i = 0; i < rows; i++) {
        fold[i] = MIEN_FOLD_NONE;
    }
    for (int64_t i = 0; i < d->rows; i++) {
        fold[d->row[i]] = d->fold[i];
        if (each) {
            each[d->row[i]] = d->each[i];
        }
    }
}

static mien_status look(const mien_study *study, const mien_dataset *d, int threads,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_finding **findings, int64_t *count) {
    const mien_architecture *a = &study->recipe.architecture;
    mien_audit_input inputs[MIEN_INPUTS_MAX];
    const char *targets[MIEN_TARGETS_MAX];
    const int64_t rows = mien_trials_rows(d->trials);
    const size_t places = (size_t)(rows * a->inputs_count);
    int *fold = mien_alloc((size_t)rows, sizeof *fold);
    int64_t *each = d->each ? mien_alloc((size_t)rows, sizeof *each) : NULL;
    const float **at = mien_alloc(places ? places : 1, sizeof *at);
    mien_status status = fold && at && (each || !d->each) ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        spread(d, rows, fold, each);
        for (int i = 0; i < a->inputs_count; i++) {
            const mien_dataset_input *in = &d->input[i];
            inputs[i] = (mien_audit_input){
                .kind = a->inputs[i].kind, .column = a->inputs[i].column};
            if (in->values) {
                inputs[i].at = at + i * rows;
                inputs[i].width = in->width;
                place_values(d, in, rows, at + i * rows);
            }
        }
        for (int t = 0; t < d->targets; t++) {
            targets[t] = d->target[t].from->name;
        }
        const mien_audit_options o = {.sides = {.trials = d->trials,
                                          .fold = fold,
                                          .each = each,
                                          .across = d->cell ? d->stimulus_folds : 0,
                                          .strict = true},
            .inputs = inputs,
            .inputs_count = a->inputs_count,
            .targets = targets,
            .targets_count = d->targets,
            .threads = threads};
        status = mien_audit(d->trials, &o, progress, context, findings, count);
    }
    mien_free((void *)at);
    mien_free(each);
    mien_free(fold);
    return status;
}

mien_status mien_study_audit(mien_study *study, int threads,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_finding **findings, int64_t *count) {
    *findings = NULL;
    *count = 0;
    if (study->trainer->whole) {
        return MIEN_OK;
    }
    mien_status status = mien_dataset_keep(study);
    return status ? status
                  : look(study, study->opened, threads, progress, context, findings,
                        count);
}
