/* SPDX-License-Identifier: MIT */
/* Breathing: its rate around an event, from the series and not by counting. */
#include <math.h>

#include "signal/sensor.h"

static mien_status prepare(mien_sensed *s) {
    int64_t n = s->in->n, count = 0;
    double *x = mien_alloc((size_t)n, sizeof *x);
    mien_breath *breaths = NULL;
    int64_t *peaks = NULL;
    mien_status status = x ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_sensed_fill(s, 0, x)) {
        status = mien_respiration_clean(x, n, s->in->rate_hz, x);
        status = status ? status : mien_respiration_peaks(x, n, &breaths, &count);
        peaks = status ? NULL : mien_alloc((size_t)count, sizeof *peaks);
        status = status || peaks ? status : MIEN_ENOMEM;
        for (int64_t k = 0; status == MIEN_OK && k < count; k++) {
            peaks[k] = breaths[k].peak;
        }
        if (status == MIEN_OK && count >= 2) {
            status = mien_sensed_make(s, 0);
            status =
                status ? status
                       : mien_rate_series(peaks, count, s->in->rate_hz, n, s->track[0]);
        }
    }
    mien_free(peaks);
    mien_free(breaths);
    mien_free(x);
    return status;
}

static mien_status measure(
    const mien_sensed *s, const mien_sensor_window *w, double *features) {
    if (s->track[0]) {
        features[0] = mien_window_mean(s->track[0], s->in->n, w->from, w->to);
        features[1] = features[0] -
                      mien_window_mean(s->track[0], s->in->n, w->base_from, w->base_to);
    }
    return MIEN_OK;
}

static const struct mien_sensor_work work = {
    .prepare = prepare, .valid = mien_sensor_valid_first, .measure = measure};

const mien_sensor mien_sensor_respiration = {.name = "respiration",
    .summary = "breathing rate and its change",
    .roles = {"respiration"},
    .needed = 1,
    .features = {"respiration_rate_per_min", "respiration_rate_change_per_min"},
    .tracks = {"respiration_rate_per_min"},
    .work = &work};
