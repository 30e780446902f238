/* SPDX-License-Identifier: MIT */
/* Raw rows of a model to finished predictions, as they come: ends, a moving mean,
 * scales, intervals, choices. Constant memory for any length of film. */
#ifndef MIEN_PREDICT_MOMENTS_H
#define MIEN_PREDICT_MOMENTS_H

#include "mien/predict.h"

typedef struct mien_moments mien_moments;
/** network is lent until mien_moments_free(). smooth: moments on each side that the
 * mean takes in; towards the ends of a film as many as there are on both sides. */
mien_status mien_moments_new(const mien_network *network, int64_t smooth,
    mien_predict_sink *sink, void *context, mien_moments **moments);
void mien_moments_free(mien_moments **moments);
/** A row by itself: emitted at once. head: what it is about (input, trial, series,
 * number, times, thumbnail). value: a row of mien_runner_run(). */
mien_status mien_moments_row(
    mien_moments *moments, const mien_prediction *head, const float *value);
/** A moment of a film: emitted when enough later ones are known. Of head the end and
 * the thumbnail are of no meaning, its texts are lent until the film's end. Takes
 * *thumbnail. */
mien_status mien_moments_add(mien_moments *moments, const mien_prediction *head,
    const float *value, mien_tensor **thumbnail);
/** The film is over at end_s, or −infinity: at an unknown time, then the last moment
 * lasts as long as the one before. Emits what waits. */
mien_status mien_moments_end(mien_moments *moments, double end_s);

#endif
