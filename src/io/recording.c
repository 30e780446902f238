/* SPDX-License-Identifier: MIT */
/* The table of formats of recordings, and what is the same for all: opening, the stream
 * of samples whose time must not run backwards, a track in memory. */
#include "io/recording.h"
#include "base/need.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const mien_recording_kind *const kinds[] = {
#define X(name) &mien_recording_##name,
#include "io/recordings.def"
#undef X
};

int mien_recording_kind_count(void) {
    return (int)(sizeof kinds / sizeof *kinds);
}

const mien_recording_kind *mien_recording_kind_at(int index) {
    return index >= 0 && index < mien_recording_kind_count() ? kinds[index] : NULL;
}

mien_recording_options mien_recording_options_default(void) {
    return (mien_recording_options){.format = NULL};
}

bool mien_path_ends(const char *path, const char *end) {
    size_t a = strlen(path), b = strlen(end);
    return a >= b && strcasecmp(path + a - b, end) == 0;
}

void mien_recording_peek(const char *path, char *text, size_t size) {
    FILE *file = mien_file_is_directory(path) ? NULL : fopen(path, "rbe");
    size_t got = file ? fread(text, 1, size - 1, file) : 0;
    text[got] = 0;
    if (file) {
        fclose(file);
    }
}

/* ---- filling --------------------------------------------------------------- */

mien_status mien_recording_add_track(
    mien_recording *r, const char *name, mien_track **track) {
    if (r->count == MIEN_TRACKS_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "%s: more than %d tracks", r->path, (int)MIEN_TRACKS_MAX);
    }
    mien_track *more =
        mien_realloc(r->track, (size_t)r->count, (size_t)r->count + 1, sizeof *more);
    if (!more) {
        return MIEN_ENOMEM;
    }
    r->track = more;
    *track = &more[r->count++];
    **track = (mien_track){.channels = 0};
    snprintf((*track)->name, sizeof(*track)->name, "%s", name);
    return MIEN_OK;
}

mien_status mien_recording_add_channel(
    const char *where, mien_track *t, const char *name, const char *unit) {
    if (t->channels == MIEN_CHANNELS_MAX) {
        return mien_fail(
            MIEN_ELIMIT, "%s: more than %d channels", where, (int)MIEN_CHANNELS_MAX);
    }
    mien_channel *c = &t->channel[t->channels];
    if (!*name || strlen(name) >= sizeof c->name) {
        return mien_fail(MIEN_EFORMAT,
            "%s: \"%.80s\" names no channel: 1 to %zu bytes are allowed", where, name,
            sizeof c->name - 1);
    }
    for (int k = 0; k < t->channels; k++) {
        if (strcmp(t->channel[k].name, name) == 0) {
            return mien_fail(
                MIEN_EFORMAT, "%s: the column %s appears twice", where, name);
        }
    }
    snprintf(c->name, sizeof c->name, "%s", name);
    snprintf(
        c->unit, sizeof c->unit, "%.*s", (int)sizeof c->unit - 1, unit ? unit : "");
    t->channels++;
    return MIEN_OK;
}

mien_status mien_recording_add_event(mien_recording *r, double onset_s,
    double duration_s, const char *name, const char *text, const char *track) {
    if (!isfinite(onset_s)) {
        return mien_fail(
            MIEN_EFORMAT, "%s: an event (%.80s) without a time", r->path, name);
    }
    if (r->events == r->events_room) {
        if (r->events >= MIEN_RECORDING_EVENTS_MAX) {
            return mien_fail(MIEN_ELIMIT, "%s: more than %d events", r->path,
                (int)MIEN_RECORDING_EVENTS_MAX);
        }
        int64_t larger = r->events_room ? 2 * r->events_room : 64;
        mien_event *more = mien_realloc(
            r->event, (size_t)r->events_room, (size_t)larger, sizeof *more);
        if (!more) {
            return MIEN_ENOMEM;
        }
        r->event = more;
        r->events_room = larger;
    }
    mien_event e = {.onset_s = onset_s,
        .duration_s = duration_s,
        .name = mien_arena_strdup(r->arena, name),
        .text = *text ? mien_arena_strdup(r->arena, text) : "",
        .track = *track ? mien_arena_strdup(r->arena, track) : ""};
    if (!e.name || !e.text || !e.track) {
        return MIEN_ENOMEM;
    }
    r->event[r->events++] = e;
    return MIEN_OK;
}

/* ---- opening --------------------------------------------------------------- */

static mien_status refuse_known(const char *path) {
    static const char *const ends[][2] = {
        {".acq", "AcqKnowledge: export it as text (File, Save as, Text) or BIDS"},
        {".edf", "EDF: export it as CSV or BIDS"},
        {".bdf", "BDF: export it as CSV or BIDS"}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (mien_path_ends(path, ends[i][0])) {
            return mien_fail(MIEN_EUNSUPPORTED,
                "%s: not a format that is read here. %s", path, ends[i][1]);
        }
    }
    return MIEN_OK;
}

