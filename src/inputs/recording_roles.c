/* SPDX-License-Identifier: MIT */
/* Channels of recordings by what they measure.
 *
 * Comes in: a recording and a sensor. Goes out: for each of the sensor's roles the
 * channels that serve it, with what brings them to the sensor's unit. recording_feed.c
 * reads them. */
#include "inputs/recording_roles.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAMES = 9 };

/* Names in order of preference; "a|b" are two eyes of which both are taken. */
static const struct {
    const char *role;
    const char *names[NAMES + 1];
} known[] = {
    {"x", {"x_coordinate", "gaze_x", "BPOGX", "norm_pos_x", "left_x|right_x", "x_px",
              "x", "FPOGX"}},
    {"y", {"y_coordinate", "gaze_y", "BPOGY", "norm_pos_y", "left_y|right_y", "y_px",
              "y", "FPOGY"}},
    {"pupil_left", {"LPMM", "pupil_left", "left_pupil", "left_mm", "pupil_size",
                       "diameter_3d", "left pupil diameter", "LPD", "diameter"}},
    {"pupil_right", {"RPMM", "pupil_right", "right_pupil", "right_mm", "pupil_size",
                        "right pupil diameter", "RPD"}},
    {"eda", {"eda", "gsr", "scr", "scl", "skin_conductance"}},
    {"ecg", {"ecg", "ekg", "cardiac"}},
    {"ppg", {"ppg", "bvp", "pulse", "pleth"}},
    {"heart_rate", {"hr", "heart_rate"}},
    {"corrugator", {"corrugator", "emg_corrugator", "corr"}},
    {"zygomaticus", {"zygomaticus", "emg_zygomaticus", "zyg"}},
    {"respiration", {"rsp", "resp", "respiratory", "respiration"}},
    {"temperature", {"temp", "temperature", "skt"}},
};

/* ---- units ----------------------------------------------------------------- */

static bool unit_is(const char *unit, const char *const *any) {
    for (; *any; any++) {
        if (strcasecmp(unit, *any) == 0) {
            return true;
        }
    }
    return false;
}

static mien_status convert_gaze(
    const char *unit, double pixels, mien_source *s, const char **wrong) {
    static const char *const px[] = {"pixel", "pixels", "px", "pix", NULL};
    if (strcmp(unit, "screen") == 0 || strcmp(unit, "screen from below") == 0) {
        s->how = unit[6] ? MIEN_FROM_BELOW : MIEN_TIMES;
        s->factor = pixels;
    } else if (!unit_is(unit, px)) {
        *wrong = "pixel, or screen (a share of it; \"screen from below\": y upwards)";
    }
    return MIEN_OK;
}

static mien_status convert_skin(const char *unit, mien_source *s, const char **wrong) {
    static const char *const micro[] = {
        "uS", "µS", "μS", "microsiemens", "microS", "umho", NULL};
    static const char *const siemens[] = {"S", "siemens", NULL};
    static const char *const ohm[] = {"ohm", "ohms", "Ω", "Ω", NULL};
    static const char *const kilo[] = {"kohm", "kohms", "kΩ", NULL};
    if (unit_is(unit, siemens)) {
        s->how = MIEN_TIMES;
        s->factor = 1e6;
    } else if (unit_is(unit, ohm) || unit_is(unit, kilo)) {
        s->how = MIEN_OVER;
        s->factor = unit_is(unit, ohm) ? 1e6 : 1e3;
    } else if (!unit_is(unit, micro)) {
        *wrong = "uS (conductance) or ohm (resistance)";
    }
    return MIEN_OK;
}

static mien_status convert(const mien_recording *r, const char *role,
    const mien_screen *screen, mien_source *s, mien_roles *roles) {
    static const char *const mm[] = {"mm", "millimeter", "millimetre", NULL};
    const mien_channel *c = &mien_recording_track(r, s->track)->channel[s->channel];
    const char *wrong = NULL;
    bool across = strcmp(role, "x") == 0;
    if (across || strcmp(role, "y") == 0) {
        double pixels = screen ? (across ? screen->width_px : screen->height_px) : NAN;
        convert_gaze(c->unit, pixels, s, &wrong);
    } else if (strcmp(role, "eda") == 0) {
        convert_skin(c->unit, s, &wrong);
    } else if (strncmp(role, "pupil", 5) == 0) {
        roles->pupil_in_mm = unit_is(c->unit, mm);
    }
    return wrong ? mien_fail(MIEN_EFORMAT,
                       "%s: the unit of %s is %s%s%s; %s is needed: say which in the "
                       "sidecar or by columns (unit.NAME=UNIT)",
                       mien_recording_path(r), c->name, *c->unit ? "\"" : "not told",
                       c->unit, *c->unit ? "\"" : "", wrong)
                 : MIEN_OK;
}

