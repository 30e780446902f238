/* SPDX-License-Identifier: MIT */
/* Channels of a recording on one even clock, as a stream: what a file has at uneven
 * times is put between its neighbours, and is missing where the nearest sample is. */
#include "inputs/recording_roles.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 4096 };

/* One channel of a track. */
typedef struct strand {
    mien_track_reader *reader;
    const mien_source *source;
    int channels;
    double *time_s, *values; /* [BLOCK], [BLOCK, channels] */
    int64_t at, got;
    bool even; /* the track's own clock is the one asked for */
    bool done;
    double before_s, before, after_s, after; /* samples around the time asked for */
} strand;

struct mien_role_feed {
    int count;
    strand strand[2];
    mien_role role;
    double start_s, rate_hz;
    int64_t next; /* sample that comes */
};

static double converted(const mien_source *s, double x) {
    switch (s->how) {
    case MIEN_TIMES:
        return x * s->factor;
    case MIEN_OVER:
        return x > 0 ? s->factor / x : NAN;
    case MIEN_FROM_BELOW:
        return (1 - x) * s->factor;
    default:
        return x;
    }
}

/* The track's next sample; done at the end. */
static mien_status draw(strand *s, double *time_s, double *value) {
    if (s->at == s->got && !s->done) {
        mien_status status =
            mien_track_read(s->reader, BLOCK, s->time_s, s->values, &s->got);
        if (status != MIEN_OK) {
            return status;
        }
        s->at = 0;
        s->done = s->got == 0;
    }
    *time_s = INFINITY;
    *value = NAN;
    if (!s->done) {
        *time_s = s->time_s[s->at];
        *value =
            converted(s->source, s->values[s->at * s->channels + s->source->channel]);
        s->at++;
    }
    return MIEN_OK;
}

/* Between the neighbours, where both are valid and at most 100 ms apart; else the
 * nearest, if it is near. */
static double between(const strand *s, double t, double rate_hz) {
    bool left = t - s->before_s <= s->after_s - t;
    double nearest = left ? s->before : s->after;
    double way = left ? t - s->before_s : s->after_s - t;
    if (isnan(nearest) || !(way <= fmax(0.75 / rate_hz, 0.05))) {
        return NAN;
    }
    if (isnan(s->before) || isnan(s->after) || s->after_s - s->before_s > 0.1) {
        return way <= 0.75 / rate_hz ? nearest : NAN;
    }
    double span = s->after_s - s->before_s;
    return span > 0 ? s->before + (s->after - s->before) * ((t - s->before_s) / span)
                    : nearest;
}

static mien_status strand_next(strand *s, double t, double rate_hz, double *value) {
    mien_status status = MIEN_OK;
    if (s->even) {
        double time_s;
        return draw(s, &time_s, value);
    }
    while (status == MIEN_OK && s->after_s <= t) {
        s->before_s = s->after_s;
        s->before = s->after;
        status = draw(s, &s->after_s, &s->after);
    }
    *value = between(s, t, rate_hz);
    return status;
}

/* Whether nothing of the track lies at t or later. */
static bool ended(const strand *s, double t, double rate_hz) {
    return s->done && (s->even || t > s->before_s + 0.5 / rate_hz);
}

static mien_status open_strand(const mien_recording *r, const mien_source *source,
    double start_s, double rate_hz, strand *s) {
    const mien_track *t = mien_recording_track(r, source->track);
    s->source = source;
    s->channels = t->channels;
    s->even = !t->stamped && t->start_s == start_s && t->rate_hz == rate_hz;
    s->before_s = -INFINITY;
    s->before = NAN;
    s->time_s = mien_alloc(BLOCK, sizeof *s->time_s);
    s->values = mien_alloc((size_t)BLOCK * (size_t)t->channels, sizeof *s->values);
    mien_status status = s->time_s && s->values
                             ? mien_track_open(r, source->track, &s->reader)
                             : MIEN_ENOMEM;
    return status || s->even ? status : draw(s, &s->after_s, &s->after);
}

mien_status mien_role_feed_open(const mien_recording *r, const mien_role *role,
    double start_s, double rate_hz, mien_role_feed **feed) {
    mien_role_feed *f = mien_alloc(1, sizeof *f);
    if (!f) {
        return MIEN_ENOMEM;
    }
    f->role = *role;
    f->start_s = start_s;
    f->rate_hz = rate_hz;
    mien_status status = MIEN_OK;
    for (int k = 0; status == MIEN_OK && k < role->count; k++) {
        f->count = k + 1;
        status = open_strand(r, &f->role.source[k], start_s, rate_hz, &f->strand[k]);
    }
    if (status != MIEN_OK) {
        mien_role_feed_close(&f);
        return status;
    }
    *feed = f;
    return MIEN_OK;
}

void mien_role_feed_close(mien_role_feed **feed) {
    mien_role_feed *f = feed ? *feed : NULL;
    if (f) {
        for (int k = 0; k < f->count; k++) {
            mien_track_close(&f->strand[k].reader);
            mien_free(f->strand[k].time_s);
            mien_free(f->strand[k].values);
        }
        mien_free(f);
        *feed = NULL;
    }
}

mien_status mien_role_feed_next(
    mien_role_feed *f, int64_t count, double *values, int64_t *got) {
    int64_t n = 0;
    for (; n < count; n++) {
        double t = f->start_s + (double)f->next / f->rate_hz, sum = 0;
        int valid = 0, over = 0;
        for (int k = 0; k < f->count; k++) {
            double value = NAN;
            mien_status status = strand_next(&f->strand[k], t, f->rate_hz, &value);
            if (status != MIEN_OK) {
                return status;
            }
            valid += !isnan(value);
            sum += isnan(value) ? 0 : value;
            over += ended(&f->strand[k], t, f->rate_hz);
        }
        if (over == f->count) {
            break;
        }
        values[n] = valid > 0 ? sum / valid : NAN;
        f->next++;
    }
    *got = n;
    return MIEN_OK;
}
