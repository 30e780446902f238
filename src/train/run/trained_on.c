/* SPDX-License-Identifier: MIT */
/* Fingerprints of the rows that a model was trained on. */
#include "train/run/trained_on.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inputs/fingerprint.h"
#include "train/document.h"

/* The most fingerprints that a model keeps: as text they are 12 MB, and contracts
 * are read up to 16. */
enum { MOST = 1000000 };

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* A row of features as the dataset has it, which is as its file has it; NULL: the file
 * is to be asked. */
static const float *values_of(const mien_dataset_input *in, int64_t row) {
    bool here =
        in->values && in->item[row] >= 0 && strcmp(in->input.kind, "features") == 0;
    return here ? in->values + in->item[row] * in->width : NULL;
}

static mien_status take_prints(const mien_dataset *c, const mien_part *part,
    mien_fingerprints *prints, uint64_t *print, int64_t *count) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < c->rows; i++) {
        mien_place place[MIEN_INPUTS_MAX];
        const float *values[MIEN_INPUTS_MAX];
        if (part[i] != MIEN_PART_TRAIN && part[i] != MIEN_PART_VALIDATION) {
            continue;
        }
        for (int m = 0; m < c->inputs; m++) {
            place[m] = c->input[m].places.place[i];
            values[m] = values_of(&c->input[m], i);
        }
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : mien_fingerprints_take_values(
                                          prints, place, values, &print[*count]);
        if (status != MIEN_OK && status != MIEN_ENOMEM && status != MIEN_EINTERRUPTED) {
            print[*count] = 0; /* a file that is gone by now ends no training */
            status = MIEN_OK;
        }
        *count += 1;
    }
    return status;
}

/* Each different one once, in ascending order; what is not known is left out. */
static void write_prints(
    uint64_t *print, int64_t rows, mien_string *text, int64_t *different) {
    qsort(print, (size_t)rows, sizeof *print, ascending);
    *different = 0;
    for (int64_t i = 0; i < rows; i++) {
        if (print[i] != 0 && (i == 0 || print[i] != print[i - 1])) {
            *different += 1;
            if (*different <= MOST) {
                mien_string_addf(text, "%012" PRIx64, print[i]);
            }
        }
    }
}

mien_status mien_trained_on_open(
    const mien_dataset *dataset, mien_fingerprints **prints) {
    mien_input inputs[MIEN_INPUTS_MAX];
    for (int m = 0; m < dataset->inputs; m++) {
        inputs[m] = dataset->input[m].input;
    }
    return mien_fingerprints_new(inputs, dataset->inputs, prints);
}

mien_status mien_trained_on(const mien_dataset *dataset, const mien_study *study,
    int fold, mien_fingerprints *prints, mien_value **map) {
    const mien_dataset *c = dataset;
    mien_string text;
    mien_part *part = mien_alloc((size_t)c->rows + 1, sizeof *part);
    uint64_t *print = mien_alloc((size_t)c->rows + 1, sizeof *print);
    int64_t rows = 0, different = 0;
    mien_string_init(&text);
    mien_status status = part && print ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        status = mien_dataset_parts(c, study, fold, part);
    }
    if (status == MIEN_OK) {
        status = take_prints(c, part, prints, print, &rows);
    }
    if (status == MIEN_OK) {
        write_prints(print, rows, &text, &different);
        status = mien_string_status(&text);
    }
    mien_value *made = status == MIEN_OK ? mien_value_new_map() : NULL;
    if (status == MIEN_OK) {
        mien_document_int(made, "rows", rows, &status);
        mien_document_int(made, "inputs", different, &status);
        if (different <= MOST) {
            mien_document_text(
                made, "fingerprints", text.text ? text.text : "", &status);
        }
    }
    if (status == MIEN_OK) {
        *map = made;
    } else {
        mien_value_free(&made);
    }
    mien_string_clear(&text);
    mien_free(print);
    mien_free(part);
    return status;
}
