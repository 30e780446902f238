/* SPDX-License-Identifier: MIT */
/* Writes recordings as BIDS 1.11: a .tsv.gz for each track, its sidecar, events.
 *
 * Comes in: an open recording, of which the samples stream through. Goes out: files
 * below the root. The gzip files hold no time and no name, so that the same recording
 * gives the same bytes. */
#include "io/gzip.h"
#include "base/need.h"
#include "io/recording.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 2048 };

/* ---- names ----------------------------------------------------------------- */

static void clean(const char *text, char *out, size_t size) {
    size_t at = 0;
    for (; *text && at + 1 < size; text++) {
        if (isalnum((unsigned char)*text)) {
            out[at++] = *text;
        }
    }
    out[at] = 0;
}

typedef struct place {
    char folder[3072];
    char stem[256]; /* sub-… up to its run */
} place;

static mien_status make_place(const mien_bids_writing *w, place *p) {
    char person[64], task[64];
    clean(w->person, person, sizeof person);
    clean(w->task, task, sizeof task);
    if (!person[0] || !task[0]) {
        return mien_fail(MIEN_EINVAL,
            "person \"%s\", task \"%s\": letters and digits are needed", w->person,
            w->task);
    }
    int length =
        snprintf(p->folder, sizeof p->folder, "%s/sub-%s/beh", w->root, person);
    snprintf(p->stem, sizeof p->stem, "sub-%s_task-%s_run-%d", person, task, w->run);
    return length < (int)sizeof p->folder
               ? mien_directory_make(p->folder)
               : mien_fail(MIEN_ELIMIT, "%s: a name too long", w->root);
}

static mien_status write_json(
    const place *p, const char *rest, const mien_value *value) {
    char path[4096];
    mien_string text;
    mien_string_init(&text);
    snprintf(path, sizeof path, "%s/%s%s.json", p->folder, p->stem, rest);
    mien_status status = mien_value_write_json(value, true, &text);
    status = status ? status : mien_string_add(&text, "\n");
    status = status ? status : mien_file_write(path, text.text, text.length);
    mien_string_clear(&text);
    return status;
}

/* ---- a track --------------------------------------------------------------- */

/* Gaze channels under BIDS' own names, if a track has both axes of one eye. */
static void find_eye(const mien_track *t, int eye[3]) {
    static const char *const names[][3] = {
        {"x_coordinate", "y_coordinate", "pupil_size"},
        {"left_x", "left_y", "left_pupil"}, {"right_x", "right_y", "right_pupil"},
        {"gaze_x", "gaze_y", "pupil_left"}, {"BPOGX", "BPOGY", "LPMM"},
        {"FPOGX", "FPOGY", "LPMM"}, {"norm_pos_x", "norm_pos_y", "diameter"}};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        eye[0] = eye[1] = eye[2] = -1;
        for (int c = 0; c < t->channels; c++) {
            for (int i = 0; i < 3; i++) {
                eye[i] = strcmp(t->channel[c].name, names[k][i]) == 0 ? c : eye[i];
            }
        }
        if (eye[0] >= 0 && eye[1] >= 0) {
            return;
        }
    }
    eye[0] = eye[1] = eye[2] = -1;
}

typedef struct layout {
    bool stamped, eye;
    int columns, from[MIEN_CHANNELS_MAX];
    const char *name[MIEN_CHANNELS_MAX];
} layout;

static void lay_out(const mien_track *t, layout *l) {
    static const char *const own[] = {"x_coordinate", "y_coordinate", "pupil_size"};
    int eye[3];
    find_eye(t, eye);
    *l = (layout){.stamped = t->stamped, .eye = eye[0] >= 0};
    for (int i = 0; i < 3; i++) {
        if (eye[i] >= 0) {
            l->name[l->columns] = own[i];
            l->from[l->columns++] = eye[i];
        }
    }
    for (int c = 0; c < t->channels; c++) {
        if (c != eye[0] && c != eye[1] && c != eye[2]) {
            l->name[l->columns] = t->channel[c].name;
            l->from[l->columns++] = c;
        }
    }
}

