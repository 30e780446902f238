/* SPDX-License-Identifier: MIT */
/* Shared by the rows of sensors.def. */
#ifndef MIEN_SIGNAL_SENSOR_H
#define MIEN_SIGNAL_SENSOR_H

#include "mien/sensors.h"

struct mien_sensed {
    const mien_sensor *sensor;
    const mien_sensor_input *in;
    double *track[MIEN_SENSOR_TRACKS_MAX]; /* [n]; NULL: not made */
    void *own;                             /* of the row */
};

struct mien_sensor_work {
    /* Makes tracks and own; what it made is freed also when it fails. */
    mien_status (*prepare)(mien_sensed *s);
    void (*release)(mien_sensed *s); /* of own; may be NULL */
    /* Whether sample i counts as valid. */
    bool (*valid)(const mien_sensed *s, int64_t i);
    /* Measures a window that lies in the recording and is valid enough. */
    mien_status (*measure)(
        const mien_sensed *s, const mien_sensor_window *w, double *features);
};

/* A new series [n] among the tracks. */
mien_status mien_sensed_make(mien_sensed *s, int track);
/* Channel `role` with its gaps filled into to [n]; false if nothing of it is valid. */
bool mien_sensed_fill(const mien_sensed *s, int role, double *to);
/* The mean of the values in x[from … to) that are not NaN, as far as it lies in [0,
 * n); NaN if there are none. */
double mien_window_mean(const double *x, int64_t n, int64_t from, int64_t to);
double mien_window_low(
    const double *x, int64_t n, int64_t from, int64_t to, int64_t *at);
double mien_window_high(const double *x, int64_t n, int64_t from, int64_t to);
/* Valid where role 0 is. */
bool mien_sensor_valid_first(const mien_sensed *s, int64_t i);
/* A time in samples, rounded. */
int64_t mien_sensor_samples(const mien_sensed *s, double seconds);

#define X(name) extern const mien_sensor mien_sensor_##name;
#include "signal/sensors.def"
#undef X

#endif
