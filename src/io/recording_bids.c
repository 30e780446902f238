/* SPDX-License-Identifier: MIT */
/* BIDS 1.11: a run's _physio.tsv.gz files with their inherited sidecars, physiology and
 * eye tracking.
 *
 * Comes in: any of the run's files. Goes out: a track for each of them. Events are read
 * by bids_events.c, sidecars found by bids_sidecars.c. */
#include "io/recording_bids.h"
#include "base/need.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char ending[] = "_physio.tsv.gz";

enum { LOOK_ROWS = 1000 };

static bool looks(const char *path) {
    return mien_path_ends(path, ending);
}

/* ---- sidecars -------------------------------------------------------------- */

static mien_status need_number(const mien_sidecars *s, const char *path,
    const char *key, double least, double *number) {
    const mien_value *value = mien_sidecars_get(s, key);
    *number = mien_value_number(value, NAN);
    if (!isfinite(*number) || *number < least) {
        return mien_fail(MIEN_EFORMAT, "%s: its sidecar (.json) has no %s%s", path, key,
            value ? " that is a number in range" : ", which is required");
    }
    return MIEN_OK;
}

static mien_status take_names(const mien_sidecars *s, mien_bids_file *f) {
    const mien_value *list = mien_sidecars_get(s, "Columns");
    int64_t count = mien_value_count(list);
    if (mien_value_kind_of(list) != MIEN_VALUE_LIST || count < 1 ||
        count > MIEN_CHANNELS_MAX) {
        return mien_fail(MIEN_EFORMAT,
            "%s: its sidecar (.json) has no Columns, a list of 1 to %d names, which is "
            "required",
            f->path, (int)MIEN_CHANNELS_MAX);
    }
    f->name = mien_alloc((size_t)count, sizeof *f->name);
    if (!f->name) {
        return MIEN_ENOMEM;
    }
    for (int64_t i = 0; i < count; i++) {
        const char *name = mien_value_text(mien_value_at(list, i));
        if (!name || !*name || strlen(name) >= sizeof *f->name) {
            return mien_fail(MIEN_EFORMAT,
                "%s: Columns[%lld] of its sidecar is no name of 1 to 63 bytes", f->path,
                (long long)i);
        }
        snprintf(f->name[i], sizeof *f->name, "%s", name);
    }
    f->columns = (int)count;
    return MIEN_OK;
}

/* Whether a text holds a word, in any case. */
static bool tells(const char *text, const char *word) {
    size_t length = strlen(word);
    for (; text && *text; text++) {
        if (strncasecmp(text, word, length) == 0) {
            return true;
        }
    }
    return false;
}

/* What a pupil's arbitrary units are of stands in its Description alone. */
static void tell_pupil(const mien_sidecars *s, const char *column, char unit[32]) {
    const char *about =
        mien_value_text(mien_value_get(mien_sidecars_get(s, column), "Description"));
    bool area = tells(about, "area"), diameter = tells(about, "diameter");
    char given[32];
    snprintf(given, sizeof given, "%s", unit);
    if (area != diameter && !tells(given, area ? "area" : "diameter")) {
        snprintf(unit, 32, "%s%s%.20s", area ? "area" : "diameter", *given ? " " : "",
            given);
    }
}

static const char *unit_of(const mien_sidecars *s, const char *column) {
    const char *unit =
        mien_value_text(mien_value_get(mien_sidecars_get(s, column), "Units"));
    return unit ? unit : "";
}

static double seconds_of(const char *unit) {
    static const struct {
        const char *name;
        double s;
    } known[] = {{"s", 1}, {"second", 1}, {"seconds", 1}, {"ms", 1e-3},
        {"millisecond", 1e-3}, {"milliseconds", 1e-3}, {"us", 1e-6}, {"µs", 1e-6},
        {"μs", 1e-6}, {"microseconds", 1e-6}, {"ns", 1e-9}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(known[i].name, unit) == 0) {
            return known[i].s;
        }
    }
    return 0;
}