static mien_status find_kind(
    const char *path, const char *format, const mien_recording_kind **kind) {
    for (int k = 0; k < mien_recording_kind_count(); k++) {
        if (format ? strcmp(kinds[k]->name, format) == 0
                   : kinds[k]->work->looks(path)) {
            *kind = kinds[k];
            return MIEN_OK;
        }
    }
    mien_string known;
    mien_string_init(&known);
    for (int k = 0; k < mien_recording_kind_count(); k++) {
        mien_string_addf(&known, "%s%s", k ? ", " : "", kinds[k]->name);
    }
    mien_status status = mien_string_status(&known);
    if (status == MIEN_OK) {
        status =
            format ? mien_fail(MIEN_ENOTFOUND,
                         "there is no format \"%s\" of recordings; known: %s", format,
                         known.text)
                   : mien_fail(MIEN_EUNSUPPORTED,
                         "%s: looks like no recording; formats: %s", path, known.text);
    }
    mien_string_clear(&known);
    return status;
}

static int by_onset(const void *a, const void *b) {
    const mien_event *x = a, *y = b;
    if (x->onset_s != y->onset_s) {
        return x->onset_s < y->onset_s ? -1 : 1;
    }
    return strcmp(x->name, y->name);
}

mien_status mien_recording_open(const char *path, const mien_recording_options *options,
    mien_recording **recording) {
    MIEN_NEED(path, recording);
    mien_recording_options o = options ? *options : mien_recording_options_default();
    const mien_recording_kind *kind = NULL;
    mien_status status = refuse_known(path);
    if (status == MIEN_OK && !mien_file_exists(path)) {
        status = mien_fail(MIEN_EIO, "%s: there is no such file", path);
    }
    status = status ? status : find_kind(path, o.format, &kind);
    mien_recording *r = status ? NULL : mien_alloc(1, sizeof *r);
    if (!r) {
        return status ? status : MIEN_ENOMEM;
    }
    r->kind = kind;
    r->screen = (mien_screen_facts){NAN, NAN, NAN, NAN, NAN};
    r->path = mien_strdup(path);
    status = r->path ? mien_arena_new(1 << 12, &r->arena) : MIEN_ENOMEM;
    status = status ? status : kind->work->open(r, &o);
    if (status == MIEN_OK && r->count == 0) {
        status = mien_fail(MIEN_EFORMAT, "%s: no samples in it", path);
    }
    if (status != MIEN_OK) {
        mien_recording_close(&r);
        return status;
    }
    if (r->events > 1) {
        qsort(r->event, (size_t)r->events, sizeof *r->event, by_onset);
    }
    *recording = r;
    return MIEN_OK;
}

void mien_recording_close(mien_recording **recording) {
    mien_recording *r = recording ? *recording : NULL;
    if (!r) {
        return;
    }
    if (r->own) {
        r->kind->work->close(r);
    }
    mien_arena_free(&r->arena);
    mien_free(r->event);
    mien_free(r->track);
    mien_free(r->path);
    mien_free(r);
    *recording = NULL;
}

const char *mien_recording_path(const mien_recording *r) {
    MIEN_NEED_OR(NULL, r);
    return r->path;
}

const char *mien_recording_format(const mien_recording *r) {
    MIEN_NEED_OR(NULL, r);
    return r->kind->name;
}

const char *mien_recording_person(const mien_recording *r) {
    MIEN_NEED_OR(NULL, r);
    return r->person;
}

mien_screen_facts mien_recording_screen(const mien_recording *r) {
    MIEN_NEED_OR((mien_screen_facts){0}, r);
    return r->screen;
}

int mien_recording_tracks(const mien_recording *r) {
    MIEN_NEED_OR(0, r);
    return r->count;
}

const mien_track *mien_recording_track(const mien_recording *r, int track) {
    MIEN_NEED_OR(NULL, r);
    return track >= 0 && track < r->count ? &r->track[track] : NULL;
}

int64_t mien_recording_events(const mien_recording *r, const mien_event **events) {
    MIEN_NEED_OR(0, r, events);
    *events = r->event;
    return r->events;
}

/* ---- samples --------------------------------------------------------------- */

struct mien_track_reader {
    const mien_recording *recording;
    const mien_track *track;
    void *state;
    double last_s;
    int64_t done;
};

mien_status mien_track_open(
    const mien_recording *r, int track, mien_track_reader **reader) {
    MIEN_NEED(r, reader);
    if (track < 0 || track >= r->count) {
        return mien_fail(
            MIEN_ENOTFOUND, "%s: no track %d of %d", r->path, track, r->count);
    }
    mien_track_reader *t = mien_alloc(1, sizeof *t);
    if (!t) {
        return MIEN_ENOMEM;
    }
    *t = (mien_track_reader){
        .recording = r, .track = &r->track[track], .last_s = -INFINITY};
    mien_status status = r->kind->work->start(r, track, &t->state);
    if (status != MIEN_OK) {
        mien_free(t);
        return status;
    }
    *reader = t;
    return MIEN_OK;
}

