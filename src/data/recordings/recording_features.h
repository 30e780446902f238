/* SPDX-License-Identifier: MIT */
/* A recording's windows in figures: features of sensors, tracks, and what is wrong with
 * it. */
#ifndef MIEN_DATA_RECORDING_FEATURES_H
#define MIEN_DATA_RECORDING_FEATURES_H

#include "mien/data.h"
#include "mien/recordings.h"
#include "mien/sensors.h"

/* Receives pieces of a sensor's track as they are made; values begin at time first_s.
 */
typedef mien_status mien_track_sink(void *context, const mien_sensor *sensor, int track,
    double first_s, double rate_hz, int64_t count, const double *values);

typedef struct mien_windowing {
    double window_s[2], base_s[2]; /* around an onset; default 0 to 5, −1 to 0 */
    const char *channels;          /* as mien_roles_bind() takes them; NULL */
    mien_screen screen;            /* NaN: from the recording */
    const double *map;             /* [map_height, map_width]; NULL: none */
    int64_t map_height, map_width;
    double mains_hz;
    mien_track_sink *sink; /* NULL: tracks are not wanted */
    void *context;
} mien_windowing;
mien_windowing mien_windowing_default(void);

/* Features of one sensor in windows at onset_s [count], rising: values [count,
 * features], share [count]. *found is false, and all is NaN, where the recording lacks
 * the sensor. A recording of more than 2^20 samples is cleaned in pieces of that length
 * with 150 s on both sides: filtered values differ by less than 1e-9 of their range
 * from those of the whole, thresholds that follow a recording (the largest response)
 * follow a piece. */
mien_status mien_recording_windows(const mien_recording *recording,
    const mien_sensor *sensor, const mien_windowing *windowing, int64_t count,
    const double *onset_s, double *values, double *share, bool *found);

/* Finds faults of a recording: rates and stamps that differ, jitter, gaps, shares
 * that are valid, flat lines, saturation. The caller frees the list. `path` names
 * the file in findings. */
mien_status mien_recording_doctor(
    const mien_recording *recording, mien_finding **findings, int64_t *count);

#endif
