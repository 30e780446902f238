/* SPDX-License-Identifier: MIT */
/* The table of sensors, and what is the same for all: tracks, windows, valid shares. */
#include "signal/sensor.h"
#include "base/need.h"

#include <math.h>
#include <string.h>

static const mien_sensor *const sensors[] = {
#define X(name) &mien_sensor_##name,
#include "signal/sensors.def"
#undef X
};

int mien_sensor_count(void) {
    return (int)(sizeof sensors / sizeof *sensors);
}

const mien_sensor *mien_sensor_at(int index) {
    return index >= 0 && index < mien_sensor_count() ? sensors[index] : NULL;
}

mien_status mien_sensor_find(const char *name, const mien_sensor **sensor) {
    MIEN_NEED(name, sensor);
    mien_string known;
    mien_string_init(&known);
    for (int i = 0; i < mien_sensor_count(); i++) {
        if (strcmp(sensors[i]->name, name) == 0) {
            *sensor = sensors[i];
            mien_string_clear(&known);
            return MIEN_OK;
        }
        mien_string_addf(&known, "%s%s", i ? ", " : "", sensors[i]->name);
    }
    mien_status status = mien_string_status(&known);
    if (status == MIEN_OK) {
        status = mien_fail(
            MIEN_ENOTFOUND, "there is no sensor \"%s\"; known: %s", name, known.text);
    }
    mien_string_clear(&known);
    return status;
}

int mien_sensor_features(const mien_sensor *sensor) {
    MIEN_NEED_OR(0, sensor);
    int count = 0;
    while (sensor->features[count]) {
        count++;
    }
    return count;
}

/* ---- what rows use --------------------------------------------------------- */

mien_status mien_sensed_make(mien_sensed *s, int track) {
    s->track[track] = mien_alloc((size_t)s->in->n, sizeof *s->track[track]);
    return s->track[track] ? MIEN_OK : MIEN_ENOMEM;
}

bool mien_sensed_fill(const mien_sensed *s, int role, double *to) {
    const double *x = s->in->channel[role];
    if (!x || s->in->n < 1) {
        return false;
    }
    mien_series_fill_all(x, s->in->n, to);
    return !isnan(to[0]);
}

bool mien_sensor_valid_first(const mien_sensed *s, int64_t i) {
    return s->in->channel[0] && !isnan(s->in->channel[0][i]);
}

int64_t mien_sensor_samples(const mien_sensed *s, double seconds) {
    return llround(seconds * s->in->rate_hz);
}

double mien_window_mean(const double *x, int64_t n, int64_t from, int64_t to) {
    double sum = 0;
    int64_t count = 0;
    for (int64_t i = from < 0 ? 0 : from; i < to && i < n; i++) {
        if (!isnan(x[i])) {
            sum += x[i];
            count++;
        }
    }
    return count > 0 ? sum / (double)count : NAN;
}

double mien_window_low(
    const double *x, int64_t n, int64_t from, int64_t to, int64_t *at) {
    double low = NAN;
    for (int64_t i = from < 0 ? 0 : from; i < to && i < n; i++) {
        if (!isnan(x[i]) && !(x[i] >= low)) {
            low = x[i];
            if (at) {
                *at = i;
            }
        }
    }
    return low;
}

double mien_window_high(const double *x, int64_t n, int64_t from, int64_t to) {
    double high = NAN;
    for (int64_t i = from < 0 ? 0 : from; i < to && i < n; i++) {
        high = !isnan(x[i]) && !(x[i] <= high) ? x[i] : high;
    }
    return high;
}

/* ---- a recording ----------------------------------------------------------- */

mien_status mien_sense(
    const mien_sensor *sensor, const mien_sensor_input *input, mien_sensed **sensed) {
    MIEN_NEED(sensor, input, sensed);
    mien_sensed *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    s->sensor = sensor;
    s->in = input;
    mien_status status = MIEN_OK;
    if (!(input->rate_hz > 0) || input->n < 1) {
        status = mien_fail(MIEN_EINVAL, "%s: %lld samples at %g Hz", sensor->name,
            (long long)input->n, input->rate_hz);
    }
    status = status ? status : sensor->work->prepare(s);
    if (status != MIEN_OK) {
        mien_fail_in(status, "%s", sensor->name);
        mien_sensed_free(&s);
        return status;
    }
    *sensed = s;
    return MIEN_OK;
}

void mien_sensed_free(mien_sensed **sensed) {
    mien_sensed *s = sensed ? *sensed : NULL;
    if (!s) {
        return;
    }
    if (s->own && s->sensor->work->release) {
        s->sensor->work->release(s);
    }
    mien_free(s->own);
    for (int k = 0; k < MIEN_SENSOR_TRACKS_MAX; k++) {
        mien_free(s->track[k]);
    }
    mien_free(s);
    *sensed = NULL;
}

mien_status mien_sensed_window(const mien_sensed *s, const mien_sensor_window *window,
    double *features, double *valid_share) {
    MIEN_NEED(s, window, features, valid_share);
    int count = mien_sensor_features(s->sensor);
    int64_t valid = 0, length = window->to - window->from;
    if (length < 1 || window->base_to < window->base_from) {
        return mien_fail(MIEN_EINVAL, "a window of no samples");
    }
    for (int k = 0; k < count; k++) {
        features[k] = NAN;
    }
    for (int64_t i = window->from; i < window->to; i++) {
        valid += i >= 0 && i < s->in->n && s->sensor->work->valid(s, i);
    }
    *valid_share = (double)valid / (double)length;
    return *valid_share < 0.5 ? MIEN_OK : s->sensor->work->measure(s, window, features);
}

const double *mien_sensed_track(const mien_sensed *s, int track) {
    MIEN_NEED_OR(NULL, s);
    return track >= 0 && track < MIEN_SENSOR_TRACKS_MAX ? s->track[track] : NULL;
}
