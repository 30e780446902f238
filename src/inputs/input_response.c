/* SPDX-License-Identifier: MIT */
/* Summarises a body's response to a trial in numbers: of each sensor its level as
 * the trial begins, its course after that in a few means, and how the eyes moved. An
 * epoch or a part of a recording comes in, as for kind series (trace.c); a row of
 * values goes out that ridge, logistic regression and trees take as well as a
 * network. */
#include <math.h>
#include <string.h>

#include "inputs/trace.h"

enum { SENSORS = MIEN_EPOCH_SENSORS, BINS_MAX = 50, VALUES_MAX = 4 * (BINS_MAX + 16) };

static const char *const sensor_names[SENSORS] = {"gaze", "pupil", "skin", "heart"};

static const mien_option options[] = {
    {.name = "sensors",
        .type = MIEN_OPTION_TEXT,
        .initial = "gaze pupil skin heart",
        .help = "which of gaze, pupil, skin and heart, in this order"},
    {.name = "bins",
        .type = MIEN_OPTION_INT,
        .initial = "10",
        .minimum = 1,
        .maximum = BINS_MAX,
        .help = "parts of the trial of which pupil, log conductance and heart rate "
                "give a mean each, less that of the first 0.3 s"},
    {.name = "channels",
        .type = MIEN_OPTION_TEXT,
        .initial = "",
        .help = "of recordings, ROLE=CHANNEL joined by commas, where names do not tell "
                "(roles: x, y, pupil_left, pupil_right, eda, heart_rate)"},
    {0},
};

/* ---- settings ------------------------------------------------------------------- */

typedef struct settings {
    int count, bins, values;
    mien_epoch_sensor sensor[SENSORS];
} settings;

static mien_status add_sensor(settings *s, const char *name, size_t length) {
    for (int k = 0; k < SENSORS; k++) {
        if (strlen(sensor_names[k]) != length ||
            strncmp(name, sensor_names[k], length) != 0) {
            continue;
        }
        for (int i = 0; i < s->count; i++) {
            if ((int)s->sensor[i] == k) {
                return mien_fail(MIEN_EINVAL, "response: sensors: %s is there twice",
                    sensor_names[k]);
            }
        }
        s->sensor[s->count++] = (mien_epoch_sensor)k;
        return MIEN_OK;
    }
    return mien_fail(MIEN_EINVAL,
        "response: sensors: \"%.*s\" is none of gaze, pupil, skin and heart",
        (int)length, name);
}

static mien_status read_settings(const mien_options *given, settings *s) {
    static const char between[] = " ,\n";
    mien_status status = MIEN_OK;
    *s = (settings){.bins = (int)mien_options_int(given, "bins")};
    const char *at = mien_options_text(given, "sensors");
    for (at += strspn(at, between); status == MIEN_OK && *at;
         at += strspn(at, between)) {
        size_t length = strcspn(at, between);
        status = add_sensor(s, at, length);
        at += length;
    }
    if (status == MIEN_OK && s->count == 0) {
        status = mien_fail(MIEN_EINVAL, "response: sensors: at least one is wanted");
    }
    for (int i = 0; i < s->count; i++) {
        s->values += mien_epoch_response_values(s->sensor[i], s->bins);
    }
    return status;
}

static mien_status shape(
    const mien_options *given, const mien_place *example, mien_item_shape *out) {
    settings s;
    (void)example;
    mien_status status = read_settings(given, &s);
    if (status == MIEN_OK) {
        *out = (mien_item_shape){.rank = 1, .size = {s.values}, .steps = 1};
    }
    return status;
}

/* ---- reading -------------------------------------------------------------------- */

typedef struct reader {
    mien_trace *trace;
    settings s;
    bool fills; /* single values that are missing are left for standardising to fill */
    double values[VALUES_MAX];
} reader;

static mien_status open(const mien_input *input, const mien_options *given,
    const mien_augment *augment, void **own) {
    mien_status status = mien_trace_reader_open(sizeof(reader), given, own);
    (void)augment;
    if (status == MIEN_OK) {
        reader *r = *own;
        r->fills = input->standardise;
        status = read_settings(given, &r->s);
        if (status != MIEN_OK) {
            mien_trace_reader_close(own);
        }
    }
    return status;
}

static size_t bytes(const void *own) {
    return (size_t)((const reader *)own)->s.values * sizeof(float);
}

static mien_status keep(reader *r, const mien_epoch *epoch, float *kept) {
    double *values = r->values;
    int told = 0;
    for (int i = 0; i < r->s.count; i++) {
        told += mien_epoch_response(epoch, r->s.sensor[i], r->s.bins, values);
        values += mien_epoch_response_values(r->s.sensor[i], r->s.bins);
    }
    for (int k = 0; k < r->s.values; k++) {
        bool missing = isnan(r->values[k]) && !r->fills;
        kept[k] = missing ? 0 : (float)r->values[k];
    }
    return told ? MIEN_OK : MIEN_END;
}

static mien_status load(void *own, const mien_place *place, void *kept) {
    reader *r = own;
    const mien_epoch *epoch = NULL;
    mien_status status = mien_trace_read(r->trace, place, &epoch);
    return status == MIEN_OK ? keep(r, epoch, kept) : status;
}

static mien_status make(void *own, const void *kept, const mien_augment_draw *draw,
    float *values, float *seen) {
    (void)draw;
    memcpy(values, kept, bytes(own));
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

const mien_input_kind mien_input_kind_response = {
    .name = "response",
    .summary = "How gaze, pupil, skin and heart answer in a trial, in a row of numbers",
    .column = "series",
    .options = options,
    .traits = MIEN_INPUT_SMALL | MIEN_INPUT_TIMED,
    .shape = shape,
    .open = open,
    .bytes = bytes,
    .load = load,
    .make = make,
    .close = mien_trace_reader_close,
    .golden = golden,
};