void mien_track_close(mien_track_reader **reader) {
    if (reader && *reader) {
        (*reader)->recording->kind->work->stop((*reader)->state);
        mien_free(*reader);
        *reader = NULL;
    }
}

/* "PATH:NUMBER" of the last line becomes that of a line `back` lines before it. */
static const char *lines_before(char where[512], int64_t back) {
    char *colon = strrchr(where, ':');
    size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
    if (digits > 0 && !colon[1 + digits]) {
        int64_t line = strtoll(colon + 1, NULL, 10);
        snprintf(colon + 1, 512 - (size_t)(colon + 1 - where), "%lld",
            (long long)(line > back ? line - back : 1));
    }
    return where;
}

mien_status mien_track_read(
    mien_track_reader *t, int64_t count, double *time_s, double *values, int64_t *got) {
    MIEN_NEED(t, time_s || count < 1, values || count < 1, got);
    const struct mien_recording_work *work = t->recording->kind->work;
    char where[512];
    int64_t n = 0;
    mien_status status = work->next(t->state, count, time_s, values, &n);
    for (int64_t i = 0; status == MIEN_OK && i < n; i++) {
        if (!t->track->stamped) {
            time_s[i] = t->track->start_s + (double)(t->done + i) / t->track->rate_hz;
        }
        if (!(time_s[i] >= t->last_s)) {
            status = mien_fail(MIEN_EFORMAT,
                "%s: time runs backwards, from %.6f to %.6f s, at sample %lld: cut the "
                "recording there",
                work->where(t->state, where) ? lines_before(where, n - 1 - i) : "",
                t->last_s, time_s[i], (long long)(t->done + i));
        }
        t->last_s = time_s[i];
    }
    if (status == MIEN_OK) {
        t->done += n;
        *got = n;
    }
    return status;
}

void mien_samples_free(mien_samples **samples) {
    mien_samples *s = samples ? *samples : NULL;
    if (s) {
        for (int c = 0; s->value && c < s->channels; c++) {
            mien_free(s->value[c]);
        }
        mien_free(s->value);
        mien_free(s->time_s);
        mien_free(s);
        *samples = NULL;
    }
}

static mien_status grow(mien_samples *s, int64_t old, int64_t room) {
    double *time_s = mien_realloc(s->time_s, (size_t)old, (size_t)room, sizeof *time_s);
    if (!time_s) {
        return MIEN_ENOMEM;
    }
    s->time_s = time_s;
    for (int c = 0; c < s->channels; c++) {
        double *value =
            mien_realloc(s->value[c], (size_t)old, (size_t)room, sizeof *value);
        if (!value) {
            return MIEN_ENOMEM;
        }
        s->value[c] = value;
    }
    return MIEN_OK;
}

enum { BLOCK = 4096 };

static mien_status load_all(
    mien_track_reader *reader, int64_t n_max, mien_samples *s, double *block) {
    int64_t room = 0, got = 1;
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && got > 0) {
        double *time_s = block + (int64_t)BLOCK * s->channels;
        status = mien_track_read(reader, BLOCK, time_s, block, &got);
        if (status == MIEN_OK && s->n + got > n_max) {
            status = mien_fail(MIEN_ELIMIT, "%s: more than %lld samples",
                reader->recording->path, (long long)n_max);
        }
        if (status == MIEN_OK && s->n + got > room) {
            int64_t larger = room ? 2 * room : 2 * BLOCK;
            status = grow(s, room, larger);
            room = larger;
        }
        for (int64_t i = 0; status == MIEN_OK && i < got; i++) {
            s->time_s[s->n + i] = time_s[i];
            for (int c = 0; c < s->channels; c++) {
                s->value[c][s->n + i] = block[i * s->channels + c];
            }
        }
        s->n += status == MIEN_OK ? got : 0;
    }
    return status;
}

mien_status mien_track_load(
    const mien_recording *r, int track, int64_t n_max, mien_samples **samples) {
    MIEN_NEED(r, samples);
    mien_track_reader *reader = NULL;
    mien_status status = mien_track_open(r, track, &reader);
    if (status != MIEN_OK) {
        return status;
    }
    int channels = r->track[track].channels;
    mien_samples *s = mien_alloc(1, sizeof *s);
    double *block = mien_alloc((size_t)BLOCK * (size_t)(channels + 1), sizeof *block);
    status = s && block ? MIEN_OK : MIEN_ENOMEM;
    if (status == MIEN_OK) {
        s->channels = channels;
        s->value = mien_alloc((size_t)channels, sizeof *s->value);
        status = s->value ? load_all(reader, n_max, s, block) : MIEN_ENOMEM;
    }
    mien_free(block);
    mien_track_close(&reader);
    if (status != MIEN_OK) {
        mien_samples_free(&s);
        return status;
    }
    *samples = s;
    return MIEN_OK;
}
