/* SPDX-License-Identifier: MIT */
/* Beats as the sensors heart and hrv find them. */
#ifndef MIEN_SIGNAL_BEATS_SENSED_H
#define MIEN_SIGNAL_BEATS_SENSED_H

#include "signal/sensor.h"

typedef struct mien_sensor_beats {
    int64_t *beats; /* [count] samples, rising; the caller frees them */
    int64_t count;
} mien_sensor_beats;
/* Cleans x [n] in place, finds the beats and corrects them for artefacts. */
mien_status mien_sensor_find_beats(
    const mien_sensed *s, bool ecg, double *x, mien_sensor_beats *found);

#endif