static mien_status take_eye(
    const mien_recording *r, const mien_sidecars *s, mien_bids_file *f) {
    static const char *const first[] = {"timestamp", "x_coordinate", "y_coordinate"};
    for (int i = 0; i < 3; i++) {
        if (f->columns < 3 || strcmp(f->name[i], first[i]) != 0) {
            return mien_fail(MIEN_EFORMAT,
                "%s: Columns of eye tracking begin with timestamp, x_coordinate, "
                "y_coordinate; column %d is %s",
                f->path, i + 1, i < f->columns ? f->name[i] : "not there");
        }
    }
    for (int i = 1; i < 3; i++) {
        if (!*unit_of(s, first[i])) {
            return mien_fail(MIEN_EFORMAT,
                "%s: its sidecar does not say %s.Units, which is required", f->path,
                first[i]);
        }
    }
    f->time = 0;
    f->x = 1;
    f->y = 2;
    for (int i = 3; i < f->columns; i++) {
        f->pupil = strcmp(f->name[i], "pupil_size") == 0 ? i : f->pupil;
    }
    static const char *const systems[] = {
        "gaze-on-screen", "eye-in-head", "gaze-in-world", "custom"};
    const char *system =
        mien_value_text(mien_sidecars_get(s, "SampleCoordinateSystem"));
    bool known = !system;
    for (size_t i = 0; system && i < sizeof systems / sizeof *systems; i++) {
        known = known || strcmp(system, systems[i]) == 0;
    }
    if (!known) {
        return mien_fail(MIEN_EFORMAT,
            "%s: SampleCoordinateSystem is \"%.40s\"; gaze-on-screen, eye-in-head, "
            "gaze-in-world and custom are allowed",
            f->path, system);
    }
    bool on_screen = system && strcmp(system, "gaze-on-screen") == 0;
    bool pixels = strncmp(unit_of(s, "x_coordinate"), "pix", 3) == 0;
    if (on_screen && pixels && isnan(r->screen.width_px)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: gaze on a screen in pixels, and no _events.json tells its "
            "StimulusPresentation (ScreenResolution, ScreenSize, ScreenDistance)",
            f->path);
    }
    f->far =
        on_screen && pixels ? 10 * fmax(r->screen.width_px, r->screen.height_px) : 1e6;
    return MIEN_OK;
}

/* Points are counted from the screen's upper left corner. */
static mien_status check_origin(const mien_value *shown, const char *events) {
    const mien_value *origin = mien_value_get(shown, "ScreenOrigin");
    const char *down = mien_value_text(mien_value_at(origin, 0));
    const char *across = mien_value_text(mien_value_at(origin, 1));
    return !origin || (down && across && strcmp(down, "top") == 0 &&
                          strcmp(across, "left") == 0)
               ? MIEN_OK
               : mien_fail(MIEN_EUNSUPPORTED,
                     "%s: ScreenOrigin of its StimulusPresentation is [\"%.16s\", "
                     "\"%.16s\"]; only [\"top\", \"left\"] is read: turn the "
                     "coordinates, "
                     "and say so there",
                     events, down ? down : "", across ? across : "");
}

/* Screen from the StimulusPresentation that applies to the run's events. */
static mien_status take_screen(mien_recording *r, const char *prefix) {
    char *events = mien_alloc(strlen(prefix) + 16, 1);
    mien_sidecars s = {.count = 0};
    if (!events) {
        return MIEN_ENOMEM;
    }
    snprintf(events, strlen(prefix) + 16, "%s_events.tsv", prefix);
    mien_status status = mien_sidecars_find(events, "events", &s);
    const mien_value *shown = mien_sidecars_get(&s, "StimulusPresentation");
    const mien_value *pixels = mien_value_get(shown, "ScreenResolution");
    const mien_value *size = mien_value_get(shown, "ScreenSize");
    status = status ? status : check_origin(shown, events);
    if (status == MIEN_OK) {
        r->screen = (mien_screen_facts){
            .width_px = mien_value_number(mien_value_at(pixels, 0), NAN),
            .height_px = mien_value_number(mien_value_at(pixels, 1), NAN),
            .width_m = mien_value_number(mien_value_at(size, 0), NAN),
            .height_m = mien_value_number(mien_value_at(size, 1), NAN),
            .distance_m =
                mien_value_number(mien_value_get(shown, "ScreenDistance"), NAN)};
    }
    mien_sidecars_clear(&s);
    mien_free(events);
    return status;
}

/* ---- rows ------------------------------------------------------------------ */

/* Turns the values that eye trackers' writers put where they saw no eye into missing
 * ones. */
