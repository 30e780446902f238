/* SPDX-License-Identifier: MIT */
/* Smooths predicted series along the films of a dataset, and finds how much. */
#ifndef MIEN_TRAIN_SMOOTHING_H
#define MIEN_TRAIN_SMOOTHING_H

#include "train/dataset/dataset.h"

/** Predicted rows of one target: of the dataset, in any order. */
typedef struct mien_smoothing_rows {
    const int64_t *rows; /* [count] */
    int64_t count;
    float *values; /* [count] `stride` apart */
    int64_t stride;
} mien_smoothing_rows;

/** Smooths values in place by a candidate of the study (0: not), in each group along
 * its order of time. */
mien_status mien_smoothing_run(const mien_dataset *dataset, const mien_study *study,
    double candidate, mien_smoothing_rows *rows);
/** The study's candidate whose smoothed values have the smallest mean squared error to
 * truth [dataset rows; NaN: missing]; the first of equals. The values stay as they are.
 */
mien_status mien_smoothing_choose(const mien_dataset *dataset, const mien_study *study,
    const double *truth, const mien_smoothing_rows *rows, double *candidate);

#endif
