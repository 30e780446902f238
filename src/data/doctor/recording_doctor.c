/* SPDX-License-Identifier: MIT */
/* Checks of a recording before anything is computed from it. Comes in: a recording.
 * Goes out: findings. One pass over each track keeps counts alone, so that a
 * recording of any length is judged. */
#include "data/doctor/doctor.h"
#include "data/recordings/recording_features.h"
#include "inputs/recording_roles.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 4096 };

/* What a sensor needs to be told of units is asked of these. */
static const mien_sensor asked[] = {
    {.name = "gaze", .roles = {"x", "y"}, .needed = 2},
    {.name = "pupil", .roles = {"pupil_left", "pupil_right"}},
    {.name = "eda", .roles = {"eda"}, .needed = 1},
};
enum { GAZE, PUPIL, ASKED = sizeof asked / sizeof *asked };

/* Of a channel, so far. */
typedef struct signal {
    int64_t valid, low_count, high_count;
    double low, high, last;
    int64_t run, longest; /* of equal values */
    double run_end_s;     /* of the longest */
    double most;          /* of gaze, how far the screen reaches; NaN: of others */
    int64_t outside;      /* of the screen */
} signal;

/* Of a track's clock. */
typedef struct clock {
    int64_t n, gaps, twice; /* twice: samples with the stamp of the one before */
    double twice_at_s;      /* the first of them */
    double first_s, last_s;
    double in_steps_s, steps, squares; /* steps that are no gaps */
    double longest_gap_s, gap_at_s;
} clock;

static void note_time(clock *c, double t, double rate_hz) {
    if (c->n == 0) {
        c->first_s = t;
    } else {
        double step = t - c->last_s, nominal = rate_hz > 0 ? 1 / rate_hz : step;
        if (step == 0) {
            c->twice_at_s = c->twice++ ? c->twice_at_s : t;
        } else if (step > 1.5 * nominal) {
            c->gaps++;
            if (step > c->longest_gap_s) {
                c->longest_gap_s = step;
                c->gap_at_s = c->last_s;
            }
        } else {
            c->steps += 1;
            c->in_steps_s += step;
            c->squares += (step - nominal) * (step - nominal);
        }
    }
    c->last_s = t;
    c->n++;
}

static void note_value(signal *s, double x, double t) {
    if (isnan(x)) {
        s->run = 0;
        s->last = NAN;
        return;
    }
    if (s->valid == 0 || x < s->low) {
        s->low = x;
        s->low_count = 0;
    }
    if (s->valid == 0 || x > s->high) {
        s->high = x;
        s->high_count = 0;
    }
    s->outside += !isnan(s->most) && !(x >= 0 && x <= s->most);
    s->low_count += x == s->low;
    s->high_count += x == s->high;
    s->run = x == s->last ? s->run + 1 : 1;
    if (s->run > s->longest) {
        s->longest = s->run;
        s->run_end_s = t;
    }
    s->last = x;
    s->valid++;
}

static mien_status scan(const mien_recording *r, int track, clock *c, signal *s) {
    const mien_track *t = mien_recording_track(r, track);
    size_t channels = (size_t)t->channels;
    mien_track_reader *reader = NULL;
    double *block = mien_alloc(BLOCK * (channels + 1), sizeof *block);
    double *time_s = block ? block + BLOCK * channels : NULL;
    int64_t got = 1;
    mien_status status = block ? mien_track_open(r, track, &reader) : MIEN_ENOMEM;
    while (status == MIEN_OK && got > 0) {
        status = mien_track_read(reader, BLOCK, time_s, block, &got);
        for (int64_t i = 0; status == MIEN_OK && i < got; i++) {
            note_time(c, time_s[i], t->rate_hz);
            for (int k = 0; k < t->channels; k++) {
                note_value(&s[k], block[i * t->channels + k], time_s[i]);
            }
        }
        if (status == MIEN_OK && mien_interrupted()) {
            status = mien_fail(MIEN_EINTERRUPTED, "interrupted");
        }
    }
    mien_track_close(&reader);
    mien_free(block);
    return status;
}

