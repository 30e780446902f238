/* SPDX-License-Identifier: MIT */
/* Where the values of a trial's features are, for reading and for the doctor. */
#ifndef MIEN_DATA_FEATURES_H
#define MIEN_DATA_FEATURES_H

#include "data/trials.h"

#define MIEN_FEATURES_PREFIX "features."

/** A cell PATH[#[DATASET:]ROW]. */
typedef struct mien_feature_place {
    char *file;  /* PATH or PATH#DATASET, as mien_array_open() takes it; mien_free() */
    int64_t row; /* of the file, from 0; -1: all of it is one trial's */
} mien_feature_place;

/** The cell of a column ("features.vggish"); file is NULL where it is missing.
 * MIEN_EFORMAT as mien_trials_features(). */
mien_status mien_feature_place_read(const mien_trials *trials, int64_t row,
    const char *column, mien_feature_place *place);
/** Puts table, line, column, trial and group before the error text. */
mien_status mien_feature_fail_in(
    mien_status status, const mien_trials *trials, int64_t row, const char *column);
/** How many values a trial has of this array, by its place. */
int64_t mien_feature_width(const mien_array *array, const mien_feature_place *place);
/** Copies them: values [width]. MIEN_ENUMBER for one that is not finite. */
mien_status mien_feature_read(
    const mien_array *array, const mien_feature_place *place, float *values);

#endif
