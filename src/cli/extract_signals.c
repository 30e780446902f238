/* SPDX-License-Identifier: MIT */
/* `mien extract --signals`: a row for each window of each recording, with the features
 * of its sensors and the share of samples that are valid.
 *
 * Comes in: recordings (files, E4 folders, BIDS data sets) and options. Goes out: a
 * table, and the cleaned series where they are asked for. cmd_extract.c calls it. */
#include "cli/extract_signals.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/extract_body.h"
#include "data/recordings/clock_join.h"

enum { SENSORS_MAX = MIEN_BODY_SENSORS_MAX, WINDOWS_MAX = 1000000 };

typedef struct job {
    cli *c;
    const mien_options *o;
    int sensors, features;
    const mien_sensor *sensor[SENSORS_MAX];
    mien_windowing how;
    mien_tensor *map;
    double every_s;
    const char *event, *tracks;
    mien_table_writer *writer;
    /* of the recording at work */
    const mien_recording *recording;
    mien_recording *master; /* whose events the windows are at; NULL: its own */
    mien_clock_line line;   /* from the master's clock */
    int64_t windows;
    double *onset_s;       /* on the recording's clock */
    const mien_event **of; /* NULL: windows one after the other */
    mien_table_writer *track[MIEN_SENSOR_TRACKS_MAX];
} job;

/* ---- options --------------------------------------------------------------- */

static mien_status choose_sensors(job *j, const char *text) {
    if (strcmp(text, "all") == 0) {
        for (int k = 0; k < mien_sensor_count(); k++) {
            if (!mien_sensor_at(k)->on_request) {
                j->sensor[j->sensors++] = mien_sensor_at(k);
            }
        }
        return MIEN_OK;
    }
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && *text) {
        char name[64];
        size_t length = strcspn(text, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, text);
        if (j->sensors == SENSORS_MAX) {
            return cli_usage(j->c, "--signals: more than %d sensors", SENSORS_MAX);
        }
        status = mien_sensor_find(name, &j->sensor[j->sensors]);
        if (status != MIEN_OK) {
            return cli_usage(j->c, "--signals: %s", mien_error());
        }
        j->sensors++;
        text += length + (text[length] == ',');
    }
    return j->sensors ? status : cli_usage(j->c, "--signals: no sensor is named");
}

static mien_status read_pair(job *j, const char *option, double pair[2]) {
    const char *text = mien_options_text(j->o, option);
    const char *comma = strchr(text, ',');
    char first[64];
    snprintf(first, sizeof first, "%.*s", comma ? (int)(comma - text) : 0, text);
    if (!comma || !mien_parse_number(first, &pair[0]) ||
        !mien_parse_number(comma + 1, &pair[1]) || !(pair[0] <= pair[1]) ||
        !(fabs(pair[0]) <= 3600 && fabs(pair[1]) <= 3600)) {
        return cli_usage(j->c,
            "--%s: \"%s\" is no FROM,TO in seconds, FROM before TO and both within an "
            "hour",
            option, text);
    }
    return MIEN_OK;
}

/* "1920x1080,53.1x29.9cm,60cm" */
static mien_status read_screen(job *j) {
    const char *text = mien_options_text(j->o, "screen");
    mien_screen s;
    char after = 0;
    if (!text) {
        return MIEN_OK;
    }
    if (sscanf(text, "%lfx%lf,%lfx%lfcm,%lfcm%c", &s.width_px, &s.height_px,
            &s.width_cm, &s.height_cm, &s.distance_cm, &after) != 5 ||
        !(s.width_px > 0 && s.height_px > 0 && s.width_cm > 0 && s.height_cm > 0 &&
            s.distance_cm > 0)) {
        return cli_usage(j->c,
            "--screen: \"%s\"; pixels, size and distance are needed, as in "
            "1920x1080,53.1x29.9cm,60cm",
            text);
    }
    j->how.screen = s;
    return MIEN_OK;
}

static mien_status read_map(job *j) {
    const char *path = mien_options_text(j->o, "map");
    mien_tensor *raw = NULL;
    if (!path) {
        return MIEN_OK;
    }
    mien_status status = mien_npy_read(path, &raw);
    status = status ? status : mien_tensor_convert(raw, MIEN_F64, &j->map);
    mien_tensor_free(&raw);
    if (status == MIEN_OK && j->map->rank != 2) {
        return mien_fail(MIEN_ESHAPE, "%s: a map is [height, width]", path);
    }
    if (status == MIEN_OK) {
        j->how.map = j->map->data;
        j->how.map_height = j->map->shape[0];
        j->how.map_width = j->map->shape[1];
    }
    return status;
}

