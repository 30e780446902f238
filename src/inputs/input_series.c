/* SPDX-License-Identifier: MIT */
/* Series of a trial: gaze, pupil, skin and heart in 301 rows [channels, rows], as
 * EmoEye prepares them or as changes from how the trial begins, with a channel for each
 * sensor that says where it is valid if a study wants one. What caches hold is the
 * item. */
#include <stdio.h>
#include <string.h>

#include "inputs/trace.h"

enum { ROWS = MIEN_EPOCH_ROWS, SENSORS = MIEN_EPOCH_SENSORS };

static const char *const sensor_names[SENSORS] = {"gaze", "pupil", "skin", "heart"};
/* Channels of each sensor among the five. */
static const struct {
    int first, count;
} channels_of[SENSORS] = {{0, 2}, {2, 1}, {3, 1}, {4, 1}};

static const char *const pupils[] = {"size", "flags", NULL};
static const char *const levels[] = {"published", "change", NULL};

static const mien_option options[] = {
    {.name = "sensors",
        .type = MIEN_OPTION_TEXT,
        .initial = "gaze pupil skin heart",
        .help = "which of gaze (two channels), pupil, skin and heart"},
    {.name = "levels",
        .type = MIEN_OPTION_CHOICE,
        .initial = "published",
        .choices = levels,
        .help =
            "published: (pupil − 3) / 0.4, skin standardised in the trial, (heart − "
            "80) / 15; change: pupil, log conductance and heart rate less their "
            "means of the first 0.3 s, over 0.25 mm, 1 % and 2.5 beats/min"},
    {.name = "pupil",
        .type = MIEN_OPTION_CHOICE,
        .initial = "size",
        .choices = pupils,
        .help = "flags: as published, the mean of both eyes' validity stands for the "
                "pupil"},
    {.name = "validity",
        .type = MIEN_OPTION_FLAG,
        .initial = "false",
        .help = "one more channel for each sensor: 1 where it is valid"},
    MIEN_TRACE_OPTIONS,
    {0},
};

/* ---- settings ------------------------------------------------------------------- */

typedef struct settings {
    int count;
    int sensor[SENSORS];
    bool change, flags, validity, anchored;
} settings;

static mien_status add_sensor(settings *s, const char *name, size_t length) {
    for (int k = 0; k < SENSORS; k++) {
        if (strlen(sensor_names[k]) != length ||
            strncmp(name, sensor_names[k], length) != 0) {
            continue;
        }
        for (int i = 0; i < s->count; i++) {
            if (s->sensor[i] == k) {
                return mien_fail(
                    MIEN_EINVAL, "series: sensors: %s is there twice", sensor_names[k]);
            }
        }
        s->sensor[s->count++] = k;
        return MIEN_OK;
    }
    return mien_fail(MIEN_EINVAL,
        "series: sensors: \"%.*s\" is none of gaze, pupil, skin and heart", (int)length,
        name);
}

static mien_status read_settings(const mien_options *given, settings *s) {
    static const char between[] = " ,\n";
    mien_status status = MIEN_OK;
    *s = (settings){.change = strcmp(mien_options_text(given, "levels"), "change") == 0,
        .flags = strcmp(mien_options_text(given, "pupil"), "flags") == 0,
        .validity = mien_options_flag(given, "validity"),
        .anchored = mien_trace_anchored(given)};
    const char *at = mien_options_text(given, "sensors");
    for (at += strspn(at, between); status == MIEN_OK && *at;
         at += strspn(at, between)) {
        size_t length = strcspn(at, between);
        status = add_sensor(s, at, length);
        at += length;
    }
    if (status == MIEN_OK && s->count == 0) {
        status = mien_fail(MIEN_EINVAL, "series: sensors: at least one is wanted");
    }
    if (status == MIEN_OK && s->change && s->flags) {
        status = mien_fail(MIEN_EINVAL,
            "series: pupil: flags have no size that could change: take levels: "
            "published");
    }
    return status;
}

static int channels(const settings *s) {
    int count = s->validity ? s->count : 0;
    for (int i = 0; i < s->count; i++) {
        count += channels_of[s->sensor[i]].count;
    }
    return count;
}

static mien_status shape(
    const mien_options *given, const mien_place *example, mien_item_shape *out) {
    settings s;
    (void)example;
    mien_status status = read_settings(given, &s);
    if (status == MIEN_OK) {
        *out = (mien_item_shape){.rank = 2, .size = {channels(&s), ROWS}, .steps = 1};
    }
    return status;
}

static int parts(
    const mien_options *given, mien_input_part part[MIEN_INPUT_PARTS_MAX]) {
    settings s;
    int at = 0;
    if (read_settings(given, &s) != MIEN_OK) {
        return 0;
    }
    int flags = channels(&s) - s.count;
    for (int i = 0; i < s.count; i++) {
        int count = channels_of[s.sensor[i]].count;
        part[i].name = sensor_names[s.sensor[i]];
        part[i].rows = ((1U << count) - 1) << at;
        part[i].rows |= s.validity ? 1U << (flags + i) : 0;
        at += count;
    }
    return s.count;
}

/* ---- reading -------------------------------------------------------------------- */

typedef struct reader {
    mien_trace *trace;
    settings s;
    mien_epoch filled;
    float all[MIEN_EPOCH_CHANNELS * ROWS];
    double points[2 * MIEN_INPUT_POINTS_MAX];
} reader;

/* The kept form: the item and which sensors are in it. */
typedef struct header {
    uint32_t sensors;
} header;

