/* SPDX-License-Identifier: MIT */
/* One pass of a model over rows. */
#ifndef MIEN_PREDICT_PASS_H
#define MIEN_PREDICT_PASS_H

#include "predict/predictor.h"
#include "predict/rows.h"

/** Predicts rows of whatever kind. strict: nothing is told before all is done, and the
 * first row that cannot be predicted is the call's failure; else it is told to problem
 * (NULL: nobody), the rest go on, and the first failure is given in the end. With
 * options.attention maps are written there, a row for each that was predicted. */
mien_status mien_pass_run(mien_predictor *predictor, const mien_rows *rows, bool strict,
    mien_predict_sink *sink, mien_predict_problem *problem, void *context);

#endif