static mien_status read_options(job *j) {
    j->how = mien_windowing_default();
    j->event = mien_options_text(j->o, "event");
    j->tracks = mien_options_text(j->o, "cleaned");
    j->every_s =
        mien_options_given(j->o, "every") ? mien_options_number(j->o, "every") : 0;
    j->how.channels = mien_options_text(j->o, "channels");
    mien_parse_number(mien_options_text(j->o, "mains"), &j->how.mains_hz);
    mien_status status = choose_sensors(j, mien_options_text(j->o, "signals"));
    status = status ? status : read_pair(j, "window", j->how.window_s);
    status = status ? status : read_pair(j, "baseline", j->how.base_s);
    if (status == MIEN_OK && j->how.window_s[0] == j->how.window_s[1]) {
        status = cli_usage(j->c, "--window: it has no length");
    }
    status = status ? status : read_screen(j);
    return status ? status : read_map(j);
}

/* ---- the table ------------------------------------------------------------- */

enum { FIXED = 5 };

static mien_status open_table(job *j) {
    const char *names[FIXED + SENSORS_MAX * (MIEN_SENSOR_FEATURES_MAX + 1)] = {
        "recording", "person", "event", "text", "onset_s"};
    char valid[SENSORS_MAX][64];
    const char *path = mien_options_text(j->o, "output");
    const char *extension = path ? mien_path_extension(path) : "";
    int columns = FIXED;
    for (int s = 0; s < j->sensors; s++) {
        for (int k = 0; j->sensor[s]->features[k]; k++) {
            names[columns++] = j->sensor[s]->features[k];
        }
    }
    j->features = columns - FIXED;
    for (int s = 0; s < j->sensors; s++) {
        snprintf(valid[s], sizeof valid[s], "valid_%s", j->sensor[s]->name);
        names[columns++] = valid[s];
    }
    mien_table_format format = strcmp(extension, "csv") == 0     ? MIEN_CSV
                               : strcmp(extension, "jsonl") == 0 ? MIEN_JSONL
                                                                 : MIEN_TSV;
    mien_status status =
        mien_table_writer_open(path, format, columns, names, &j->writer);
    for (int k = FIXED - 1; status == MIEN_OK && k < columns; k++) {
        mien_table_writer_numeric(j->writer, k);
    }
    return status;
}

static const char *number(double x, char room[32]) {
    return isfinite(x) ? mien_format_double(x, room) : NULL;
}

static mien_status write_rows(
    job *j, const double *const *values, const double *shares) {
    int columns = FIXED + j->features + j->sensors;
    const char **cells = mien_alloc((size_t)columns, sizeof *cells);
    char(*rooms)[32] = mien_alloc((size_t)columns, sizeof *rooms);
    mien_status status = cells && rooms ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t w = 0; status == MIEN_OK && w < j->windows; w++) {
        int column = FIXED;
        cells[0] = mien_recording_path(j->recording);
        const char *person = mien_recording_person(j->recording);
        cells[1] = *person ? person : NULL;
        cells[2] = j->of ? j->of[w]->name : NULL;
        cells[3] = j->of && *j->of[w]->text ? j->of[w]->text : NULL;
        cells[4] = number(j->of ? j->of[w]->onset_s : j->onset_s[w], rooms[4]);
        for (int s = 0; s < j->sensors; s++) {
            int many = mien_sensor_features(j->sensor[s]);
            for (int k = 0; k < many; k++, column++) {
                cells[column] = number(values[s][w * many + k], rooms[column]);
            }
        }
        for (int s = 0; s < j->sensors; s++, column++) {
            cells[column] = number(shares[s * j->windows + w], rooms[column]);
        }
        status = mien_table_writer_row(j->writer, cells);
    }
    mien_free(rooms);
    mien_free(cells);
    return status;
}

/* ---- tracks ---------------------------------------------------------------- */

static mien_status open_track(job *j, const mien_sensor *sensor, int track) {
    const char *names[] = {"time_s", sensor->tracks[track]};
    const char *base = mien_path_base(mien_recording_path(j->recording));
    mien_string path;
    mien_string_init(&path);
    mien_string_addf(&path, "%s/%.*s_%s.tsv", j->tracks, (int)strcspn(base, "."), base,
        sensor->tracks[track]);
    mien_status status = mien_string_status(&path);
    status = status ? status : mien_directory_make(j->tracks);
    status = status ? status
                    : mien_table_writer_open(
                          path.text, MIEN_TSV, 2, names, &j->track[track]);
    mien_string_clear(&path);
    return status;
}

