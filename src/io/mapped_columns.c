/* SPDX-License-Identifier: MIT */
/* Columns of recordings by name.
 *
 * Comes in: a preset's or the user's pairs NAME=COLUMN and a header. Goes out: a
 * mapping that recording_table.c reads rows by. Column names of Gazepoint (beyond those
 * of EmoEye), of Tobii Pro Lab and of Pupil's pupil_positions are written from memory,
 * and so are Tobii Studio's, whose validity is 0 (good) to 4 (lost).
 */
#include "io/mapped_columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* sign: a column that only this preset's files have. A | parts names of which the first
 * that is there counts. */
static const struct {
    const char *name, *sign, *pairs;
} presets[] = {
    {"gazepoint", "FPOGX|BPOGX|LPMM|RPMM|LPD",
        "time=TIME(*|TIME,FPOGX=FPOGX,valid.FPOGX=FPOGV,FPOGY=FPOGY,valid.FPOGY=FPOGV,"
        "FPOGID=FPOGID,FPOGD=FPOGD,unit.FPOGD=s,BPOGX=BPOGX,valid.BPOGX=BPOGV,"
        "BPOGY=BPOGY,valid.BPOGY=BPOGV,LPMM=LPMM,valid.LPMM=LPMMV,RPMM=RPMM,"
        "valid.RPMM=RPMMV,LPD=LPD,valid.LPD=LPV,RPD=RPD,valid.RPD=RPV,GSR=GSR,valid."
        "GSR=GSRV,HR=HR,valid.HR=HRV,"
        "DIAL=DIAL,unit.FPOGX=screen,unit.FPOGY=screen,unit.BPOGX=screen,"
        "unit.BPOGY=screen,unit.LPMM=mm,unit.RPMM=mm,unit.LPD=pixel,unit.RPD=pixel,"
        "unit.GSR=ohm,unit.HR=bpm,stimulus=MEDIA_NAME"},
    {"tobii", "Recording timestamp*",
        "time=Recording timestamp*,sensor=Sensor,"
        "gaze_x=Gaze point X|Gaze point X [DACS*|Gaze point X (DACS*|Gaze point X [px],"
        "gaze_y=Gaze point Y|Gaze point Y [DACS*|Gaze point Y (DACS*|Gaze point Y [px],"
        "pupil_left=Pupil diameter left*,valid.pupil_left=Validity left,"
        "pupil_right=Pupil diameter right*,valid.pupil_right=Validity right,"
        "unit.gaze_x=pixel,unit.gaze_y=pixel,unit.pupil_left=mm,unit.pupil_right=mm,"
        "event=Event,stimulus=Presented Stimulus name"},
    {"tobii", "RecordingTimestamp",
        "time=RecordingTimestamp,time-unit=ms,gaze_x=GazePointX (ADCSpx),"
        "gaze_y=GazePointY "
        "(ADCSpx),pupil_left=PupilLeft,valid.pupil_left=ValidityLeft<2,"
        "pupil_right=PupilRight,valid.pupil_right=ValidityRight<2,unit.gaze_x=pixel,"
        "unit.gaze_y=pixel,unit.pupil_left=mm,unit.pupil_right=mm,event=StudioEvent,"
        "stimulus=MediaName"},
    {"pupil", "gaze x [px]", /* gaze.csv of Pupil Invisible and Neon */
        "time=timestamp [ns],time-unit=ns,gaze_x=gaze x [px],valid.gaze_x=worn,"
        "gaze_y=gaze y [px],valid.gaze_y=worn,unit.gaze_x=pixel,unit.gaze_y=pixel"},
    {"pupil", "gaze_timestamp",
        "time=gaze_timestamp,norm_pos_x=norm_pos_x,valid.norm_pos_x=confidence>0.6,"
        "norm_pos_y=norm_pos_y,valid.norm_pos_y=confidence>0.6,unit.norm_pos_x=screen,"
        "unit.norm_pos_y=screen from below"},
    {"pupil", "pupil_timestamp",
        "time=pupil_timestamp,split=eye_id+method,diameter=diameter,"
        "valid.diameter=confidence>0.6,diameter_3d=diameter_3d,"
        "valid.diameter_3d=confidence>0.6,unit.diameter=pixel,unit.diameter_3d=mm"},
};

