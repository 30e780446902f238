/* SPDX-License-Identifier: MIT */
/* A trial table's recordings as columns features.SENSOR, which any trainer takes. */
#ifndef MIEN_DATA_BODY_FEATURES_H
#define MIEN_DATA_BODY_FEATURES_H

#include "data/recordings/recording_features.h"

/** How features are freed of what differs between persons. */
typedef enum mien_normalising {
    MIEN_NORMALISE_NONE,
    /** z over all trials of the person: of somebody new all trials must be there before
     * the first is predicted */
    MIEN_NORMALISE_TRANSDUCTIVE,
    /** z by the mean and SD of the person's first trials */
    MIEN_NORMALISE_STRICT
} mien_normalising;

enum { MIEN_BODY_SENSORS_MAX = 32 };

typedef struct mien_body {
    int sensors;
    const mien_sensor *sensor[MIEN_BODY_SENSORS_MAX];
    mien_windowing how;
    mien_recording_options reading;
    mien_normalising normalise;
    int64_t first; /* trials of MIEN_NORMALISE_STRICT */
    void (*progress)(void *context, int64_t done, int64_t all); /* NULL: silent */
    void *context;
} mien_body;

/**
 * Copies a trial table with columns recording and start_s, and adds for each sensor
 * features.SENSOR (n/a: less than half of the window is valid) and valid_SENSOR. With
 * a normalisation the column is features.SENSOR_transductive or features.SENSOR_strict.
 *
 * @param trials  the table; its sidecar stands beside it
 * @param output  the new table, in the same folder; beside it a file STEM.SENSOR.npy
 * [rows, width] each. What cannot be told of a valid window (the latency of a response
 *                that is not there) is 0 there, with a further value that is 1 where it
 * can.
 * @return MIEN_EINVAL for a table without these columns, an output in another folder, a
 * person without a name where one is normalised by; what opening a recording returns
 */
mien_status mien_body_features(
    const char *trials, const char *output, const mien_body *body);

#endif
