/* SPDX-License-Identifier: MIT */
/* Shared by the readers of recordings: the structure they fill, and the stream they
 * give. */
#ifndef MIEN_IO_RECORDING_H
#define MIEN_IO_RECORDING_H

#include "io/lines.h"
#include "mien/recordings.h"

struct mien_recording {
    const mien_recording_kind *kind;
    char *path;
    char person[64];
    mien_screen_facts screen;
    int count;
    mien_track *track; /* [count] */
    int64_t events, events_room;
    mien_event *event;
    mien_arena *arena; /* texts of events */
    void *own;         /* of the kind */
};

/* What a kind does. */
struct mien_recording_work {
    bool (*looks)(const char *path);
    /* Fills tracks, events, person, screen, own. */
    mien_status (*open)(mien_recording *r, const mien_recording_options *options);
    void (*close)(mien_recording *r); /* frees own, which may be NULL */
    mien_status (*start)(const mien_recording *r, int track, void **state);
    /* The same as mien_track_read(); the caller checks that time does not run
     * backwards. */
    mien_status (*next)(
        void *state, int64_t count, double *time_s, double *values, int64_t *got);
    void (*stop)(void *state);
    /* For messages: the file and row the stream has come to. */
    const char *(*where)(void *state, char buffer[512]);
};

/* A new track without channels, zeroed; lent until the next call. MIEN_ELIMIT. */
mien_status mien_recording_add_track(
    mien_recording *r, const char *name, mien_track **track);
/* MIEN_ELIMIT beyond MIEN_CHANNELS_MAX, MIEN_EFORMAT for a repeated or too long name.
 */
mien_status mien_recording_add_channel(
    const char *where, mien_track *track, const char *name, const char *unit);
mien_status mien_recording_add_event(mien_recording *r, double onset_s,
    double duration_s, const char *name, const char *text, const char *track);

/* The text of a file's first bytes, 0 after it; "" if it cannot be read. */
void mien_recording_peek(const char *path, char *text, size_t size);
/* Whether a path ends so, upper and lower case alike. */
bool mien_path_ends(const char *path, const char *end);

#define X(name) extern const mien_recording_kind mien_recording_##name;
#include "io/recordings.def"
#undef X

#endif
