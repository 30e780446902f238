/* SPDX-License-Identifier: MIT */
/* Muscles of the face: how much stronger than before the event. */
#include <math.h>

#include "signal/sensor.h"

/* Below it the corner of surface EMG, 100 Hz, cannot be had: 20 Hz as corrugator
 * studies. */
#define RATE_OF_100_HZ 500

static mien_status prepare(mien_sensed *s) {
    int64_t n = s->in->n;
    double rate = s->in->rate_hz;
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < 2; k++) {
        if (!s->in->channel[k]) {
            continue;
        }
        status = mien_sensed_make(s, k);
        if (status == MIEN_OK && mien_sensed_fill(s, k, s->track[k])) {
            double *x = s->track[k];
            status = mien_emg_clean(x, n, rate, rate >= RATE_OF_100_HZ ? 100 : 20, x);
            status = status ? status : mien_emg_envelope(x, n, rate, x);
        }
    }
    return status;
}

static bool valid(const mien_sensed *s, int64_t i) {
    bool all = true;
    for (int k = 0; k < 2; k++) {
        all = all && !(s->in->channel[k] && isnan(s->in->channel[k][i]));
    }
    return all;
}

static mien_status measure(
    const mien_sensed *s, const mien_sensor_window *w, double *features) {
    int64_t late = w->event + mien_sensor_samples(s, 0.5);
    for (int k = 0; k < 2; k++) {
        if (s->track[k]) {
            double now = mien_window_mean(
                s->track[k], s->in->n, late > w->from ? late : w->from, w->to);
            double base =
                mien_window_mean(s->track[k], s->in->n, w->base_from, w->base_to);
            features[k] = now > 0 && base > 0 ? log(now / base) : NAN;
        }
    }
    return MIEN_OK;
}

static const struct mien_sensor_work work = {
    .prepare = prepare, .valid = valid, .measure = measure};

const mien_sensor mien_sensor_emg = {.name = "emg",
    .summary = "corrugator and zygomaticus: log of their strength over the baseline's",
    .roles = {"corrugator", "zygomaticus"},
    .needed = 0,
    .features = {"emg_corrugator_log_ratio", "emg_zygomaticus_log_ratio"},
    .tracks = {"emg_corrugator", "emg_zygomaticus"},
    .work = &work};