static mien_status take_track(void *context, const mien_sensor *sensor, int track,
    double first_s, double rate_hz, int64_t count, const double *values) {
    job *j = context;
    mien_status status = j->track[track] ? MIEN_OK : open_track(j, sensor, track);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        char rooms[2][32];
        const char *cells[] = {number(first_s + (double)i / rate_hz, rooms[0]),
            number(values[i], rooms[1])};
        status = mien_table_writer_row(j->track[track], cells);
    }
    return status;
}

static mien_status close_tracks(job *j, mien_status status) {
    for (int k = 0; k < MIEN_SENSOR_TRACKS_MAX; k++) {
        if (j->track[k]) {
            status = cli_close_rows(&j->track[k], status);
        }
    }
    return status;
}

/* ---- windows --------------------------------------------------------------- */

static bool is_wanted(const job *j, const mien_event *e) {
    return j->event ? strcmp(e->name, j->event) == 0 : !*e->track;
}

static mien_status take_events(job *j) {
    const mien_event *events;
    const mien_recording *from = j->master ? j->master : j->recording;
    int64_t n = mien_recording_events(from, &events);
    j->onset_s = mien_alloc((size_t)n, sizeof *j->onset_s);
    j->of = mien_alloc((size_t)n, sizeof *j->of);
    if (!j->onset_s || !j->of) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < n; i++) {
        if (is_wanted(j, &events[i])) {
            j->onset_s[j->windows] =
                j->line.offset_s + j->line.rate * events[i].onset_s;
            j->of[j->windows++] = &events[i];
        }
    }
    return j->windows > 0 ? MIEN_OK
                          : mien_fail(MIEN_ENOTFOUND,
                                "%s: no event%s%s to put a window at; --every SECONDS "
                                "does without",
                                mien_recording_path(from), j->event ? " " : "",
                                j->event ? j->event : "");
}

/* From the first start of a track to the last end. */
static mien_status find_span(job *j, double *first_s, double *last_s) {
    *first_s = INFINITY;
    *last_s = -INFINITY;
    mien_status status = MIEN_OK;
    for (int t = 0; status == MIEN_OK && t < mien_recording_tracks(j->recording); t++) {
        const mien_track *track = mien_recording_track(j->recording, t);
        enum { BLOCK = 4096 };
        size_t width = (size_t)track->channels + 1;
        mien_track_reader *reader = NULL;
        double *block = mien_alloc(BLOCK * width, sizeof *block);
        double *time_s = block ? block + BLOCK * (width - 1) : NULL;
        int64_t got = 1;
        status = block ? mien_track_open(j->recording, t, &reader) : MIEN_ENOMEM;
        while (status == MIEN_OK && got > 0) {
            status = mien_track_read(reader, BLOCK, time_s, block, &got);
            if (status == MIEN_OK && got > 0) {
                *first_s = fmin(*first_s, time_s[0]);
                *last_s = fmax(*last_s, time_s[got - 1]);
            }
        }
        mien_track_close(&reader);
        mien_free(block);
    }
    return status;
}

static mien_status take_every(job *j) {
    double first_s, last_s;
    mien_status status = find_span(j, &first_s, &last_s);
    if (status != MIEN_OK) {
        return status;
    }
    double many = last_s >= first_s ? floor((last_s - first_s) / j->every_s) + 1 : 0;
    if (!(many <= WINDOWS_MAX)) {
        return mien_fail(MIEN_ELIMIT, "%s: %.0f windows; %d are allowed",
            mien_recording_path(j->recording), many, WINDOWS_MAX);
    }
    j->windows = (int64_t)many;
    j->onset_s = mien_alloc((size_t)j->windows, sizeof *j->onset_s);
    for (int64_t w = 0; j->onset_s && w < j->windows; w++) {
        j->onset_s[w] = first_s + (double)w * j->every_s;
    }
    return j->onset_s ? MIEN_OK : MIEN_ENOMEM;
}

/* ---- a recording
 * --------------------------------------------------------------------- */

