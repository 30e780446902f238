/* SPDX-License-Identifier: MIT */
/* Temperature of the skin: its change. */
#include <math.h>

#include "signal/sensor.h"

static mien_status prepare(mien_sensed *s) {
    (void)s;
    return MIEN_OK;
}

static mien_status measure(
    const mien_sensed *s, const mien_sensor_window *w, double *features) {
    const double *x = s->in->channel[0];
    features[0] = mien_window_mean(x, s->in->n, w->from, w->to) -
                  mien_window_mean(x, s->in->n, w->base_from, w->base_to);
    return MIEN_OK;
}

static const struct mien_sensor_work work = {
    .prepare = prepare, .valid = mien_sensor_valid_first, .measure = measure};

const mien_sensor mien_sensor_temperature = {.name = "temperature",
    .summary = "change of the skin's temperature",
    .roles = {"temperature"},
    .needed = 1,
    .features = {"temperature_change_degC"},
    .work = &work};
