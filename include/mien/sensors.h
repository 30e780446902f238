/* SPDX-License-Identifier: MIT */
/* Features of a sensor in a window around an event: the first set, of gaze, pupil,
 * skin, heart, muscles, breath and temperature. A part of the room `signal`.
 *
 *     enum { N = 400 }; // 20 s of skin conductance at 20 Hz, an event after 10 s
 *     double eda[N] = {0}, features[MIEN_SENSOR_FEATURES_MAX], share = 0;
 *     mien_sensor_input input = {.n = N, .rate_hz = 20, .channel = {eda}};
 *     mien_sensor_window window = {
 *         .event = 200, .from = 200, .to = 300, .base_from = 180, .base_to = 200};
 *     const mien_sensor *sensor = NULL;
 *     mien_sensed *sensed = NULL;
 *     mien_status status = mien_sensor_find("eda", &sensor);
 *     if (status == MIEN_OK) {
 *         status = mien_sense(sensor, &input, &sensed);
 *     }
 *     if (status == MIEN_OK) {
 *         status = mien_sensed_window(sensed, &window, features, &share);
 *     }
 *     for (int i = 0; status == MIEN_OK && sensor->features[i]; i++) {
 *         printf("%s: %g\n", sensor->features[i], features[i]);
 *     }
 *     mien_sensed_free(&sensed);
 */
#ifndef MIEN_SENSORS_H
#define MIEN_SENSORS_H

#include "mien/gaze.h"
#include "mien/physiology.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MIEN_SENSOR_ROLES_MAX = 3,
    MIEN_SENSOR_FEATURES_MAX = 16,
    MIEN_SENSOR_TRACKS_MAX = 4
};

/** A recording's channels as a sensor takes them, on one even clock; NaN is missing. */
typedef struct mien_sensor_input {
    int64_t n;
    double rate_hz;
    const double *channel[MIEN_SENSOR_ROLES_MAX]; /**< by role; NULL: not recorded */
    const mien_screen *screen; /**< of gaze; NULL where it is not needed */
    const double
        *map; /**< of gaze: saliency [map_height, map_width] over the screen; NULL */
    int64_t map_height, map_width;
    double mains_hz;  /**< 50 or 60 */
    bool pupil_in_mm; /**< else its bounds are not used */
} mien_sensor_input;

/** Samples of a window: of the event, of the window [from, to), of the baseline before.
 */
typedef struct mien_sensor_window {
    int64_t event, from, to, base_from, base_to;
} mien_sensor_window;

/** A row of signal/sensors.def. */
typedef struct mien_sensor {
    const char *name; /**< "eda" */
    const char *summary;
    const char *roles[MIEN_SENSOR_ROLES_MAX + 1]; /**< NULL-ended: "eda"; "x", "y" */
    int needed; /**< how many of the roles must be there, from the first on; 0: any */
    bool on_request; /**< not of the first set: left out of `all` */
    const char *features[MIEN_SENSOR_FEATURES_MAX + 1]; /**< NULL-ended, with unit */
    const char
        *tracks[MIEN_SENSOR_TRACKS_MAX + 1]; /**< series that are made on the way */
    const struct mien_sensor_work *work;     /**< inside */
} mien_sensor;
MIEN_API int mien_sensor_count(void);
MIEN_API const mien_sensor *mien_sensor_at(int index);
/** MIEN_ENOTFOUND names those there are. */
MIEN_API mien_status mien_sensor_find(const char *name, const mien_sensor **sensor);
MIEN_API int mien_sensor_features(const mien_sensor *sensor); /**< how many */

/** A recording cleaned by a sensor, its events found. */
typedef struct mien_sensed mien_sensed;
/** Gaps are filled for the filters and counted against the valid share. The input is
 * lent until mien_sensed_free(). MIEN_EINVAL where the recording is too short for the
 * filters; a channel without a valid value is no error: its features are NaN. */
MIEN_API mien_status mien_sense(
    const mien_sensor *sensor, const mien_sensor_input *input, mien_sensed **sensed);
MIEN_API void mien_sensed_free(mien_sensed **sensed);
/** Features of a window, NaN for what cannot be told, and the share of its samples that
 * are valid; with a share below one half all features are NaN. Parts of the window or
 * the baseline outside the recording count as invalid. */
MIEN_API mien_status mien_sensed_window(const mien_sensed *sensed,
    const mien_sensor_window *window, double *features, double *valid_share);
/** A track [n], lent; NULL if it could not be made. */
MIEN_API const double *mien_sensed_track(const mien_sensed *sensed, int track);

#ifdef __cplusplus
}
#endif

#endif
