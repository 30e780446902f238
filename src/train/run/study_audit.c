/* SPDX-License-Identifier: MIT */
/* The audit of a study: its rows on the sides that its own folds give them. Called by
 * `mien train` before anything is trained (src/cli/train_audit.c). */
#include "train/run/study_audit.h"

#include "data/doctor/audit.h"
#include "train/dataset/dataset.h"
#include "train/trainers/trainer.h"

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
    int64_t rows = mien_trials_rows(d->trials);
    int *fold = mien_alloc((size_t)rows, sizeof *fold);
    int64_t *each = d->each ? mien_alloc((size_t)rows, sizeof *each) : NULL;
    mien_status status = fold && (each || !d->each) ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        spread(d, rows, fold, each);
        for (int i = 0; i < a->inputs_count; i++) {
            inputs[i] = (mien_audit_input){a->inputs[i].kind, a->inputs[i].column};
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
    mien_free(each);
    mien_free(fold);
    return status;
}

mien_status mien_study_audit(const mien_study *study, int threads,
    void (*progress)(void *context, int64_t done, int64_t total), void *context,
    mien_finding **findings, int64_t *count) {
    mien_dataset d;
    *findings = NULL;
    *count = 0;
    if (study->trainer->whole) {
        return MIEN_OK;
    }
    mien_status status = mien_dataset_open(&d, study);
    status =
        status ? status : look(study, &d, threads, progress, context, findings, count);
    mien_dataset_clear(&d);
    return status;
}
