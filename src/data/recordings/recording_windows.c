/* SPDX-License-Identifier: MIT */
/* Features of a sensor in windows of a recording of any length.
 *
 * Comes in: a recording, a sensor, onsets. Goes out: features and valid shares of each
 * window, and the cleaned tracks. The recording streams through a buffer of one piece
 * with margins on both sides, so that filters of 0.05 Hz have rung down where a piece
 * is used. */
#include "data/recordings/recording_features.h"
#include "inputs/recording_roles.h"

#include <math.h>
#include <string.h>

#define PIECE ((int64_t)1 << 20)
#define MARGIN_S 150.0

typedef struct work {
    const mien_recording *recording;
    const mien_sensor *sensor;
    const mien_windowing *how;
    mien_screen screen;
    mien_roles roles;
    int channels;                                /* roles of the sensor */
    mien_role_feed *feed[MIEN_SENSOR_ROLES_MAX]; /* NULL: not recorded */
    double *buffer[MIEN_SENSOR_ROLES_MAX];       /* [room] */
    double start_s, rate_hz;
    int64_t margin, room;
    int64_t first, length; /* of the buffer: its first sample, how many it holds */
    bool ended;            /* nothing comes after it */
    int64_t count, next;   /* windows */
    const double *onset_s;
    double *values, *share;
    int features;
} work;

mien_windowing mien_windowing_default(void) {
    return (mien_windowing){.window_s = {0, 5},
        .base_s = {-1, 0},
        .screen = {NAN, NAN, NAN, NAN, NAN},
        .mains_hz = 50};
}

/* Chooses the screen's geometry: the user's own words before the recording's. */
static bool choose_screen(work *w) {
    mien_screen_facts f = mien_recording_screen(w->recording);
    mien_screen s = w->how->screen;
    s.width_px = isnan(s.width_px) ? f.width_px : s.width_px;
    s.height_px = isnan(s.height_px) ? f.height_px : s.height_px;
    s.width_cm = isnan(s.width_cm) ? 100 * f.width_m : s.width_cm;
    s.height_cm = isnan(s.height_cm) ? 100 * f.height_m : s.height_cm;
    s.distance_cm = isnan(s.distance_cm) ? 100 * f.distance_m : s.distance_cm;
    w->screen = s;
    return s.width_px > 0 && s.height_px > 0 && s.width_cm > 0 && s.height_cm > 0 &&
           s.distance_cm > 0;
}

/* The clock of the first channel that is there. */
static mien_status choose_clock(work *w) {
    const mien_source *s = NULL;
    for (int k = 0; k < w->channels && !s; k++) {
        s = w->roles.role[k].count ? &w->roles.role[k].source[0] : NULL;
    }
    const mien_track *t = mien_recording_track(w->recording, s->track);
    w->rate_hz = t->rate_hz;
    w->start_s = t->start_s;
    if (!(t->rate_hz > 0)) {
        return mien_fail(MIEN_EFORMAT, "%s: the track %s has no even rate",
            mien_recording_path(w->recording), t->name);
    }
    if (!t->stamped) {
        return MIEN_OK;
    }
    mien_track_reader *reader = NULL;
    double *row = mien_alloc((size_t)t->channels, sizeof *row);
    int64_t got = 0;
    mien_status status =
        row ? mien_track_open(w->recording, s->track, &reader) : MIEN_ENOMEM;
    status = status ? status : mien_track_read(reader, 1, &w->start_s, row, &got);
    mien_track_close(&reader);
    mien_free(row);
    return status;
}

static mien_status open_feeds(work *w) {
    double reach = fmax(MARGIN_S, fmax(fabs(w->how->window_s[0]), w->how->window_s[1]));
    reach = fmax(reach, fmax(fabs(w->how->base_s[0]), fabs(w->how->base_s[1])));
    if (!(reach * w->rate_hz < 1e8)) {
        return mien_fail(
            MIEN_EINVAL, "windows that reach %g s from their onset", reach);
    }
    w->margin = (int64_t)ceil(reach * w->rate_hz) + 1;
    w->room = PIECE + 2 * w->margin;
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < w->channels; k++) {
        if (w->roles.role[k].count > 0) {
            w->buffer[k] = mien_alloc((size_t)w->room, sizeof *w->buffer[k]);
            status = w->buffer[k] ? mien_role_feed_open(w->recording, &w->roles.role[k],
                                        w->start_s, w->rate_hz, &w->feed[k])
                                  : MIEN_ENOMEM;
        }
    }
    return status;
}

/* Fills the buffer behind `kept` values; channels that end before others are NaN there.
 */
static mien_status fill(work *w, int64_t kept) {
    int64_t most = 0, want = w->room - kept, got[MIEN_SENSOR_ROLES_MAX] = {0};
    for (int k = 0; k < w->channels; k++) {
        if (w->feed[k]) {
            mien_status status =
                mien_role_feed_next(w->feed[k], want, w->buffer[k] + kept, &got[k]);
            if (status != MIEN_OK) {
                return status;
            }
            most = got[k] > most ? got[k] : most;
        }
    }
    for (int k = 0; k < w->channels; k++) {
        for (int64_t i = got[k]; w->feed[k] && i < most; i++) {
            w->buffer[k][kept + i] = NAN;
        }
    }
    w->length = kept + most;
    w->ended = most < want;
    return MIEN_OK;
}