static void blank_lost_eye(const mien_bids_file *f, double *v) {
    bool no_pupil = f->pupil >= 0 && !(v[f->pupil] > 0);
    if (f->pupil >= 0 && no_pupil) {
        v[f->pupil] = NAN;
    }
    if (fabs(v[f->x]) > f->far || fabs(v[f->y]) > f->far ||
        (no_pupil && v[f->x] == 0 && v[f->y] == 0)) {
        v[f->x] = v[f->y] = NAN;
    }
}

mien_status mien_bids_row(
    const mien_lines *lines, const mien_bids_file *f, char *line, double *values) {
    const char *cell[MIEN_CHANNELS_MAX];
    int64_t count = mien_line_cells(line, '\t', cell, MIEN_CHANNELS_MAX);
    if (count != f->columns) {
        return mien_fail(MIEN_EFORMAT, "%s:%lld: %lld columns; its sidecar names %d",
            f->path, (long long)mien_lines_number(lines), (long long)count, f->columns);
    }
    for (int c = 0; c < f->columns; c++) {
        if (mien_cell_missing(cell[c])) {
            values[c] = NAN;
        } else if (!mien_cell_number(cell[c], &values[c])) {
            bool header = mien_lines_number(lines) == 1 && !strcmp(cell[c], f->name[c]);
            return mien_fail(MIEN_EFORMAT,
                header ? "%s:%lld: column %s: \"%.60s\" is a header, which BIDS has in "
                         "the sidecar alone: take the line out"
                       : "%s:%lld: column %s: \"%.60s\" is neither a number nor n/a",
                f->path, (long long)mien_lines_number(lines), f->name[c], cell[c]);
        }
    }
    if (f->eyetrack) {
        blank_lost_eye(f, values);
    }
    return MIEN_OK;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The first stamp, and whether the stamps' steps are those of the rate. */
static mien_status look_at_stamps(mien_bids_file *f) {
    double values[MIEN_CHANNELS_MAX], steps[LOOK_ROWS], last = NAN;
    mien_lines *lines = NULL;
    char *line = NULL;
    size_t length = 0;
    int count = 0;
    mien_status status = mien_lines_open(f->path, &lines);
    for (int row = 0; status == MIEN_OK && row < LOOK_ROWS; row++) {
        status = mien_lines_next(lines, &line, &length);
        if (status != MIEN_OK || !line) {
            break;
        }
        status = mien_bids_row(lines, f, line, values);
        if (status == MIEN_OK && f->time >= 0) {
            f->first = row == 0 ? values[f->time] : f->first;
            if (row > 0) {
                steps[count++] = values[f->time] - last;
            }
            last = values[f->time];
        }
    }
    mien_lines_close(&lines);
    if (status != MIEN_OK || f->time < 0) {
        return status;
    }
    if (!isfinite(f->first)) {
        return mien_fail(MIEN_EFORMAT, "%s:1: the first timestamp is missing", f->path);
    }
    qsort(steps, (size_t)count, sizeof *steps, by_value);
    /* a clock that is even, but another: gaps alone make some steps longer */
    double step = count > 0 ? steps[count / 2] * f->stamp_s : 0;
    double short_step = count > 0 ? steps[count / 10] * f->stamp_s : 0;
    if (count > 10 && f->stamp_s > 0 && fabs(step * f->rate_hz - 1) > 0.1 &&
        fabs(short_step - step) < 0.1 * step) {
        return mien_fail(MIEN_EFORMAT,
            "%s: SamplingFrequency is %g Hz, and its timestamps are %g s apart (%g "
            "Hz): "
            "set the frequency, or timestamp.Units, right",
            f->path, f->rate_hz, step, 1 / step);
    }
    return MIEN_OK;
}

/* ---- a file ---------------------------------------------------------------- */

static mien_status add_channels(mien_recording *r, const mien_sidecars *s,
    const mien_bids_file *f, const char *label) {
    mien_track *track = NULL;
    mien_status status = mien_recording_add_track(r, label, &track);
    for (int c = 0; status == MIEN_OK && c < f->columns; c++) {
        if (c != f->time) {
            char unit[32];
            snprintf(unit, sizeof unit, "%s", unit_of(s, f->name[c]));
            if (c == f->pupil) {
                tell_pupil(s, f->name[c], unit);
            }
            status = mien_recording_add_channel(f->path, track, f->name[c], unit);
        }
    }
    if (status == MIEN_OK) {
        track->rate_hz = f->rate_hz;
        track->start_s = f->start_s;
        track->stamped = f->time >= 0 && f->stamp_s > 0;
    }
    return status;
}

static mien_status open_file(mien_recording *r, mien_bids_file *f, const char *label) {
    mien_sidecars s = {.count = 0};
    f->time = f->x = f->y = f->pupil = -1;
    mien_status status = mien_sidecars_find(f->path, "physio", &s);
    status = status ? status : take_names(&s, f);
    if (status == MIEN_OK) {
        status = need_number(&s, f->path, "SamplingFrequency", 1e-6, &f->rate_hz);
    }
    if (status == MIEN_OK) {
        status = need_number(&s, f->path, "StartTime", -1e12, &f->start_s);
    }
    const char *type = mien_value_text(mien_sidecars_get(&s, "PhysioType"));
    f->eyetrack = type && strcmp(type, "eyetrack") == 0;
    if (status == MIEN_OK && f->eyetrack) {
        status = take_eye(r, &s, f);
        f->stamp_s = seconds_of(unit_of(&s, "timestamp"));
    } else if (status == MIEN_OK && strcmp(f->name[0], "timestamp") == 0) {
        f->stamp_s = seconds_of(unit_of(&s, "timestamp"));
        f->time = f->stamp_s > 0 ? 0 : -1;
    }
    status = status ? status : look_at_stamps(f);
    const char *eye = mien_value_text(mien_sidecars_get(&s, "RecordedEye"));
    bool known = eye && (!strcmp(eye, "left") || !strcmp(eye, "right") ||
                            !strcmp(eye, "cyclopean"));
    status = status ? status : add_channels(r, &s, f, known ? eye : label);
    mien_sidecars_clear(&s);
    return status ? status : mien_bids_device_events(r, f, r->track[r->count - 1].name);
}

/* ---- the run --------------------------------------------------------------- */

/* Path without "_recording-LABEL" and the ending; a new string. */
static char *prefix_of(const char *path) {
    char *prefix = mien_strndup(path, strlen(path) - (sizeof ending - 1));
    char *label =
        prefix ? strstr(prefix + (mien_path_base(prefix) - prefix), "_recording-")
               : NULL;
    if (label) {
        *label = 0;
    }
    return prefix;
}

/* The label of a file of this run, "physio" without one; NULL if it is of another. */
static const char *label_of(const char *name, const char *prefix, char label[64]) {
    size_t length = strlen(prefix);
    if (strncmp(name, prefix, length) != 0 || !mien_path_ends(name, ending)) {
        return NULL;
    }
    const char *rest = name + length;
    size_t tail = strlen(rest) - (sizeof ending - 1);
    if (tail == 0) {
        return "physio";
    }
    if (strncmp(rest, "_recording-", 11) != 0 || tail < 12 || tail > 74 ||
        memchr(rest + 11, '_', tail - 11)) {
        return NULL;
    }
    snprintf(label, 64, "%.*s", (int)(tail - 11), rest + 11);
    return label;
}

static mien_status open_files(mien_recording *r, mien_bids *b, const char *prefix) {
    char *folder = mien_path_directory(r->path), **names = NULL;
    int64_t count = 0;
    char room[64];
    mien_status status =
        folder ? mien_directory_list(folder, &names, &count) : MIEN_ENOMEM;
    b->file = status ? NULL : mien_alloc((size_t)count, sizeof *b->file);
    status = status || b->file ? status : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const char *label = label_of(names[i], mien_path_base(prefix), room);
        if (label) {
            mien_bids_file *f = &b->file[b->count++];
            f->path = mien_path_join(folder, names[i]);
            status = f->path ? open_file(r, f, label) : MIEN_ENOMEM;
        }
    }
    mien_names_free(&names, count);
    mien_free(folder);
    return status;
}