static mien_status tell_clock(
    const mien_track *t, const clock *c, mien_findings *findings) {
    const char *name = t->name;
    if (c->n == 0) {
        return mien_findings_add(
            findings, MIEN_ERROR, "samples", name, "the track has no samples");
    }
    mien_status status = mien_findings_add(findings, MIEN_NOTE, "track", name,
        "%d channels, %lld samples, %.3f to %.3f s, %.6g Hz", t->channels,
        (long long)c->n, c->first_s, c->last_s, t->rate_hz);
    if (status == MIEN_OK && t->stamped && c->twice > 0) {
        status = mien_findings_add(findings,
            c->twice > 0.01 * (double)c->n ? MIEN_ERROR : MIEN_WARNING, "twice", name,
            "%lld of %lld samples have the stamp of the one before, the first at %.3f "
            "s: "
            "rows are there twice, or stamps are rounded too far",
            (long long)c->twice, (long long)c->n, c->twice_at_s);
    }
    if (!t->stamped || !(t->rate_hz > 0)) {
        return status;
    }
    if (status == MIEN_OK && c->gaps >= 10 && c->gaps > c->steps) {
        return mien_findings_add(findings, MIEN_ERROR, "rate", name,
            "the rate contradicts the stamps: %.6g Hz are told, and %lld samples in "
            "%.3f s are %.6g Hz: mend the one or the other",
            t->rate_hz, (long long)c->n, c->last_s - c->first_s,
            (double)(c->n - 1) / (c->last_s - c->first_s));
    }
    if (c->steps < 10) {
        return status;
    }
    double nominal = 1 / t->rate_hz, mean = c->in_steps_s / c->steps;
    double drift = 1e6 * (mean / nominal - 1), jitter = sqrt(c->squares / c->steps);
    if (status == MIEN_OK && fabs(drift) > 100) {
        status = mien_findings_add(findings,
            fabs(drift) > 1e4 ? MIEN_ERROR : MIEN_WARNING, "drift", name,
            "the clock drifts by %.0f ppm: %.6g Hz are told, %.6g Hz are there", drift,
            t->rate_hz, 1 / mean);
    }
    if (status == MIEN_OK) {
        status = mien_findings_add(findings,
            jitter > 0.25 * nominal ? MIEN_WARNING : MIEN_NOTE, "jitter", name,
            "samples come %.3f ms (root mean square) off their step of %.3f ms",
            1000 * jitter, 1000 * nominal);
    }
    if (status == MIEN_OK && c->gaps > 0) {
        status = mien_findings_add(findings, MIEN_WARNING, "gap", name,
            "%lld gaps without samples; the longest is %.3f s, at %.3f s",
            (long long)c->gaps, c->longest_gap_s, c->gap_at_s);
    }
    return status;
}

static mien_status tell_channel(const mien_track *t, const clock *c, int channel,
    const signal *s, mien_findings *findings) {
    char name[130];
    snprintf(name, sizeof name, "%.31s/%.31s", t->name, t->channel[channel].name);
    double share = c->n > 0 ? (double)s->valid / (double)c->n : 0;
    if (s->valid == 0) {
        return mien_findings_add(
            findings, MIEN_ERROR, "valid", name, "no sample is valid");
    }
    mien_status status = mien_findings_add(findings,
        share < 0.5   ? MIEN_ERROR
        : share < 0.8 ? MIEN_WARNING
                      : MIEN_NOTE,
        "valid", name, "%.1f %% of the samples are valid, %.6g to %.6g%s%s",
        100 * share, s->low, s->high, *t->channel[channel].unit ? " " : "",
        t->channel[channel].unit);
    double rate = t->rate_hz > 0 ? t->rate_hz : 1, valid = (double)s->valid;
    double flat_s = (double)(s->longest - 1) / rate;
    /* digital levels repeat: a line is flat when it lasts, and not in slow series */
    if (status == MIEN_OK && s->longest > 100 && flat_s > 5) {
        status = mien_findings_add(findings, MIEN_WARNING, "flat", name,
            "a flat line of %.1f s that ends at %.3f s", flat_s, s->run_end_s);
    }
    double low = (double)s->low_count / valid, high = (double)s->high_count / valid;
    bool constant = s->low == s->high;
    if (status == MIEN_OK && s->outside > 0) {
        status = mien_findings_add(findings, MIEN_WARNING, "outside", name,
            "%.1f %% of the valid samples lie outside the screen (0 to %.6g)",
            100 * (double)s->outside / valid, s->most);
    }
    if (status == MIEN_OK && !constant && (low > 0.01 || high > 0.01) && valid > 1000) {
        status = mien_findings_add(findings, MIEN_WARNING, "saturation", name,
            "%.1f %% of the samples have the %s value, %.6g: the amplifier may have "
            "reached its end",
            100 * fmax(low, high), low > high ? "lowest" : "highest",
            low > high ? s->low : s->high);
    }
    return status;
}

/* How far the screen reaches in the units of each of gaze's channels. */
static void bound_gaze(
    const mien_recording *r, int track, const mien_roles *gaze, signal *s) {
    const mien_screen_facts f = mien_recording_screen(r);
    for (int k = 0; gaze && k < 2; k++) {
        for (int i = 0; i < gaze->role[k].count; i++) {
            const mien_source *from = &gaze->role[k].source[i];
            if (from->track == track) {
                s[from->channel].most =
                    from->how == MIEN_AS_IT_IS ? (k ? f.height_px : f.width_px) : 1;
            }
        }
    }
}