static mien_status open(const mien_input *input, const mien_options *given,
    const mien_augment *augment, void **own) {
    mien_status status = mien_trace_reader_open(sizeof(reader), given, own);
    (void)augment;
    (void)input;
    if (status == MIEN_OK) {
        reader *r = *own;
        status = read_settings(given, &r->s);
        if (status != MIEN_OK) {
            mien_trace_reader_close(own);
        }
    }
    return status;
}

static size_t item_bytes(const settings *s) {
    return (size_t)channels(s) * ROWS * sizeof(float);
}

static size_t bytes(const void *own) {
    return sizeof(header) + item_bytes(&((const reader *)own)->s);
}

static float valid(const mien_epoch *e, int sensor, int row) {
    switch (sensor) {
    case MIEN_EPOCH_GAZE:
        return e->gaze_valid[row];
    case MIEN_EPOCH_PUPIL:
        return e->left_valid[row] || e->right_valid[row];
    case MIEN_EPOCH_SKIN:
        return e->gsr_valid[row];
    default:
        return e->heart_valid[row];
    }
}

/* The chosen channels of the five, then validity; zeros for sensors that are missing.
 */
static void choose(const reader *r, unsigned sensors, float *item) {
    const settings *s = &r->s;
    for (int i = 0; i < s->count; i++) {
        int count = channels_of[s->sensor[i]].count;
        size_t size = (size_t)count * ROWS * sizeof *item;
        if (sensors >> s->sensor[i] & 1) {
            memcpy(item, r->all + channels_of[s->sensor[i]].first * ROWS, size);
        } else {
            memset(item, 0, size);
        }
        item += count * ROWS;
    }
    for (int i = 0; s->validity && i < s->count; i++) {
        for (int k = 0; k < ROWS; k++) {
            *item++ = valid(&r->filled, s->sensor[i], k);
        }
    }
}

static mien_status keep(reader *r, const mien_epoch *epoch, void *kept) {
    unsigned sensors = 0, wanted = 0;
    mien_status status = mien_trace_fill(r->s.anchored, epoch, &r->filled, &sensors);
    for (int i = 0; i < r->s.count; i++) {
        wanted |= 1U << r->s.sensor[i];
    }
    if (status == MIEN_OK && !(sensors & wanted)) {
        return MIEN_END;
    }
    if (status == MIEN_OK && r->s.change) {
        mien_epoch_changes(&r->filled, r->all);
    } else if (status == MIEN_OK) {
        mien_epoch_series(&r->filled, r->s.flags, r->all);
    }
    if (status == MIEN_OK) {
        ((header *)kept)->sensors = sensors;
        choose(r, sensors, (float *)((header *)kept + 1));
    }
    return status;
}

static mien_status load(void *own, const mien_place *place, void *kept) {
    reader *r = own;
    const mien_epoch *epoch = NULL;
    mien_status status = mien_trace_read(r->trace, place, &epoch);
    if (status == MIEN_OK) {
        status = keep(r, epoch, kept);
        status = status == MIEN_OK || status == MIEN_END
                     ? status
                     : mien_fail_in(status, "%s", place->file);
    }
    return status;
}

/* Where the gaze's two channels begin in an item; -1: it is not there. */
static int gaze_at(const settings *s, unsigned sensors) {
    int at = 0;
    for (int i = 0; i < s->count; i++) {
        if (s->sensor[i] == MIEN_EPOCH_GAZE) {
            return sensors >> MIEN_EPOCH_GAZE & 1 ? at : -1;
        }
        at += channels_of[s->sensor[i]].count * ROWS;
    }
    return -1;
}

static int64_t points(
    void *own, const void *kept, double out[2 * MIEN_INPUT_POINTS_MAX]) {
    const reader *r = own;
    const float *item = (const float *)((const header *)kept + 1);
    int at = gaze_at(&r->s, ((const header *)kept)->sensors);
    for (int i = 0; at >= 0 && i < ROWS; i++) {
        out[2 * i] = (double)item[at + i] * 0.5 + 0.5;
        out[2 * i + 1] = (double)item[at + ROWS + i] * 0.5 + 0.5;
    }
    return at >= 0 ? ROWS : 0;
}

static mien_status make(void *own, const void *kept, const mien_augment_draw *draw,
    float *values, float *seen) {
    reader *r = own;
    int at = gaze_at(&r->s, ((const header *)kept)->sensors);
    memcpy(values, (const header *)kept + 1, item_bytes(&r->s));
    if (draw && draw->moves && at >= 0) {
        points(own, kept, r->points);
        mien_trace_move(draw, ROWS, r->points);
        for (int i = 0; i < ROWS; i++) {
            values[at + i] = (float)((r->points[2 * i] - 0.5) / 0.5);
            values[at + ROWS + i] = (float)((r->points[2 * i + 1] - 0.5) / 0.5);
        }
    }
    if (seen) {
        *seen = 1;
    }
    return MIEN_OK;
}

static void golden(void *own, int64_t index, void *kept) {
    mien_epoch epoch;
    mien_trace_golden(index, &epoch);
    keep(own, &epoch, kept);
}

const mien_input_kind mien_input_kind_series = {
    .name = "series",
    .summary = "Gaze, pupil, skin and heart of a trial, 301 rows, with what is missing",
    .column = "series",
    .options = options,
    .traits = MIEN_INPUT_DRAWS | MIEN_INPUT_TIMED,
    .shape = shape,
    .open = open,
    .bytes = bytes,
    .load = load,
    .make = make,
    .close = mien_trace_reader_close,
    .parts = parts,
    .points = points,
    .golden = golden,
};