enum { PRESETS = sizeof presets / sizeof *presets };

/* A text of `length` bytes, where a * at its end stands for anything. */
static int find_one(
    const char *name, size_t length, int count, const char *const *header) {
    bool open = length > 0 && name[length - 1] == '*';
    length -= open;
    for (int c = 0; c < count; c++) {
        if (strncmp(header[c], name, length) == 0 && (open || !header[c][length])) {
            return c;
        }
    }
    return -1;
}

/* The same of several, parted by |, in their order. */
static int find_column(
    const char *name, size_t length, int count, const char *const *header) {
    int found = find_one(name, length, count, header);
    for (size_t at = 0; found < 0 && at <= length;) {
        const char *end = memchr(name + at, '|', length - at);
        size_t one = end ? (size_t)(end - name) - at : length - at;
        found = find_one(name + at, one, count, header);
        at += one + 1;
    }
    return found;
}

const char *mien_mapping_guess(int count, const char *const *header) {
    for (int k = 0; k < PRESETS; k++) {
        if (find_column(presets[k].sign, strlen(presets[k].sign), count, header) >= 0) {
            return presets[k].name;
        }
    }
    return NULL;
}

typedef struct making {
    const char *where;
    bool optional; /* columns that are not there are no error: of a preset */
    int count;
    const char *const *header;
    mien_mapping *m;
} making;

static mien_status absent(const making *k, const char *name, size_t length) {
    mien_string known;
    mien_string_init(&known);
    for (int c = 0; c < k->count && c < 40; c++) {
        mien_string_addf(&known, "%s%s", c ? ", " : "", k->header[c]);
    }
    mien_status status = mien_string_status(&known);
    if (status == MIEN_OK) {
        status =
            mien_fail(MIEN_EFORMAT, "%s: there is no column \"%.*s\"; there are: %s",
                k->where, (int)length, name, known.text);
    }
    mien_string_clear(&known);
    return status;
}

mien_status mien_mapping_unknown(
    const char *where, int count, const char *const *header) {
    mien_string known;
    mien_string_init(&known);
    for (int c = 0; c < count && c < 12; c++) {
        mien_string_addf(&known, "%s%.60s", c ? ", " : "", header[c]);
    }
    mien_string_add(&known, count > 12 ? ", …" : "");
    mien_status status = mien_string_status(&known);
    status = status
                 ? status
                 : mien_fail(MIEN_EFORMAT,
                       "%s: its columns (%s) are those of no preset (gazepoint, tobii, "
                       "pupil): say which are what, as --columns "
                       "time=TIME,time-unit=ms,gaze_x=X,unit.gaze_x=pixel",
                       where, known.text);
    mien_string_clear(&known);
    return status;
}

static mien_mapped *channel_of(mien_mapping *m, const char *name, size_t length) {
    for (int c = 0; c < m->channels; c++) {
        if (strncmp(m->channel[c].name, name, length) == 0 &&
            !m->channel[c].name[length]) {
            return &m->channel[c];
        }
    }
    return NULL;
}

static mien_status no_channel(const making *k, const char *name, size_t length) {
    return k->optional
               ? MIEN_OK
               : mien_fail(MIEN_EINVAL,
                     "%s: columns: \"%.*s\" is no channel that was named before",
                     k->where, (int)length, name);
}

