/* SPDX-License-Identifier: MIT */
/* Gaze on a screen: the fixations of a window (I-VT), their ways and places.
 *
 * Comes in: positions in pixels and the screen. Goes out: the 14 figures of the first
 * set; the last, NSS, only where a map is given. */
#include <math.h>
#include <string.h>

#include "signal/sensor.h"

typedef struct own {
    mien_spans fixations;
    double *speed; /* [n] deg/s; NaN near gaps */
} own;

enum { DEG_X, DEG_Y };

/* Speeds within 40 ms of a gap are those of lids. */
static void drop_lids(const mien_sensed *s, double *speed) {
    int64_t margin = mien_sensor_samples(s, 0.04), n = s->in->n, until = -1;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(s->track[DEG_X][i])) {
            for (int64_t k = i - 1; k >= 0 && k >= i - margin; k--) {
                if (isnan(s->track[DEG_X][k])) {
                    break;
                }
                speed[k] = NAN;
            }
            until = i + margin;
        }
        speed[i] = i <= until ? NAN : speed[i];
    }
}

static mien_status prepare(mien_sensed *s) {
    own *o = s->own = mien_alloc(1, sizeof *o);
    int64_t n = s->in->n;
    const mien_screen *screen = s->in->screen;
    if (!o) {
        return MIEN_ENOMEM;
    }
    if (!screen) {
        return mien_fail(MIEN_EINVAL,
            "the screen is not known: its pixels, size and distance are needed");
    }
    double *vx = mien_alloc((size_t)n, sizeof *vx);
    double *vy = mien_alloc((size_t)n, sizeof *vy);
    mien_status status = vx && vy ? mien_sensed_make(s, DEG_X) : MIEN_ENOMEM;
    status = status ? status : mien_sensed_make(s, DEG_Y);
    if (status == MIEN_OK) {
        mien_gaze_degrees(s->in->channel[0], n, screen->width_px, screen->width_cm,
            screen->distance_cm, s->track[DEG_X]);
        mien_gaze_degrees(s->in->channel[1], n, screen->height_px, screen->height_cm,
            screen->distance_cm, s->track[DEG_Y]);
        mien_gaze_velocity(
            s->track[DEG_X], n, s->in->rate_hz, MIEN_VELOCITY_FIVE_POINT, vx);
        mien_gaze_velocity(
            s->track[DEG_Y], n, s->in->rate_hz, MIEN_VELOCITY_FIVE_POINT, vy);
        status = mien_fixations_by_velocity(
            vx, vy, n, s->in->rate_hz, 30, 0.1, &o->fixations);
    }
    if (status == MIEN_OK) {
        for (int64_t i = 0; i < n; i++) {
            vx[i] = hypot(vx[i], vy[i]);
        }
        drop_lids(s, vx);
        o->speed = vx;
        vx = NULL;
    }
    mien_free(vx);
    mien_free(vy);
    return status;
}

static void release(mien_sensed *s) {
    own *o = s->own;
    mien_spans_clear(&o->fixations);
    mien_free(o->speed);
}

static bool valid(const mien_sensed *s, int64_t i) {
    return !isnan(s->in->channel[0][i]) && !isnan(s->in->channel[1][i]);
}

/* Mean of the map, standardised, at the cells that were fixated, each once. */
static mien_status score_map(
    const mien_sensed *s, const mien_sensor_window *w, double *nss) {
    const own *o = s->own;
    int64_t h = s->in->map_height, v = s->in->map_width;
    double *seen = mien_alloc((size_t)(h * v), sizeof *seen);
    int64_t fixated = 0;
    mien_saliency scores;
    if (!seen) {
        return MIEN_ENOMEM;
    }
    for (int64_t k = 0; k < o->fixations.count; k++) {
        mien_span f = o->fixations.items[k];
        if (f.onset < w->from || f.offset >= w->to) {
            continue;
        }
        mien_fixation at = mien_fixation_measure(
            s->in->channel[0], s->in->channel[1], s->in->rate_hz, f);
        double x = floor(at.x / s->in->screen->width_px * (double)v);
        double y = floor(at.y / s->in->screen->height_px * (double)h);
        if (x >= 0 && y >= 0 && x < (double)v && y < (double)h) {
            seen[(int64_t)y * v + (int64_t)x] += 1;
            fixated++;
        }
    }
    mien_status status =
        fixated > 0 ? mien_saliency_score(s->in->map, seen, s->in->map, h, v, &scores)
                    : MIEN_OK;
    *nss = status == MIEN_OK && fixated > 0 ? scores.nss : NAN;
    mien_free(seen);
    return status;
}

static mien_status measure(
    const mien_sensed *s, const mien_sensor_window *w, double *features) {
    const own *o = s->own;
    mien_gaze_features f;
    mien_status status = mien_gaze_window(s->track[DEG_X], s->track[DEG_Y],
        s->in->channel[0], s->in->channel[1], s->in->rate_hz, s->in->screen,
        &o->fixations, w->from, w->to, &f);
    if (status != MIEN_OK) {
        return status;
    }
    const double all[] = {f.fixation_rate_hz, f.fixation_mean_s, f.fixation_sd_s,
        f.fixation_max_s, f.fixation_share, f.saccade_amplitude_mean,
        f.saccade_amplitude_sd, mien_window_high(o->speed, s->in->n, w->from, w->to),
        f.scanpath_length, f.spread_rms, f.centre_distance, f.entropy,
        f.entropy_transition};
    memcpy(features, all, sizeof all);
    return s->in->map ? score_map(s, w, &features[13]) : MIEN_OK;
}

static const struct mien_sensor_work work = {
    .prepare = prepare, .release = release, .valid = valid, .measure = measure};

const mien_sensor mien_sensor_gaze = {.name = "gaze",
    .summary = "fixations, their ways and places on a screen",
    .roles = {"x", "y"},
    .needed = 2,
    .features = {"gaze_fixation_rate_hz", "gaze_fixation_mean_s", "gaze_fixation_sd_s",
        "gaze_fixation_max_s", "gaze_fixation_share", "gaze_saccade_amplitude_mean_deg",
        "gaze_saccade_amplitude_sd_deg", "gaze_peak_velocity_deg_s",
        "gaze_scanpath_length_deg", "gaze_spread_deg", "gaze_centre_distance_deg",
        "gaze_entropy_bits", "gaze_transition_entropy_bits", "gaze_nss"},
    .tracks = {"gaze_x_deg", "gaze_y_deg"},
    .work = &work};
