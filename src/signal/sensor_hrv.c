/* SPDX-License-Identifier: MIT */
/* Variability of the heart's beats in a window of half a minute or more, from an ECG or
 * a pulse wave; beats are corrected for artefacts. Shorter windows have none of these
 * figures: they rest on too few beats. */
#include <math.h>

#include "signal/sensor.h"
#include "signal/beats_sensed.h"

enum { ECG, PPG };
static const double shortest_s = 30;

static mien_status prepare(mien_sensed *s) {
    int64_t n = s->in->n;
    int source = s->in->channel[ECG] ? ECG : PPG;
    mien_sensor_beats *own = mien_alloc(1, sizeof *own);
    double *x = mien_alloc((size_t)n, sizeof *x);
    mien_status status = own && x ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && s->in->channel[source] && mien_sensed_fill(s, source, x)) {
        status = mien_sensor_find_beats(s, source == ECG, x, own);
    }
    mien_free(x);
    s->own = own;
    return status;
}

static void release(mien_sensed *s) {
    mien_free(((mien_sensor_beats *)s->own)->beats);
}

static bool valid(const mien_sensed *s, int64_t i) {
    int source = s->in->channel[ECG] ? ECG : PPG;
    return s->in->channel[source] && !isnan(s->in->channel[source][i]);
}

/* The first beat at or after a sample. */
static int64_t beat_at(const mien_sensor_beats *b, int64_t sample) {
    int64_t low = 0, high = b->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (b->beats[middle] < sample) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static mien_status measure(
    const mien_sensed *s, const mien_sensor_window *w, double *features) {
    const mien_sensor_beats *b = s->own;
    double length_s = (double)(w->to - w->from) / s->in->rate_hz;
    if (length_s < shortest_s - 0.5 / s->in->rate_hz) {
        return MIEN_OK;
    }
    int64_t first = beat_at(b, w->from), end = beat_at(b, w->to);
    mien_hrv h;
    if (end - first < 3) {
        return MIEN_OK;
    }
    mien_status status =
        mien_hrv_time(b->beats + first, end - first, s->in->rate_hz, &h);
    if (status == MIEN_OK) {
        const double figures[] = {
            h.mean_nn, h.sdnn, h.rmssd, h.pnn50, h.mad_nn, h.sd1, h.sd2};
        for (size_t k = 0; k < sizeof figures / sizeof *figures; k++) {
            features[k] = figures[k];
        }
    }
    return status;
}

static const struct mien_sensor_work work = {
    .prepare = prepare, .release = release, .valid = valid, .measure = measure};

const mien_sensor mien_sensor_hrv = {.name = "hrv",
    .summary =
        "variability of beats in windows of 30 s or more, from ECG or pulse wave",
    .roles = {"ecg", "ppg"},
    .needed = 0,
    .on_request = true,
    .features = {"hrv_mean_nn_ms", "hrv_sdnn_ms", "hrv_rmssd_ms", "hrv_pnn50",
        "hrv_mad_nn_ms", "hrv_sd1_ms", "hrv_sd2_ms"},
    .work = &work};