static mien_status open_run(mien_recording *r, const mien_recording_options *o) {
    (void)o;
    mien_bids *b = r->own = mien_alloc(1, sizeof *b);
    char *prefix = prefix_of(r->path);
    mien_status status = b && prefix ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK && strncmp(mien_path_base(prefix), "sub-", 4) == 0) {
        const char *person = mien_path_base(prefix) + 4;
        snprintf(
            r->person, sizeof r->person, "%.*s", (int)strcspn(person, "_"), person);
    }
    status = status ? status : take_screen(r, prefix);
    status = status ? status : open_files(r, b, prefix);
    status = status ? status : mien_bids_task_events(r, prefix);
    mien_free(prefix);
    return status;
}

static void close_run(mien_recording *r) {
    mien_bids *b = r->own;
    for (int i = 0; i < b->count; i++) {
        mien_free(b->file[i].path);
        mien_free(b->file[i].name);
    }
    mien_free(b->file);
    mien_free(b);
}

/* ---- the stream ------------------------------------------------------------ */

typedef struct stream {
    const mien_bids_file *f;
    mien_lines *lines;
} stream;

static mien_status start(const mien_recording *r, int track, void **state) {
    const mien_bids *b = r->own;
    stream *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    s->f = &b->file[track];
    mien_status status = mien_lines_open(s->f->path, &s->lines);
    if (status != MIEN_OK) {
        mien_free(s);
        return status;
    }
    *state = s;
    return MIEN_OK;
}

