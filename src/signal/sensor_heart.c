/* SPDX-License-Identifier: MIT */
/* The heart's rate around an event, from an ECG, a pulse wave or a rate that the device
 * tells. Beats are corrected for artefacts. */
#include <math.h>
#include <string.h>

#include "signal/sensor.h"
#include "signal/beats_sensed.h"

enum { ECG, PPG, RATE, ROLES };

/* The first that is there. */
static int source_of(const mien_sensed *s) {
    for (int k = 0; k < ROLES; k++) {
        if (s->in->channel[k]) {
            return k;
        }
    }
    return ROLES;
}

static mien_status prepare(mien_sensed *s) {
    int source = source_of(s);
    int64_t n = s->in->n;
    mien_sensor_beats found = {0};
    double *x = mien_alloc((size_t)n, sizeof *x);
    mien_status status = x ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && source < ROLES && mien_sensed_fill(s, source, x)) {
        if (source == RATE) {
            status = mien_sensed_make(s, 0);
            if (status == MIEN_OK) {
                memcpy(s->track[0], x, (size_t)n * sizeof *x);
            }
        } else {
            status = mien_sensor_find_beats(s, source == ECG, x, &found);
            if (status == MIEN_OK && found.count >= 2) {
                status = mien_sensed_make(s, 0);
                status = status ? status
                                : mien_rate_series(found.beats, found.count,
                                      s->in->rate_hz, n, s->track[0]);
            }
        }
    }
    mien_free(found.beats);
    mien_free(x);
    return status;
}

static bool valid(const mien_sensed *s, int64_t i) {
    int source = source_of(s);
    return source < ROLES && !isnan(s->in->channel[source][i]);
}

static mien_status measure(
    const mien_sensed *s, const mien_sensor_window *w, double *features) {
    int64_t n = s->in->n, lowest = w->from;
    const double *rate = s->track[0];
    if (rate) {
        double base = mien_window_mean(rate, n, w->base_from, w->base_to);
        features[0] = base;
        features[1] = mien_window_mean(rate, n, w->from, w->to) - base;
        features[2] = mien_window_low(rate, n, w->from, w->to, &lowest) - base;
        features[3] = mien_window_high(rate, n, w->from, w->to) - base;
        features[4] = (double)(lowest - w->event) / s->in->rate_hz;
    }
    return MIEN_OK;
}

static const struct mien_sensor_work work = {
    .prepare = prepare, .valid = valid, .measure = measure};

const mien_sensor mien_sensor_heart = {.name = "heart",
    .summary = "heart rate from ECG, pulse wave or a device's own, artefacts corrected",
    .roles = {"ecg", "ppg", "heart_rate"},
    .needed = 0,
    .features = {"heart_baseline_bpm", "heart_mean_change_bpm", "heart_min_change_bpm",
        "heart_max_change_bpm", "heart_min_latency_s"},
    .tracks = {"heart_rate_bpm"},
    .work = &work};
