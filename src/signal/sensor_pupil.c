/* SPDX-License-Identifier: MIT */
/* The pupil's diameter against that of the half second before the event. */
#include <math.h>

#include "signal/sensor.h"

static mien_status prepare(mien_sensed *s) {
    const double *left = s->in->channel[0], *right = s->in->channel[1];
    mien_pupil_options o = mien_pupil_options_default();
    if (!s->in->pupil_in_mm) {
        o.lowest = o.highest = NAN;
    }
    mien_status status = mien_sensed_make(s, 0);
    double *joined = status ? NULL : mien_alloc((size_t)s->in->n, sizeof *joined);
    if (!joined) {
        return MIEN_ENOMEM;
    }
    mien_pupil_join(left ? left : right, left ? right : NULL, s->in->n, &o, joined);
    status = mien_pupil_clean(joined, s->in->n, s->in->rate_hz, &o, NULL, s->track[0]);
    mien_free(joined);
    return status;
}

static bool valid(const mien_sensed *s, int64_t i) {
    return (!s->in->channel[0] || !isnan(s->in->channel[0][i])) &&
           (!s->in->channel[1] || !isnan(s->in->channel[1][i]));
}

/* Least squares over time, a second. */
static double slope(const double *x, int64_t n, int64_t from, int64_t to, double rate) {
    double count = 0, st = 0, sx = 0, stt = 0, stx = 0;
    for (int64_t i = from < 0 ? 0 : from; i < to && i < n; i++) {
        if (!isnan(x[i])) {
            double t = (double)(i - from) / rate;
            count += 1;
            st += t;
            sx += x[i];
            stt += t * t;
            stx += t * x[i];
        }
    }
    double spread = count * stt - st * st;
    return spread > 0 ? (count * stx - st * sx) / spread : NAN;
}

static mien_status measure(
    const mien_sensed *s, const mien_sensor_window *w, double *features) {
    const double *x = s->track[0];
    int64_t n = s->in->n, half = mien_sensor_samples(s, 0.5);
    double base = mien_window_mean(x, n, w->event - half, w->event);
    features[0] = base;
    features[1] = mien_window_mean(x, n, w->from, w->to) - base;
    features[2] = mien_window_high(x, n, w->from, w->to) - base;
    features[3] = mien_window_low(x, n, w->from, w->to, NULL) - base;
    features[4] = slope(x, n, w->from, w->to, s->in->rate_hz);
    return MIEN_OK;
}

static const struct mien_sensor_work work = {
    .prepare = prepare, .valid = valid, .measure = measure};

const mien_sensor mien_sensor_pupil = {.name = "pupil",
    .summary = "pupil diameter: change from the half second before",
    .roles = {"pupil_left", "pupil_right"},
    .needed = 0,
    .features = {"pupil_baseline", "pupil_mean_change", "pupil_max_change",
        "pupil_min_change", "pupil_slope_per_s"},
    .tracks = {"pupil"},
    .work = &work};
