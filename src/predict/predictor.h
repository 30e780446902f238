/* SPDX-License-Identifier: MIT */
/* A model that predicts: what its files share. */
#ifndef MIEN_PREDICT_PREDICTOR_H
#define MIEN_PREDICT_PREDICTOR_H

#include "predict/known.h"

struct mien_predictor {
    mien_model *model;
    mien_known *known; /* rows that it was trained on; NULL: it does not say */
    mien_predict_options options;
    mien_runner *runner; /* made for `batch` items at the first run */
    int64_t batch;
};

const mien_predict_options *mien_predictor_options(const mien_predictor *predictor);
/** Makes the runner for so many items at once, if it is not there yet. */
mien_status mien_predictor_need(mien_predictor *p, int64_t batch);

#endif