static int64_t sample_at(const work *w, double time_s) {
    return llround((time_s - w->start_s) * w->rate_hz) - w->first;
}

static mien_status measure(work *w, const mien_sensed *s, int64_t core_end) {
    mien_status status = MIEN_OK;
    for (; status == MIEN_OK && w->next < w->count; w->next++) {
        double at = w->onset_s[w->next];
        int64_t event = sample_at(w, at);
        if (event >= core_end && !w->ended) {
            break;
        }
        /* the first sample at or after each end */
        const double ends[] = {at + w->how->window_s[0], at + w->how->window_s[1],
            at + w->how->base_s[0], at + w->how->base_s[1]};
        int64_t sample[4];
        for (int k = 0; k < 4; k++) {
            sample[k] =
                (int64_t)ceil((ends[k] - w->start_s) * w->rate_hz - 1e-6) - w->first;
        }
        const mien_sensor_window window = {
            event, sample[0], sample[1], sample[2], sample[3]};
        status = mien_sensed_window(
            s, &window, w->values + w->next * w->features, &w->share[w->next]);
    }
    return status;
}

static mien_status hand_tracks(
    const work *w, const mien_sensed *s, int64_t from, int64_t to) {
    mien_status status = MIEN_OK;
    for (int k = 0; w->how->sink && w->sensor->tracks[k] && status == MIEN_OK; k++) {
        const double *track = mien_sensed_track(s, k);
        if (track) {
            status = w->how->sink(w->how->context, w->sensor, k,
                w->start_s + (double)(w->first + from) / w->rate_hz, w->rate_hz,
                to - from, track + from);
        }
    }
    return status;
}

/* The piece in the buffer: [from, to) is what is used of it. */
static mien_status do_piece(work *w) {
    mien_sensor_input in = {.n = w->length,
        .rate_hz = w->rate_hz,
        .screen = &w->screen,
        .map = w->how->map,
        .map_height = w->how->map_height,
        .map_width = w->how->map_width,
        .mains_hz = w->how->mains_hz,
        .pupil_in_mm = w->roles.pupil_in_mm};
    int64_t from = w->first > 0 ? w->margin : 0;
    int64_t to = w->ended ? w->length : w->length - w->margin;
    mien_sensed *s = NULL;
    for (int k = 0; k < w->channels; k++) {
        in.channel[k] = w->buffer[k];
    }
    mien_status status = mien_sense(w->sensor, &in, &s);
    status = status ? status : measure(w, s, to);
    status = status ? status : hand_tracks(w, s, from, to);
    mien_sensed_free(&s);
    return status;
}

static mien_status do_pieces(work *w) {
    mien_status status = fill(w, 0);
    while (status == MIEN_OK && w->length > 0) {
        status = mien_interrupted() ? mien_fail(MIEN_EINTERRUPTED, "interrupted")
                                    : do_piece(w);
        if (status != MIEN_OK || w->ended) {
            break;
        }
        int64_t kept = 2 * w->margin, drop = w->length - kept;
        for (int k = 0; k < w->channels; k++) {
            if (w->buffer[k]) {
                memmove(w->buffer[k], w->buffer[k] + drop,
                    (size_t)kept * sizeof *w->buffer[k]);
            }
        }
        w->first += drop;
        status = fill(w, kept);
    }
    return status;
}

mien_status mien_recording_windows(const mien_recording *recording,
    const mien_sensor *sensor, const mien_windowing *windowing, int64_t count,
    const double *onset_s, double *values, double *share, bool *found) {
    work w = {.recording = recording,
        .sensor = sensor,
        .how = windowing,
        .count = count,
        .onset_s = onset_s,
        .values = values,
        .share = share,
        .features = mien_sensor_features(sensor)};
    bool screen = choose_screen(&w), gaze = strcmp(sensor->name, "gaze") == 0;
    for (int64_t i = 0; i < count; i++) {
        share[i] = 0;
        for (int k = 0; k < w.features; k++) {
            values[i * w.features + k] = NAN;
        }
    }
    while (sensor->roles[w.channels]) {
        w.channels++;
    }
    mien_status status = mien_roles_bind(
        recording, sensor, windowing->channels, &w.screen, &w.roles, found);
    if (status != MIEN_OK || !*found) {
        return status;
    }
    if (gaze && !screen) {
        return mien_fail(MIEN_EINVAL,
            "%s: does not tell the screen: say its pixels, size and distance, as in "
            "--screen 1920x1080,53.1x29.9cm,60cm",
            mien_recording_path(recording));
    }
    status = choose_clock(&w);
    status = status ? status : open_feeds(&w);
    status = status ? status : do_pieces(&w);
    for (int k = 0; k < MIEN_SENSOR_ROLES_MAX; k++) {
        mien_role_feed_close(&w.feed[k]);
        mien_free(w.buffer[k]);
    }
    return status ? mien_fail_in(status, "%s", mien_recording_path(recording))
                  : MIEN_OK;
}
