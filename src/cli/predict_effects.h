/* SPDX-License-Identifier: MIT */
/* What each input of a model adds to its predictions of one film. */
#ifndef MIEN_CLI_PREDICT_EFFECTS_H
#define MIEN_CLI_PREDICT_EFFECTS_H

#include "mien/predict.h"

/** Predicts the rows once more with each input hidden in turn: a model that was made to
 * do without it gets none, any other the mean of the film's rows.
 *
 * @param files  [inputs of the model] in its order, each of `rows` rows
 * @param effect [targets, rows, inputs]: the prediction minus what it is with the input
 * hidden; NaN of targets with classes, and where the row lacks the input */
mien_status cli_predict_effects(mien_predictor *predictor,
    const mien_feature_file *files, int inputs, int64_t rows, double *effect);

#endif