static mien_status next(
    void *state, int64_t count, double *time_s, double *values, int64_t *got) {
    stream *s = state;
    const mien_bids_file *f = s->f;
    double row[MIEN_CHANNELS_MAX];
    int64_t n = 0;
    while (n < count) {
        char *line = NULL;
        size_t length = 0;
        mien_status status = mien_lines_next(s->lines, &line, &length);
        if (status != MIEN_OK || !line) {
            *got = n;
            return status;
        }
        status = mien_bids_row(s->lines, f, line, row);
        if (status != MIEN_OK) {
            return status;
        }
        double *to = values + n * (f->columns - (f->time >= 0));
        for (int c = 0; c < f->columns; c++) {
            if (c != f->time) {
                *to++ = row[c];
            }
        }
        if (f->time >= 0) {
            time_s[n] = f->start_s + (row[f->time] - f->first) * f->stamp_s;
        }
        n++;
    }
    *got = n;
    return MIEN_OK;
}

static void stop(void *state) {
    stream *s = state;
    mien_lines_close(&s->lines);
    mien_free(s);
}

static const char *where(void *state, char buffer[512]) {
    return mien_lines_where(((const stream *)state)->lines, buffer);
}

static const struct mien_recording_work work = {.looks = looks,
    .open = open_run,
    .close = close_run,
    .start = start,
    .next = next,
    .stop = stop,
    .where = where};

const mien_recording_kind mien_recording_bids = {.name = "bids",
    .summary =
        "BIDS 1.11: a run's _physio.tsv.gz files (physiology, eye tracking), their "
        "sidecars, device events and _events.tsv",
    .work = &work};

/* ---- a data set ------------------------------------------------------------ */

typedef struct listing {
    char **path;
    int64_t count, room;
} listing;

static mien_status add_path(listing *l, const char *path) {
    char *prefix = prefix_of(path);
    bool known = false;
    for (int64_t i = l->count - 1; prefix && i >= 0 && i > l->count - 64; i--) {
        char *other = prefix_of(l->path[i]);
        known = known || (other && strcmp(other, prefix) == 0);
        mien_free(other);
    }
    mien_free(prefix);
    if (known) {
        return MIEN_OK;
    }
    if (l->count == l->room) {
        int64_t larger = l->room ? 2 * l->room : 64;
        char **more =
            mien_realloc(l->path, (size_t)l->room, (size_t)larger, sizeof *more);
        if (!more) {
            return MIEN_ENOMEM;
        }
        l->path = more;
        l->room = larger;
    }
    l->path[l->count] = mien_strdup(path);
    return l->path[l->count++] ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status walk(listing *l, const char *folder, int depth) {
    char **names = NULL;
    int64_t count = 0;
    mien_status status = mien_directory_list(folder, &names, &count);
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        char *path = mien_path_join(folder, names[i]);
        if (!path) {
            status = MIEN_ENOMEM;
        } else if (looks(path)) {
            status = add_path(l, path);
        } else if (depth < 4 && names[i][0] != '.' && mien_file_is_directory(path)) {
            status = walk(l, path, depth + 1);
        }
        mien_free(path);
    }
    mien_names_free(&names, count);
    return status;
}

mien_status mien_bids_runs(const char *root, char ***paths, int64_t *count) {
    MIEN_NEED(root, paths, count);
    listing l = {.count = 0};
    mien_status status = walk(&l, root, 0);
    if (status != MIEN_OK) {
        mien_names_free(&l.path, l.count);
        return status;
    }
    *paths = l.path;
    *count = l.count;
    return MIEN_OK;
}
