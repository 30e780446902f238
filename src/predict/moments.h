/* SPDX-License-Identifier: MIT */
/* Raw rows of a model to finished predictions: ends, smoothing, scales, intervals,
 * choices. */
#ifndef MIEN_PREDICT_MOMENTS_H
#define MIEN_PREDICT_MOMENTS_H

#include "mien/predict.h"

typedef struct mien_moments mien_moments;
/** targets are lent until mien_moments_free(). smooth: moments on each side that the
 * mean takes in. */
mien_status mien_moments_new(const mien_target *targets, int targets_count, int smooth,
    mien_predict_sink *sink, void *context, mien_moments **moments);
void mien_moments_free(mien_moments **moments);
/** A picture: emitted at once. value: a row of mien_runner_run(). */
mien_status mien_moments_picture(mien_moments *moments, const char *input,
    const float *value, const mien_tensor *thumbnail);
/** A moment of a film: emitted when enough later ones are known. Takes *thumbnail. */
mien_status mien_moments_add(mien_moments *moments, const char *input, double start_s,
    const float *value, mien_tensor **thumbnail);
/** The film is over at end_s, or −infinity: at an unknown time, then the last moment
 * lasts as long as the one before. Emits what waits. */
mien_status mien_moments_end(mien_moments *moments, double end_s);

#endif
