/* SPDX-License-Identifier: MIT */
/* Skin conductance (uS): change of level and responses. */
#include <math.h>

#include "signal/sensor.h"

typedef struct own {
    mien_scr *scr;
    int64_t count;
} own;

enum { TONIC, PHASIC };

static mien_status prepare(mien_sensed *s) {
    own *o = s->own = mien_alloc(1, sizeof *o);
    int64_t n = s->in->n;
    double rate = s->in->rate_hz, *clean = mien_alloc((size_t)n, sizeof *clean);
    mien_status status = o && clean ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && mien_sensed_fill(s, 0, clean)) {
        status = mien_sensed_make(s, TONIC);
        status = status ? status : mien_sensed_make(s, PHASIC);
        status = status ? status : mien_eda_clean(clean, n, rate, clean);
        status =
            status ? status
                   : mien_eda_split(clean, n, rate, s->track[TONIC], s->track[PHASIC]);
        status = status ? status
                        : mien_eda_peaks(
                              s->track[PHASIC], n, rate, NULL, &o->scr, &o->count);
    }
    mien_free(clean);
    return status;
}

static void release(mien_sensed *s) {
    own *o = s->own;
    mien_free(o->scr);
}

/* Responses of which the onset lies 1 to 4 s after the event count as its first. */
static mien_status measure(
    const mien_sensed *s, const mien_sensor_window *w, double *features) {
    const own *o = s->own;
    int64_t n = s->in->n;
    if (!s->track[PHASIC]) {
        return MIEN_OK;
    }
    int64_t late = w->event + mien_sensor_samples(s, 1);
    int64_t latest = w->event + mien_sensor_samples(s, 4);
    double base = mien_window_mean(s->track[PHASIC], n, w->base_from, w->base_to);
    features[0] = mien_window_mean(s->track[TONIC], n, w->from, w->to) -
                  mien_window_mean(s->track[TONIC], n, w->base_from, w->base_to);
    features[1] =
        mien_window_high(s->track[PHASIC], n, late > w->from ? late : w->from, w->to) -
        base;
    features[2] = mien_window_mean(s->track[PHASIC], n, w->from, w->to) - base;
    features[3] = features[4] = 0;
    for (int64_t k = o->count - 1; k >= 0; k--) {
        const mien_scr *scr = &o->scr[k];
        features[3] += scr->peak >= w->from && scr->peak < w->to;
        if (scr->onset >= late && scr->onset <= latest && scr->onset < w->to) {
            features[4] = log1p(scr->amplitude);
            features[5] = (double)(scr->onset - w->event) / s->in->rate_hz;
        }
    }
    return MIEN_OK;
}

static const struct mien_sensor_work work = {.prepare = prepare,
    .release = release,
    .valid = mien_sensor_valid_first,
    .measure = measure};

const mien_sensor mien_sensor_eda = {.name = "eda",
    .summary = "skin conductance: change of level, responses",
    .roles = {"eda"},
    .needed = 1,
    .features = {"eda_tonic_change_uS", "eda_phasic_max_change_uS",
        "eda_phasic_mean_change_uS", "eda_scr_count", "eda_scr_first_log1p",
        "eda_scr_first_latency_s"},
    .tracks = {"eda_tonic_uS", "eda_phasic_uS"},
    .work = &work};
