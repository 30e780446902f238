/* SPDX-License-Identifier: MIT */
/* Divides rows into training, validation and test when one fold is held out. */
#include "data/folds/folds.h"
#include "base/need.h"

#include <inttypes.h>
#include <math.h>

mien_validation_options mien_validation_options_default(void) {
    return (mien_validation_options){.rule = MIEN_VALIDATION_NONE, .share = 0.2};
}

/* Validation rows among `count` training rows. */
static mien_status by_rows(const mien_validation_options *o, const int64_t *row,
    int64_t count, int64_t drawn, int64_t *scratch, mien_part *part) {
    mien_random random;
    mien_random_init(&random, o->seed);
    mien_random_permutation(&random, scratch, count);
    for (int64_t i = 0; i < drawn; i++) {
        part[row[scratch[i]]] = MIEN_PART_VALIDATION;
    }
    return MIEN_OK;
}

static mien_status by_groups(const mien_validation_options *o, const int64_t *row,
    int64_t count, int64_t *scratch, mien_part *part) {
    const char **names = mien_alloc((size_t)count, sizeof *names);
    int64_t *number = mien_alloc((size_t)count, sizeof *number);
    bool *held = mien_alloc((size_t)count, sizeof *held);
    int64_t groups = 0;
    mien_status status = names && number && held ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        names[i] = o->group[row[i]];
    }
    status = status ? status : mien_names_number(count, names, number, &groups);
    if (status == MIEN_OK) {
        int64_t drawn = (int64_t)ceil(o->share * (double)groups);
        mien_random random;
        mien_random_init(&random, o->seed);
        mien_random_permutation(&random, scratch, groups);
        for (int64_t i = 0; i < drawn; i++) {
            held[scratch[i]] = true;
        }
        for (int64_t i = 0; i < count; i++) {
            if (held[number[i]]) {
                part[row[i]] = MIEN_PART_VALIDATION;
            }
        }
    }
    mien_free(held);
    mien_free(number);
    mien_free(names);
    return status;
}

static mien_status draw_validation(
    int64_t rows, const mien_validation_options *o, mien_part *part) {
    if (!(o->share > 0 && o->share < 1)) {
        return mien_fail(MIEN_EINVAL,
            "validation share %g: a number between 0 and 1 is needed", o->share);
    }
    if (o->rule == MIEN_VALIDATION_GROUPS && !o->group) {
        return mien_fail(MIEN_EINVAL, "validation by groups needs the groups");
    }
    int64_t *row = mien_alloc((size_t)rows, sizeof *row);
    int64_t *scratch = mien_alloc((size_t)rows, sizeof *scratch);
    mien_status status = row && scratch ? MIEN_OK : MIEN_ENOMEM;
    int64_t count = 0;
    for (int64_t i = 0; status == MIEN_OK && i < rows; i++) {
        if (part[i] == MIEN_PART_TRAIN) {
            row[count++] = i;
        }
    }
    if (status == MIEN_OK && o->rule == MIEN_VALIDATION_ROWS) {
        int64_t drawn = (int64_t)ceil(o->share * (double)count);
        status = by_rows(o, row, count, drawn, scratch, part);
    } else if (status == MIEN_OK && o->rule == MIEN_VALIDATION_GROUPS) {
        status = by_groups(o, row, count, scratch, part);
    } else if (status == MIEN_OK) {
        int64_t first = (int64_t)floor(o->share * (double)count);
        for (int64_t i = 0; i < first; i++) {
            part[row[i]] = MIEN_PART_VALIDATION;
        }
    }
    mien_free(scratch);
    mien_free(row);
    return status;
}

static mien_part part_of(int fold, int held_out) {
    switch (fold) {
    case MIEN_FOLD_VALIDATION:
        return MIEN_PART_VALIDATION;
    case MIEN_FOLD_NONE:
        return MIEN_PART_NONE;
    default:
        return fold == held_out ? MIEN_PART_TEST : MIEN_PART_TRAIN;
    }
}

mien_status mien_folds_parts(int64_t rows, const int *fold, int held_out,
    const mien_validation_options *options, mien_part *part) {
    MIEN_NEED(fold || rows < 1, part);
    mien_validation_options o = options ? *options : mien_validation_options_default();
    mien_status status = MIEN_OK;
    int64_t count[MIEN_PART_TEST + 1] = {0};
    for (int64_t i = 0; i < rows; i++) {
        part[i] = part_of(fold[i], held_out);
    }
    if (o.rule != MIEN_VALIDATION_NONE) {
        status = draw_validation(rows, &o, part);
    }
    for (int64_t i = 0; i < rows; i++) {
        count[part[i]]++;
    }
    bool lacks = !count[MIEN_PART_TEST] || !count[MIEN_PART_TRAIN] ||
                 (o.rule != MIEN_VALIDATION_NONE && !count[MIEN_PART_VALIDATION]);
    if (status == MIEN_OK && lacks) {
        status = mien_fail(MIEN_EINVAL,
            "fold %d: %" PRId64 " rows to train, %" PRId64 " to validate, %" PRId64
            " to test: none of these may be empty",
            held_out, count[MIEN_PART_TRAIN], count[MIEN_PART_VALIDATION],
            count[MIEN_PART_TEST]);
    }
    return status;
}
