/* SPDX-License-Identifier: MIT */
/* Inputs of a dataset's rows: where each row's item of each input is, and the items of
 * inputs that fit into memory, once each whatever the number of rows and folds. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "train/dataset/dataset.h"

void mien_dataset_inputs_clear(mien_dataset *c) {
    for (int m = 0; m < MIEN_INPUTS_MAX; m++) {
        mien_dataset_input *in = &c->input[m];
        mien_item_places_clear(&in->places);
        mien_free(in->item);
        mien_free(in->first);
        mien_free(in->values);
    }
    mien_free(c->id);
}

/* An input that no row has would be learnt as zeros, and the model would later take
 * values of it that it has never seen. */
static mien_status check_present(
    mien_dataset *c, const mien_study *study, mien_dataset_input *in) {
    int64_t present = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        present += in->item[i] >= 0;
    }
    in->missing = present < c->rows;
    c->missing = c->missing || in->missing;
    return present > 0
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT,
                     "%s: %s: it is missing in all of the %lld rows that have the "
                     "targets",
                     study->trials, in->input.column, (long long)c->rows);
}

/* Pictures are there in every row, unless the study says that they may be missing. */
static mien_status check_required(
    const mien_dataset *c, const mien_study *study, const mien_dataset_input *in) {
    for (int64_t i = 0; i < c->rows && in->missing && in->required; i++) {
        if (in->item[i] < 0) {
            return mien_fail(MIEN_EFORMAT, "%s: trial %s names no %s", study->trials,
                mien_trials_id(c->trials, c->row[i]), in->input.column);
        }
    }
    return MIEN_OK;
}

static mien_status number_items(mien_dataset *c, mien_dataset_input *in) {
    size_t rows = (size_t)c->rows;
    in->item = mien_alloc(rows, sizeof *in->item);
    in->first = mien_alloc(rows, sizeof *in->first);
    mien_status status = in->item && in->first
                             ? mien_places_number(in->places.place, c->rows, in->item,
                                   in->first, &in->items)
                             : MIEN_ENOMEM;
    if (status == MIEN_OK && in->small) {
        status = mien_trials_items(c->trials, c->row, &in->places, &in->input, in->item,
            &in->items, &in->values);
    }
    return status;
}

/* Says how many single values are missing where medians will stand for them. */
static void tell_gaps(const mien_study *study, const mien_dataset_input *in) {
    int64_t gaps = 0, rows = 0;
    for (int64_t i = 0; in->values && i < in->items; i++) {
        int64_t before = gaps;
        for (int64_t k = 0; k < in->width; k++) {
            gaps += isnan(in->values[i * in->width + k]) != 0;
        }
        rows += gaps > before;
    }
    if (gaps > 0) {
        mien_log(MIEN_LOG_WARN, "train",
            "%s: %s: %lld single values in %lld rows are missing: medians of the rows "
            "that are trained on stand for them",
            study->trials, in->input.column, (long long)gaps, (long long)rows);
    }
}

static mien_status read_input(mien_dataset *c, const mien_study *study, int index) {
    mien_dataset_input *in = &c->input[index];
    const mien_input_kind *kind = NULL;
    in->input = study->recipe.architecture.inputs[index];
    mien_status status = mien_input_kind_find(in->input.kind, &kind);
    if (status != MIEN_OK) {
        return status;
    }
    in->small = kind->traits & MIEN_INPUT_SMALL;
    in->required = !in->small && !in->input.optional;
    status = mien_trials_places(c->trials, &in->input, c->row, c->rows, &in->places);
    if (status == MIEN_OK) {
        status = mien_trials_measure(c->trials, c->row, &in->places, &in->input);
    }
    if (status == MIEN_OK) {
        in->width = mien_item_values(&in->input.shape);
        status = number_items(c, in);
    }
    if (status == MIEN_OK) {
        status = check_present(c, study, in);
    }
    if (status == MIEN_OK) {
        tell_gaps(study, in);
    }
    return status == MIEN_OK ? check_required(c, study, in) : status;
}

/* A resumed run must find the very values it began with. */
static mien_status add_to_hash(mien_dataset *c) {
    mien_sha256 *sha = NULL;
    bool any = false;
    for (int m = 0; m < c->inputs; m++) {
        any = any || c->input[m].small;
    }
    mien_status status = any ? mien_sha256_new(&sha) : MIEN_OK;
    if (status != MIEN_OK || !any) {
        return status;
    }
    mien_sha256_add(sha, c->hash, strlen(c->hash));
    for (int m = 0; m < c->inputs; m++) {
        const mien_dataset_input *in = &c->input[m];
        if (in->small) {
            mien_sha256_add(
                sha, in->values, (size_t)(in->items * in->width) * sizeof *in->values);
            mien_sha256_add(sha, in->item, (size_t)c->rows * sizeof *in->item);
        }
    }
    mien_sha256_take(&sha, c->hash);
    return MIEN_OK;
}

mien_status mien_dataset_inputs(mien_dataset *dataset, const mien_study *study) {
    mien_dataset *c = dataset;
    mien_status status = MIEN_OK;
    c->id = mien_alloc((size_t)c->rows, sizeof *c->id);
    if (!c->id) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < c->rows; i++) {
        c->id[i] = mien_trials_id(c->trials, c->row[i]);
    }
    while (status == MIEN_OK && c->inputs < study->recipe.architecture.inputs_count) {
        status = read_input(c, study, c->inputs++);
    }
    return status == MIEN_OK ? add_to_hash(c) : status;
}

mien_status mien_dataset_architecture(const mien_dataset *dataset,
    const mien_study *study, mien_architecture *architecture) {
    mien_architecture *a = architecture;
    *a = study->recipe.architecture;
    a->outputs = dataset->outputs;
    /* Networks over features alone have one mask of all inputs, as version 3 stores it.
     */
    bool alone = true;
    for (int m = 0; m < dataset->inputs; m++) {
        alone = alone && strcmp(a->inputs[m].kind, "features") == 0;
    }
    for (int m = 0; m < dataset->inputs; m++) {
        const mien_dataset_input *in = &dataset->input[m];
        a->inputs[m].shape = in->input.shape;
        a->inputs[m].optional =
            a->inputs[m].optional || in->missing || (alone && dataset->missing);
    }
    return mien_architecture_renew(a);
}
