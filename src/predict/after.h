/* SPDX-License-Identifier: MIT */
/* The steps after the network: smoothing along a series, clamping, intervals,
 * choices. */
#ifndef MIEN_PREDICT_AFTER_H
#define MIEN_PREDICT_AFTER_H

#include "mien/predict.h"

/** Fills a prediction's targets from a row of the model, [mien_model_width()]; what has
 * classes lends from row. Intervals are NaN where the model has none, and those of
 * prediction->by where that is set. */
void mien_after_row(const mien_target *targets, int count, const mien_after *after,
    const double *row, mien_prediction *prediction);
/** Warns of rows that have none of the values by which a model's intervals differ;
 * silent for a model whose intervals do not. */
void mien_after_tell(const mien_after *after, int64_t unknown, int64_t rows);
/** Rows on each side of a row that a mean over so many seconds takes in. */
int64_t mien_after_side(double seconds, double segment_s, int64_t most);
/** Whether rows of a series are smoothed: smooth_s as below. */
bool mien_after_smooths(const mien_network *network, double smooth_s);
/**
 * Smooths the rows of one series in place, as the model was judged, or as a user asks.
 *
 * @param segment_s  how long a row is; 0: not known
 * @param smooth_s   negative: as the model says; else a moving mean over so many
 * seconds, 0: none
 * @param values     [rows, width] in order of time
 * @return MIEN_EINVAL for seconds where the length of a row is not known; MIEN_ENOMEM
 */
mien_status mien_after_smooth(const mien_network *network, double segment_s,
    double smooth_s, int64_t rows, double *values);

#endif