static mien_status write_samples(const mien_recording *r, int track, const layout *l,
    mien_gzip *p, double *first_s, int64_t *count) {
    const mien_track *t = mien_recording_track(r, track);
    size_t width = (size_t)t->channels + 1;
    double *block = mien_alloc(BLOCK * width, sizeof *block);
    double *time_s = block ? block + BLOCK * (width - 1) : NULL;
    mien_track_reader *reader = NULL;
    mien_string rows;
    int64_t got = 1;
    mien_string_init(&rows);
    mien_status status = block ? mien_track_open(r, track, &reader) : MIEN_ENOMEM;
    while (status == MIEN_OK && got > 0) {
        char number[32];
        status = mien_track_read(reader, BLOCK, time_s, block, &got);
        mien_string_empty(&rows);
        for (int64_t i = 0; status == MIEN_OK && i < got; i++) {
            *first_s = *count == 0 ? time_s[i] : *first_s;
            ++*count;
            if (l->stamped || l->eye) {
                mien_string_addf(&rows, "%.6f\t", time_s[i] - *first_s);
            }
            for (int c = 0; c < l->columns; c++) {
                double x = block[i * t->channels + l->from[c]];
                mien_string_add(
                    &rows, isnan(x) ? "n/a" : mien_format_double(x, number));
                mien_string_add(&rows, c + 1 < l->columns ? "\t" : "\n");
            }
        }
        status = status ? status : mien_string_status(&rows);
        status = status ? status : mien_gzip_write(p, rows.text, rows.length);
    }
    mien_track_close(&reader);
    mien_string_clear(&rows);
    mien_free(block);
    return status;
}

static mien_status set_unit(mien_value *sidecar, const char *name, const char *unit) {
    mien_value *column = mien_value_new_map();
    mien_status status =
        mien_value_set(column, "Units", mien_value_new_text(*unit ? unit : "n/a"));
    if (status != MIEN_OK) {
        mien_value_free(&column);
        return status;
    }
    return mien_value_set(sidecar, name, column);
}

static mien_status make_sidecar(const mien_track *t, const layout *l, double first_s,
    bool on_screen, mien_value *s) {
    mien_value *columns = mien_value_new_list();
    bool stamped = l->stamped || l->eye;
    mien_status status = columns ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && stamped) {
        status = mien_value_add(columns, mien_value_new_text("timestamp"));
    }
    for (int c = 0; status == MIEN_OK && c < l->columns; c++) {
        status = mien_value_add(columns, mien_value_new_text(l->name[c]));
    }
    if (status != MIEN_OK) {
        mien_value_free(&columns);
        return status;
    }
    status = mien_value_set(s, "Columns", columns);
    if (status == MIEN_OK) {
        status =
            mien_value_set(s, "SamplingFrequency", mien_value_new_number(t->rate_hz));
    }
    status = status ? status
                    : mien_value_set(s, "StartTime", mien_value_new_number(first_s));
    status = status ? status
                    : mien_value_set(s, "PhysioType",
                          mien_value_new_text(l->eye ? "eyetrack" : "generic"));
    if (status == MIEN_OK && l->eye) {
        bool right = strncmp(t->channel[l->from[0]].name, "right", 5) == 0 ||
                     strcmp(t->name, "right") == 0;
        bool left = strncmp(t->channel[l->from[0]].name, "left", 4) == 0 ||
                    strcmp(t->name, "left") == 0;
        status = mien_value_set(s, "RecordedEye",
            mien_value_new_text(right  ? "right"
                                : left ? "left"
                                       : "cyclopean"));
        status =
            status ? status
                   : mien_value_set(s, "SampleCoordinateSystem",
                         mien_value_new_text(on_screen ? "gaze-on-screen" : "custom"));
    }
    status = status || !stamped ? status : set_unit(s, "timestamp", "s");
    for (int c = 0; status == MIEN_OK && c < l->columns; c++) {
        status = set_unit(s, l->name[c], t->channel[l->from[c]].unit);
    }
    return status;
}

static mien_status write_track(
    const mien_recording *r, int track, const place *p, bool alone) {
    const mien_track *t = mien_recording_track(r, track);
    char label[64], rest[128], path[4096];
    double first_s = t->start_s;
    int64_t count = 0;
    layout *l = mien_alloc(1, sizeof *l);
    mien_gzip *pack = NULL;
    mien_value *sidecar = mien_value_new_map();
    mien_status status = l && sidecar ? MIEN_OK : MIEN_ENOMEM;
    clean(t->name, label, sizeof label);
    snprintf(rest, sizeof rest, alone ? "_physio" : "_recording-%s_physio", label);
    snprintf(path, sizeof path, "%s/%s%s.tsv.gz", p->folder, p->stem, rest);
    if (status == MIEN_OK) {
        lay_out(t, l);
        status = mien_gzip_open(path, &pack);
        status = status ? status : write_samples(r, track, l, pack, &first_s, &count);
        status = mien_gzip_close(&pack, status);
    }
    status = status ? status
                    : make_sidecar(t, l, first_s,
                          !isnan(mien_recording_screen(r).width_px), sidecar);
    status = status ? status : write_json(p, rest, sidecar);
    mien_value_free(&sidecar);
    mien_free(l);
    return status;
}

/* ---- events ---------------------------------------------------------------- */