/* valid.NAME=COLUMN, COLUMN>NUMBER or COLUMN<NUMBER */
static mien_status set_valid(making *k, const char *name, size_t length,
    const char *value, size_t value_length) {
    mien_mapped *c = channel_of(k->m, name, length);
    const char *above = memchr(value, '>', value_length);
    const char *below = above ? NULL : memchr(value, '<', value_length);
    const bool under = below != NULL;
    above = above ? above : below;
    size_t column = above ? (size_t)(above - value) : value_length;
    if (!c) {
        return no_channel(k, name, length);
    }
    int found = find_column(value, column, k->count, k->header);
    if (found < 0) {
        return k->optional ? MIEN_OK : absent(k, value, column);
    }
    char number[40];
    snprintf(number, sizeof number, "%.*s",
        (int)(value_length - column - (above != NULL)), above ? above + 1 : "");
    if (above &&
        !mien_parse_number(number, under ? &c->valid_below : &c->valid_above)) {
        return mien_fail(
            MIEN_EINVAL, "%s: columns: \"%s\" is no number", k->where, number);
    }
    c->valid = found;
    return MIEN_OK;
}

static mien_status set_time_unit(making *k, const char *unit, size_t length) {
    static const struct {
        const char *name;
        double s;
    } units[] = {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}};
    for (size_t i = 0; i < 4; i++) {
        if (strlen(units[i].name) == length && !strncmp(units[i].name, unit, length)) {
            k->m->time_s = units[i].s;
            return MIEN_OK;
        }
    }
    return mien_fail(MIEN_EINVAL,
        "%s: columns: time-unit \"%.*s\"; s, ms, us and ns are allowed", k->where,
        (int)length, unit);
}

static mien_status set_channel(making *k, const char *name, size_t length,
    const char *value, size_t value_length) {
    int column = find_column(value, value_length, k->count, k->header);
    if (column < 0) {
        return k->optional ? MIEN_OK : absent(k, value, value_length);
    }
    if (length == 0 || length >= sizeof k->m->channel[0].name ||
        k->m->channels == MIEN_CHANNELS_MAX || channel_of(k->m, name, length)) {
        return mien_fail(MIEN_EINVAL,
            "%s: columns: \"%.*s\" names no channel, or one that is there", k->where,
            (int)length, name);
    }
    mien_mapped *c = &k->m->channel[k->m->channels++];
    *c = (mien_mapped){
        .column = column, .valid = -1, .valid_above = NAN, .valid_below = NAN};
    snprintf(c->name, sizeof c->name, "%.*s", (int)length, name);
    return MIEN_OK;
}

static mien_status set_column(
    making *k, const char *value, size_t length, int *column, bool optional) {
    *column = find_column(value, length, k->count, k->header);
    return *column >= 0 || optional ? MIEN_OK : absent(k, value, length);
}

static mien_status set_split(making *k, const char *value, size_t length) {
    const char *plus = memchr(value, '+', length);
    size_t first = plus ? (size_t)(plus - value) : length;
    mien_status status = set_column(k, value, first, &k->m->split[0], k->optional);
    if (status == MIEN_OK && plus) {
        status =
            set_column(k, plus + 1, length - first - 1, &k->m->split[1], k->optional);
    }
    return status;
}

static bool word(const char *text, size_t length, const char *is) {
    return strlen(is) == length && strncmp(text, is, length) == 0;
}

static mien_status set_pair(making *k, const char *pair, size_t length) {
    const char *equals = memchr(pair, '=', length);
    if (!equals) {
        return mien_fail(MIEN_EINVAL, "%s: columns: \"%.*s\": NAME=COLUMN is needed",
            k->where, (int)length, pair);
    }
    size_t name = (size_t)(equals - pair), rest = length - name - 1;
    const char *value = equals + 1;
    mien_mapping *m = k->m;
    if (word(pair, name, "time")) {
        return set_column(k, value, rest, &m->time, false);
    }
    if (word(pair, name, "time-unit")) {
        return set_time_unit(k, value, rest);
    }
    if (word(pair, name, "rate")) {
        char number[40];
        snprintf(number, sizeof number, "%.*s", (int)rest, value);
        return mien_parse_number(number, &m->rate_hz) && m->rate_hz > 0 &&
                       m->rate_hz < 1e6
                   ? MIEN_OK
                   : mien_fail(MIEN_EINVAL, "%s: columns: rate \"%s\" is no rate in Hz",
                         k->where, number);
    }
    if (word(pair, name, "sensor")) {
        return set_column(k, value, rest, &m->sensor, k->optional);
    }
    if (word(pair, name, "split")) {
        return set_split(k, value, rest);
    }
    if (word(pair, name, "event")) {
        return set_column(k, value, rest, &m->event, k->optional);
    }
    if (word(pair, name, "stimulus")) {
        return set_column(k, value, rest, &m->stimulus, k->optional);
    }
    if (name > 6 && strncmp(pair, "valid.", 6) == 0) {
        return set_valid(k, pair + 6, name - 6, value, rest);
    }
    if (name > 5 && strncmp(pair, "unit.", 5) == 0) {
        mien_mapped *c = channel_of(m, pair + 5, name - 5);
        if (c) {
            snprintf(c->unit, sizeof c->unit, "%.*s",
                (int)(rest < sizeof c->unit ? rest : sizeof c->unit - 1), value);
        }
        return c ? MIEN_OK : no_channel(k, pair + 5, name - 5);
    }
    return set_channel(k, pair, name, value, rest);
}

