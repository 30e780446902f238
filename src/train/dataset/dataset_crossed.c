/* SPDX-License-Identifier: MIT */
/* Crossed folds of a dataset: persons are its groups (folds.by), stimuli the values of
 * another column (folds.across). */
#include "train/dataset/dataset.h"

#include "data/trials.h"
#include "train/numbering.h"

void mien_dataset_cross_clear(mien_dataset *dataset) {
    mien_free(dataset->cell);
    mien_free(dataset->stimulus);
}

/* Names of the stimuli, lent by the trials. */
static mien_status read_stimuli(
    mien_dataset *c, const mien_study *study, const char **names) {
    const char *by = mien_options_text(study->options, "folds.across");
    if (mien_table_column(mien_trials_table(c->trials), by) < 0) {
        return mien_fail(MIEN_ENOTFOUND,
            "%s: folds.across: %s has no column \"%s\" of stimuli", study->path,
            study->trials, by);
    }
    for (int64_t i = 0; i < c->rows; i++) {
        names[i] = mien_trials_cell(c->trials, c->row[i], by);
        if (!names[i] || !c->group_name || !c->group_name[i]) {
            return mien_fail(MIEN_EFORMAT,
                "%s: folds: trial %s has no %s: crossed folds need a person and a "
                "stimulus in every row",
                study->path, mien_trials_id(c->trials, c->row[i]),
                names[i] ? mien_options_text(study->options, "folds.by") : by);
        }
    }
    return mien_number_names(names, c->rows, c->stimulus, &c->stimuli);
}

mien_status mien_dataset_cross(
    mien_dataset *dataset, const mien_study *study, mien_fold_options *options) {
    mien_dataset *c = dataset;
    const double share = mien_options_number(study->options, "folds.seen");
    const char **names = mien_alloc((size_t)c->rows, sizeof *names);
    c->stimulus = mien_alloc((size_t)c->rows, sizeof *c->stimulus);
    c->stimulus_folds = (int)mien_options_int(study->options, "folds.across-k");
    mien_status status =
        names && c->stimulus ? read_stimuli(c, study, names) : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        options->across = names;
        options->k_across = c->stimulus_folds;
        status = mien_folds_deal(c->rows, options, c->fold, &c->folds);
    }
    if (status == MIEN_OK) {
        c->cell = mien_alloc((size_t)c->folds * (size_t)c->rows, sizeof *c->cell);
        status = c->cell ? mien_folds_cells(c->rows, options, share, c->fold, c->cell)
                         : MIEN_ENOMEM;
    }
    options->across = NULL;
    mien_free(names);
    return status;
}

mien_cell mien_dataset_cell(const mien_dataset *dataset, int fold, int64_t row) {
    if (dataset->cell) {
        return (mien_cell)dataset->cell[fold * dataset->rows + row];
    }
    int of = dataset->fold[row];
    if (dataset->each && dataset->each[row] != mien_dataset_each_of(dataset, fold)) {
        return MIEN_CELL_NONE;
    }
    return of == fold             ? MIEN_CELL_BOTH_UNSEEN
           : of == MIEN_FOLD_NONE ? MIEN_CELL_NONE
                                  : MIEN_CELL_CORE;
}