/* ---- names ----------------------------------------------------------------- */

/* A channel of a track whose name fits and whose track does, if one is asked for. */
static bool find_channel(const mien_recording *r, const char *track,
    size_t track_length, const char *name, size_t length, mien_source *s) {
    for (int t = 0; t < mien_recording_tracks(r); t++) {
        const mien_track *k = mien_recording_track(r, t);
        if (track && (strlen(k->name) != track_length ||
                         strncasecmp(k->name, track, track_length) != 0)) {
            continue;
        }
        for (int c = 0; c < k->channels; c++) {
            if (strlen(k->channel[c].name) == length &&
                strncasecmp(k->channel[c].name, name, length) == 0) {
                *s = (mien_source){.track = t, .channel = c, .factor = 1};
                return true;
            }
        }
    }
    return false;
}

/* One name of the table; "left_x|right_x" and columns of BIDS in tracks left and right
 * are two eyes. */
static void find_eyes(
    const mien_recording *r, const char *role, const char *name, mien_role *found) {
    const char *bar = strchr(name, '|');
    size_t length = bar ? (size_t)(bar - name) : strlen(name);
    bool per_eye = strcmp(name, "pupil_size") == 0;
    if (bar) {
        found->count +=
            find_channel(r, NULL, 0, name, length, &found->source[found->count]);
        found->count += find_channel(
            r, NULL, 0, bar + 1, strlen(bar + 1), &found->source[found->count]);
        return;
    }
    if (per_eye || strstr(name, "_coordinate")) {
        bool left = find_channel(r, "left", 4, name, length, &found->source[0]);
        mien_source other = {.track = 0};
        bool right = find_channel(r, "right", 5, name, length, &other);
        if (per_eye) {
            bool wants_right = strcmp(role, "pupil_right") == 0;
            found->source[0] = wants_right ? other : found->source[0];
            found->count = wants_right ? right : left;
            if (left || right || wants_right) {
                return;
            }
        } else if (left || right) {
            found->source[left] = right ? other : found->source[left];
            found->count = left + right;
            return;
        }
    }
    found->count = find_channel(r, NULL, 0, name, length, &found->source[0]);
}

/* The user's channel for a role: *length bytes after "ROLE="; NULL if none is given. */
static const char *said_of(const char *channels, const char *role, size_t *length) {
    while (channels && *channels) {
        size_t pair = strcspn(channels, ","), name = strlen(role);
        if (pair > name && strncmp(channels, role, name) == 0 &&
            channels[name] == '=') {
            *length = pair - name - 1;
            return channels + name + 1;
        }
        channels += pair + (channels[pair] == ',');
    }
    return NULL;
}

static mien_status bind_said(const mien_recording *r, const char *role,
    const char *said, size_t length, mien_role *found) {
    const char *slash = memchr(said, '/', length);
    size_t track = slash ? (size_t)(slash - said) : 0;
    const char *name = slash ? slash + 1 : said;
    found->count = find_channel(r, slash ? said : NULL, track, name,
        length - (size_t)(name - said), &found->source[0]);
    return found->count
               ? MIEN_OK
               : mien_fail(MIEN_ENOTFOUND, "%s: there is no channel \"%.*s\" for %s",
                     mien_recording_path(r), (int)length, said, role);
}

static mien_status bind(
    const mien_recording *r, const char *role, const char *channels, mien_role *found) {
    size_t length = 0;
    const char *said = said_of(channels, role, &length);
    if (said) {
        return bind_said(r, role, said, length, found);
    }
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        for (int i = 0;
             strcmp(known[k].role, role) == 0 && known[k].names[i] && found->count == 0;
             i++) {
            find_eyes(r, role, known[k].names[i], found);
        }
    }
    return MIEN_OK;
}

mien_status mien_roles_bind(const mien_recording *r, const mien_sensor *sensor,
    const char *channels, const mien_screen *screen, mien_roles *roles, bool *found) {
    int there = 0;
    bool needed = true;
    *roles = (mien_roles){.pupil_in_mm = false};
    for (int k = 0; sensor->roles[k]; k++) {
        mien_role *role = &roles->role[k];
        mien_status status = bind(r, sensor->roles[k], channels, role);
        for (int i = 0; status == MIEN_OK && i < role->count; i++) {
            status = convert(r, sensor->roles[k], screen, &role->source[i], roles);
        }
        if (status != MIEN_OK) {
            return status;
        }
        there += role->count > 0;
        needed = needed && (k >= sensor->needed || role->count > 0);
    }
    *found = needed && there > 0;
    return MIEN_OK;
}
