/* SPDX-License-Identifier: MIT */
/* The times at which a film is looked at. */
#ifndef MIEN_MEDIA_SAMPLES_H
#define MIEN_MEDIA_SAMPLES_H

#include "mien/base.h"

/** Times start, start + every, … below end; every_s 0: each frame in [start, end). */
typedef struct mien_samples {
    int64_t start_us, end_us; /**< INT64_MAX: no end */
    double every_s;
} mien_samples;

/** Time of sample k: rounded once from k × every, so that it never drifts. INT64_MAX
 * where there is none. */
int64_t mien_sample_at(const mien_samples *samples, int64_t k);
/** First sample time ≥ us; INT64_MAX if none. */
int64_t mien_sample_from(const mien_samples *samples, int64_t us);
/** Whether a frame shown in [from_us, until_us) is to be seen. */
bool mien_sample_within(const mien_samples *samples, int64_t from_us, int64_t until_us);

#endif