static mien_status set_pairs(making *k, const char *pairs) {
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && *pairs) {
        size_t length = strcspn(pairs, ",");
        status = set_pair(k, pairs, length);
        pairs += length + (pairs[length] == ',');
    }
    return status;
}

/* Takes the unit out of a name like "Recording timestamp [ms]". */
static void unit_in_brackets(mien_mapping *m, const char *name) {
    const char *open = strrchr(name, '[');
    static const struct {
        const char *name;
        double s;
    } units[] = {
        {"[s]", 1}, {"[ms]", 1e-3}, {"[us]", 1e-6}, {"[µs]", 1e-6}, {"[μs]", 1e-6}};
    for (size_t i = 0; open && i < sizeof units / sizeof *units; i++) {
        if (strcmp(open, units[i].name) == 0) {
            m->time_s = units[i].s;
        }
    }
}

mien_status mien_mapping_make(const char *where, const char *preset,
    const char *columns, int count, const char *const *header, mien_mapping *m) {
    making k = {where, true, count, header, m};
    *m = (mien_mapping){.time = -1,
        .split = {-1, -1},
        .sensor = -1,
        .event = -1,
        .stimulus = -1,
        .time_s = 0};
    bool known = false;
    mien_status status = MIEN_OK;
    for (int i = 0; preset && status == MIEN_OK && i < PRESETS; i++) {
        const char *sign = presets[i].sign;
        bool here = strcmp(preset, presets[i].name) == 0;
        known = known || here;
        if (here && find_column(sign, strlen(sign), count, header) >= 0) {
            status = set_pairs(&k, presets[i].pairs);
            if (m->time_s == 0 && strcmp(preset, "tobii") != 0) {
                m->time_s = 1;
            }
        }
    }
    if (status == MIEN_OK && preset && !known) {
        status = mien_fail(MIEN_EINVAL,
            "%s: there is no preset \"%s\"; gazepoint, tobii and pupil are", where,
            preset);
    }
    if (status == MIEN_OK && preset && m->channels == 0) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: none of the columns of %s is in its header", where, preset);
    }
    if (status == MIEN_OK && m->time >= 0) {
        unit_in_brackets(m, header[m->time]);
    }
    k.optional = false;
    if (status == MIEN_OK && columns) {
        status = set_pairs(&k, columns);
    }
    if (status == MIEN_OK && m->time >= 0 && m->time_s == 0) {
        unit_in_brackets(m, header[m->time]);
        m->time_s = m->time_s == 0 && !preset ? 1 : m->time_s;
    }
    if (status == MIEN_OK && m->time >= 0 && m->time_s == 0) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: the unit of %s is not in its name: add time-unit=ms (or us, s) to the "
            "columns",
            where, header[m->time]);
    }
    if (status == MIEN_OK && m->time < 0 && !(m->rate_hz > 0)) {
        status = mien_fail(
            MIEN_EINVAL, "%s: columns: time=COLUMN or rate=HZ is needed", where);
    }
    return status == MIEN_OK && m->channels == 0
               ? mien_fail(MIEN_EINVAL, "%s: columns: no channel is named", where)
               : status;
}