static mien_status write_events(const mien_recording *r, const place *p) {
    static const char *const names[] = {
        "onset", "duration", "trial_type", "message", "channel"};
    const mien_event *events;
    int64_t count = mien_recording_events(r, &events);
    char path[4096], rooms[2][32];
    mien_table_writer *writer = NULL;
    snprintf(path, sizeof path, "%s/%s_events.tsv", p->folder, p->stem);
    mien_status status = mien_table_writer_open(path, MIEN_TSV, 5, names, &writer);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const mien_event *e = &events[i];
        const char *cells[] = {mien_format_double(e->onset_s, rooms[0]),
            isnan(e->duration_s) ? NULL : mien_format_double(e->duration_s, rooms[1]),
            e->name, *e->text ? e->text : NULL, *e->track ? e->track : NULL};
        status = mien_table_writer_row(writer, cells);
    }
    if (writer) {
        mien_status closed = mien_table_writer_close(&writer);
        status = status ? status : closed;
    }
    return status;
}

static mien_status two_numbers(mien_value *map, const char *key, double a, double b) {
    mien_value *list = mien_value_new_list();
    mien_status status = mien_value_add(list, mien_value_new_number(a));
    status = status ? status : mien_value_add(list, mien_value_new_number(b));
    if (status != MIEN_OK) {
        mien_value_free(&list);
        return status;
    }
    return mien_value_set(map, key, list);
}

static mien_status write_screen(const mien_recording *r, const place *p) {
    mien_screen_facts f = mien_recording_screen(r);
    if (isnan(f.width_px)) {
        return MIEN_OK;
    }
    mien_value *screen = mien_value_new_map(), *all = mien_value_new_map();
    mien_value *origin = mien_value_new_list();
    mien_status status = screen && all && origin ? MIEN_OK : MIEN_ENOMEM;
    status = status ? status
                    : two_numbers(screen, "ScreenResolution", f.width_px, f.height_px);
    if (status == MIEN_OK && !isnan(f.width_m)) {
        status = two_numbers(screen, "ScreenSize", f.width_m, f.height_m);
    }
    if (status == MIEN_OK && !isnan(f.distance_m)) {
        status = mien_value_set(
            screen, "ScreenDistance", mien_value_new_number(f.distance_m));
    }
    status = status ? status : mien_value_add(origin, mien_value_new_text("top"));
    status = status ? status : mien_value_add(origin, mien_value_new_text("left"));
    if (status == MIEN_OK) {
        status = mien_value_set(screen, "ScreenOrigin", origin);
        origin = NULL;
    }
    if (status == MIEN_OK) {
        status = mien_value_set(all, "StimulusPresentation", screen);
        screen = NULL;
    }
    status = status ? status : write_json(p, "_events", all);
    mien_value_free(&origin);
    mien_value_free(&screen);
    mien_value_free(&all);
    return status;
}

mien_status mien_bids_write(const mien_recording *r, const mien_bids_writing *w) {
    MIEN_NEED(r, w);
    place *p = mien_alloc(1, sizeof *p);
    mien_status status = p ? make_place(w, p) : MIEN_ENOMEM;
    for (int t = 0; status == MIEN_OK && t < mien_recording_tracks(r); t++) {
        const mien_track *track = mien_recording_track(r, t);
        if (track->rate_hz > 0) {
            status = write_track(r, t, p, mien_recording_tracks(r) == 1);
        } else {
            mien_log(MIEN_LOG_WARN, "io",
                "%s: the track %s has no rate, which BIDS demands: left out",
                mien_recording_path(r), track->name);
        }
    }
    status = status ? status : write_screen(r, p);
    status = status ? status : write_events(r, p);
    mien_free(p);
    return status;
}

mien_status mien_bids_describe(
    const char *root, const char *name, int64_t count, const char *const *persons) {
    MIEN_NEED(root, name, persons || count < 1);
    mien_string text;
    char path[4096];
    mien_value *d = mien_value_new_map();
    mien_string_init(&text);
    mien_status status = mien_value_set(d, "Name", mien_value_new_text(name));
    status = status ? status
                    : mien_value_set(d, "BIDSVersion", mien_value_new_text("1.11.0"));
    status =
        status ? status : mien_value_set(d, "DatasetType", mien_value_new_text("raw"));
    status = status ? status : mien_value_write_json(d, true, &text);
    status = status ? status : mien_string_add(&text, "\n");
    snprintf(path, sizeof path, "%s/dataset_description.json", root);
    status = status ? status : mien_file_write(path, text.text, text.length);
    mien_string_empty(&text);
    mien_string_add(&text, "participant_id\n");
    for (int64_t i = 0; i < count; i++) {
        mien_string_addf(&text, "sub-%s\n", persons[i]);
    }
    snprintf(path, sizeof path, "%s/participants.tsv", root);
    status = status ? status : mien_string_status(&text);
    status = status ? status : mien_file_write(path, text.text, text.length);
    mien_string_clear(&text);
    mien_value_free(&d);
    return status;
}