static mien_status look_at_track(const mien_recording *r, int track,
    const mien_roles *gaze, mien_findings *findings, double *first_s, double *end_s) {
    const mien_track *t = mien_recording_track(r, track);
    signal *s = mien_alloc((size_t)t->channels, sizeof *s);
    clock c = {.n = 0};
    if (!s) {
        return MIEN_ENOMEM;
    }
    for (int k = 0; k < t->channels; k++) {
        s[k].last = s[k].most = NAN;
    }
    bound_gaze(r, track, gaze, s);
    mien_status status = scan(r, track, &c, s);
    if (status == MIEN_EFORMAT || status == MIEN_ELIMIT) {
        status = mien_findings_add(
            findings, MIEN_ERROR, "unreadable", t->name, "%s", mien_error());
    } else {
        status = status ? status : tell_clock(t, &c, findings);
        for (int k = 0; status == MIEN_OK && c.n > 0 && k < t->channels; k++) {
            status = tell_channel(t, &c, k, &s[k], findings);
        }
        *first_s = fmin(*first_s, c.n > 0 ? c.first_s : INFINITY);
        *end_s = fmax(*end_s, c.n > 0 ? c.last_s : -INFINITY);
    }
    mien_free(s);
    return status;
}

/* Channels whose unit is missing where it matters, or cannot be used. roles [ASKED] */
static mien_status look_at_units(
    const mien_recording *r, mien_roles *roles, bool *found, mien_findings *findings) {
    const mien_screen_facts f = mien_recording_screen(r);
    const mien_screen screen = {.width_px = f.width_px, .height_px = f.height_px};
    for (int k = 0; k < ASKED; k++) {
        mien_status status =
            mien_roles_bind(r, &asked[k], NULL, &screen, &roles[k], &found[k]);
        if (status == MIEN_EFORMAT) {
            found[k] = false;
            status = mien_findings_add(
                findings, MIEN_ERROR, "unit", asked[k].name, "%s", mien_error());
        }
        if (status != MIEN_OK) {
            return status;
        }
    }
    return MIEN_OK;
}

/* A pupil in other units than lengths is an area or a diameter: of an area twice the
 * change is no twice the diameter. */
static mien_status look_at_pupil(
    const mien_recording *r, const mien_roles *pupil, mien_findings *findings) {
    mien_status status = MIEN_OK;
    for (int k = 0; k < 2; k++) {
        for (int i = 0; status == MIEN_OK && i < pupil->role[k].count; i++) {
            const mien_source *from = &pupil->role[k].source[i];
            const mien_track *t = mien_recording_track(r, from->track);
            const mien_channel *c = &t->channel[from->channel];
            bool told = pupil->pupil_in_mm || strncmp(c->unit, "pix", 3) == 0 ||
                        strstr(c->unit, "area") || strstr(c->unit, "diameter");
            if (!told) {
                status = mien_findings_add(findings, MIEN_WARNING, "unit", t->name,
                    "%s: its unit (%s) does not say whether it is an area or a "
                    "diameter: "
                    "say so in the sidecar's Description, or by columns (unit.%s=mm)",
                    c->name, *c->unit ? c->unit : "none is told", c->name);
            }
        }
    }
    return status;
}

static mien_status look_at_events(
    const mien_recording *r, double first_s, double end_s, mien_findings *findings) {
    const mien_event *events;
    int64_t n = mien_recording_events(r, &events), outside = 0;
    for (int64_t i = 0; i < n; i++) {
        outside += events[i].onset_s > end_s || events[i].onset_s < first_s;
    }
    mien_status status = mien_findings_add(
        findings, MIEN_NOTE, "events", "", "%lld events", (long long)n);
    return status || outside == 0 || !(first_s <= end_s)
               ? status
               : mien_findings_add(findings, MIEN_WARNING, "events", "",
                     "%lld events lie outside the recording (%.3f to %.3f s): their "
                     "windows will be missing",
                     (long long)outside, first_s, end_s);
}

mien_status mien_recording_doctor(
    const mien_recording *r, mien_finding **list, int64_t *count) {
    mien_findings findings = {0};
    double first_s = INFINITY, end_s = -INFINITY;
    mien_roles roles[ASKED];
    bool found[ASKED] = {false};
    mien_status status = look_at_units(r, roles, found, &findings);
    if (status == MIEN_OK && found[PUPIL]) {
        status = look_at_pupil(r, &roles[PUPIL], &findings);
    }
    for (int t = 0; status == MIEN_OK && t < mien_recording_tracks(r); t++) {
        status = look_at_track(
            r, t, found[GAZE] ? &roles[GAZE] : NULL, &findings, &first_s, &end_s);
    }
    status = status ? status : look_at_events(r, first_s, end_s, &findings);
    status = status ? status : mien_findings_end(&findings);
    if (status != MIEN_OK) {
        mien_free(findings.items);
        return status;
    }
    *list = findings.items;
    *count = findings.count;
    return MIEN_OK;
}