static mien_status measure(job *j) {
    double *values[SENSORS_MAX] = {NULL};
    double *shares = mien_alloc((size_t)(j->windows * j->sensors), sizeof *shares);
    mien_status status = shares ? MIEN_OK : MIEN_ENOMEM;
    int any = 0;
    for (int s = 0; status == MIEN_OK && s < j->sensors; s++) {
        size_t many = (size_t)mien_sensor_features(j->sensor[s]);
        bool found = false;
        values[s] = mien_alloc((size_t)j->windows * many, sizeof *values[s]);
        status = values[s] ? mien_recording_windows(j->recording, j->sensor[s], &j->how,
                                 j->windows, j->onset_s, values[s],
                                 shares + s * j->windows, &found)
                           : MIEN_ENOMEM;
        status = close_tracks(j, status);
        any += found;
    }
    if (status == MIEN_OK && any == 0) {
        status = mien_fail(MIEN_ENOTFOUND,
            "%s: none of its channels is one of these sensors; --channels ROLE=CHANNEL "
            "says which is what",
            mien_recording_path(j->recording));
    }
    status = status ? status : write_rows(j, (const double *const *)values, shares);
    for (int s = 0; s < SENSORS_MAX; s++) {
        mien_free(values[s]);
    }
    mien_free(shares);
    return status;
}

/* The line from the master's clock to the recording's, told. */
static mien_status join_clocks(job *j) {
    j->line = (mien_clock_line){.rate = 1};
    if (!j->master) {
        return MIEN_OK;
    }
    mien_status status = mien_recording_join(j->master, j->recording,
        mien_options_text(j->o, "shared"), mien_options_flag(j->o, "loose"), &j->line);
    if (status == MIEN_OK) {
        cli_say(j->c,
            "%s: %.6f s behind the master's clock, drift %.1f ppm, residual %.2g s "
            "(SD) "
            "of %lld shared events",
            mien_recording_path(j->recording), j->line.offset_s,
            1e6 * (j->line.rate - 1), j->line.residual_s, (long long)j->line.events);
    }
    return status;
}

static mien_status do_recording(job *j, const char *path) {
    mien_recording_options options = cli_recording_options(j->o);
    mien_recording *r = NULL;
    mien_status status = mien_recording_open(path, &options, &r);
    if (status == MIEN_OK) {
        j->recording = r;
        j->windows = 0;
        status = join_clocks(j);
    }
    if (status == MIEN_OK) {
        status = j->every_s > 0 ? take_every(j) : take_events(j);
    }
    status = status ? status : measure(j);
    mien_free(j->onset_s);
    mien_free(j->of);
    j->onset_s = NULL;
    j->of = NULL;
    mien_recording_close(&r);
    return status;
}

mien_status cli_extract_signals(
    cli *c, const mien_options *o, int count, const char *const *positional) {
    job j = {.c = c, .o = o};
    mien_status status = read_options(&j);
    if (status == MIEN_OK && j.tracks) {
        j.how.sink = take_track;
        j.how.context = &j;
    }
    if (status == MIEN_OK && count == 1 && cli_is_trials(positional[0])) {
        mien_body body = {.sensors = j.sensors, .how = j.how};
        memcpy(body.sensor, j.sensor, sizeof body.sensor);
        status = cli_extract_body(c, o, positional[0], &body);
        mien_tensor_free(&j.map);
        return status;
    }
    const char *clock = mien_options_text(o, "clock");
    if (status == MIEN_OK && clock && j.every_s > 0) {
        status = cli_usage(c, "--every: not with --clock, whose events say when");
    }
    if (status == MIEN_OK && clock) {
        const char *columns = mien_options_text(o, "clock-columns");
        mien_recording_options reading = cli_recording_options(o);
        reading.columns = columns ? columns : reading.columns;
        status = mien_recording_open(clock, &reading, &j.master);
    }
    status = status ? status : open_table(&j);
    for (int i = 0; status == MIEN_OK && i < count; i++) {
        char **paths = NULL;
        int64_t many = 0;
        status = cli_recordings(positional[i], &paths, &many);
        for (int64_t k = 0; status == MIEN_OK && k < many; k++) {
            cli_progress(c, "recordings", k, many);
            status = do_recording(&j, paths[k]);
            if (status != MIEN_OK && status != MIEN_ENOMEM &&
                status != MIEN_EINTERRUPTED && !c->usage) {
                cli_problem(c, paths[k], mien_error());
                status = MIEN_OK;
            }
        }
        mien_names_free(&paths, many);
    }
    cli_progress_end(c);
    status = j.writer ? cli_close_rows(&j.writer, status) : status;
    mien_recording_close(&j.master);
    mien_tensor_free(&j.map);
    return status;
}
