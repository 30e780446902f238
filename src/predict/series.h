/* SPDX-License-Identifier: MIT */
/* Raw rows of whole series to finished predictions: smoothed as the model was judged.
 */
#ifndef MIEN_PREDICT_SERIES_H
#define MIEN_PREDICT_SERIES_H

#include "mien/predict.h"

typedef struct mien_series mien_series;
/** network and options are lent until mien_series_free(); of options, smooth_s as
 * mien_after_smooth() takes it, and start_s and end_s: rows that start elsewhere take
 * part, and are not emitted. */
mien_status mien_series_new(const mien_network *network,
    const mien_predict_options *options, mien_predict_sink *sink, void *context,
    mien_series **series);
void mien_series_free(mien_series **series);
/** The next row in order of time. Texts of head are lent until the series' end; an end
 * that is NaN is where the next row starts. Takes *thumbnail; of long series only some
 * are kept. */
mien_status mien_series_add(mien_series *series, const mien_prediction *head,
    const float *value, mien_tensor **thumbnail);
/** Smooths and emits what was added; the next row begins another series. end_s: where
 * the last row ends if that was not told; −infinity: as long after as the one before.
 */
mien_status mien_series_end(mien_series *series, double end_s);

#endif
