/* SPDX-License-Identifier: MIT */
/* EyeLink .asc: samples between START and END, events, messages.
 *
 * Comes in: what edf2asc wrote. Goes out: a track for each run of blocks that have the
 * same columns and a clock that goes on; fixations, saccades and blinks of the tracker,
 * messages. A saccade that holds a blink is the lid's and is left out. */
#include "io/recording.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS = 32, PER_EYE = 3, EARLIES_MAX = 10000 };

/* A run of blocks. */
typedef struct part {
    int64_t first_line, end_line; /* of samples; end_line: after the last */
} part;

typedef struct eyelink {
    part *part; /* of each track */
    double origin_ms;
} eyelink;

/* The settings of the last START and SAMPLES lines. */
typedef struct block {
    bool inside, left, right, gaze, area;
    double rate_hz;
} block;

static bool looks(const char *path) {
    char text[512];
    mien_recording_peek(path, text, sizeof text);
    return mien_path_ends(path, ".asc") || strncmp(text, "** CONVERTED FROM", 17) == 0;
}

static int split(char *line, char **token) {
    int count = 0;
    for (char *p = line + strspn(line, " \t"); *p && count < TOKENS; count++) {
        token[count] = p;
        p += strcspn(p, " \t");
        p += *p ? (*p = 0, 1) : 0;
        p += strspn(p, " \t");
    }
    return count;
}

static bool is(const char *token, const char *word) {
    return strcmp(token, word) == 0;
}

/* ---- the head of a block --------------------------------------------------- */

static void read_samples_line(block *b, char **token, int count) {
    b->left = b->right = b->gaze = false;
    for (int i = 1; i < count; i++) {
        b->left = b->left || is(token[i], "LEFT");
        b->right = b->right || is(token[i], "RIGHT");
        b->gaze = b->gaze || is(token[i], "GAZE");
        if (is(token[i], "RATE") && i + 1 < count) {
            mien_parse_number(token[i + 1], &b->rate_hz);
        }
    }
}

/* "MSG t DISPLAY_COORDS 0 0 1279 1023", of which the last pixels are told. */
static void read_screen(mien_recording *r, char **token, int count) {
    double at[4];
    if (count < 7 ||
        (!is(token[2], "DISPLAY_COORDS") && !is(token[2], "GAZE_COORDS"))) {
        return;
    }
    for (int i = 0; i < 4; i++) {
        if (!mien_parse_number(token[3 + i], &at[i])) {
            return;
        }
    }
    bool counted = is(token[2], "DISPLAY_COORDS");
    if (isnan(r->screen.width_px) || counted) {
        r->screen.width_px = at[2] - at[0] + counted;
        r->screen.height_px = at[3] - at[1] + counted;
    }
}

static mien_status add_track(mien_recording *r, const block *b) {
    static const char *const eyes[] = {"left", "right"};
    mien_track *t = NULL;
    char name[64];
    snprintf(name, sizeof name, r->count ? "gaze-%d" : "gaze", r->count + 1);
    mien_status status = mien_recording_add_track(r, name, &t);
    for (int e = 0; status == MIEN_OK && e < 2; e++) {
        if (e ? !b->right : !b->left) {
            continue;
        }
        const char *const parts[] = {"x", "y", "pupil"};
        for (int k = 0; status == MIEN_OK && k < PER_EYE; k++) {
            snprintf(name, sizeof name, "%s_%s", eyes[e], parts[k]);
            const char *unit = k < 2     ? (b->gaze ? "pixel" : "href")
                               : b->area ? "area a.u."
                                         : "diameter a.u.";
            status = mien_recording_add_channel(r->path, t, name, unit);
        }
    }
    if (status == MIEN_OK) {
        t->rate_hz = b->rate_hz;
        t->stamped = true;
    }
    return status;
}

/* ---- events ---------------------------------------------------------------- */

typedef struct scan {
    mien_recording *r;
    eyelink *own;
    mien_lines *lines;
    block b;
    bool open;          /* the last track takes more samples */
    bool any;           /* the origin is known */
    double last_ms;     /* of the last sample */
    double blink_ms[2]; /* when the last blink of each eye began */
    char **early;       /* lines of messages between START and the first sample */
    int64_t earlies;
} scan;

static mien_status add_event(scan *s, char **token, int count) {
    static const struct {
        const char *word, *name;
    } kinds[] = {{"EFIX", "fixation"}, {"ESACC", "saccade"}, {"EBLINK", "blink"}};
    double from = 0, to = 0;
    for (int k = 0; k < 3; k++) {
        if (count < 4 || !is(token[0], kinds[k].word) ||
            !mien_parse_number(token[2], &from) || !mien_parse_number(token[3], &to)) {
            continue;
        }
        int eye = token[1][0] == 'R';
        if (k == 2) {
            s->blink_ms[eye] = from;
        }
        if (k == 1 && s->blink_ms[eye] >= from && s->blink_ms[eye] <= to) {
            return MIEN_OK;
        }
        return mien_recording_add_event(s->r, (from - s->own->origin_ms) / 1000,
            (to - from) / 1000, kinds[k].name, "", eye ? "right" : "left");
    }
    return MIEN_OK;
}

/* What the tracker says of its own settings is no event. */
static bool is_setting(const char *text) {
    static const char *const words[] = {"!MODE", "!CAL", "RECCFG", "ELCLCFG",
        "GAZE_COORDS", "DISPLAY_COORDS", "THRESHOLDS", "ELCL_", "CAMERA_",
        "PUPIL_DATA"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        if (strncmp(text, words[k], strlen(words[k])) == 0) {
            return true;
        }
    }
    return false;
}

/* The message after its time. Those before the first sample wait until it says when
 * the recording begins. */
static mien_status add_message(scan *s, const char *line) {
    char time[40];
    const char *p = line + 3;
    p += strspn(p, " \t");
    size_t length = strcspn(p, " \t");
    double ms = 0;
    snprintf(time, sizeof time, "%.*s", (int)length, p);
    p += length;
    p += strspn(p, " \t");
    if (!mien_parse_number(time, &ms)) {
        return MIEN_OK;
    }
    if (s->any) {
        return mien_recording_add_event(
            s->r, (ms - s->own->origin_ms) / 1000, NAN, "message", p, "");
    }
    if (!s->b.inside || is_setting(p)) {
        return MIEN_OK;
    }
    if (s->earlies >= EARLIES_MAX) {
        return mien_fail(MIEN_ELIMIT, "%s:%lld: more than %d messages before a sample",
            s->r->path, (long long)mien_lines_number(s->lines), EARLIES_MAX);
    }
    char **more = mien_realloc(
        s->early, (size_t)s->earlies, (size_t)s->earlies + 1, sizeof *more);
    if (!more) {
        return MIEN_ENOMEM;
    }
    s->early = more;
    s->early[s->earlies] = mien_strdup(line);
    return s->early[s->earlies++] ? MIEN_OK : MIEN_ENOMEM;
}

static mien_status add_early(scan *s) {
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < s->earlies; i++) {
        status = add_message(s, s->early[i]);
    }
    return status;
}

static void forget_early(scan *s) {
    for (int64_t i = 0; i < s->earlies; i++) {
        mien_free(s->early[i]);
    }
    mien_free(s->early);
}

/* ---- opening --------------------------------------------------------------- */

static bool same_columns(const mien_track *t, const block *b) {
    bool left = strncmp(t->channel[0].name, "left", 4) == 0;
    int eyes = b->left + b->right;
    return t->channels == PER_EYE * eyes && left == b->left && t->rate_hz == b->rate_hz;
}

static mien_status note_sample(scan *s, const char *line) {
    char *end = NULL;
    double ms = strtod(line, &end);
    mien_recording *r = s->r;
    if (!s->any) {
        s->own->origin_ms = ms;
        s->any = true;
        mien_status status = add_early(s);
        if (status != MIEN_OK) {
            return status;
        }
    }
    bool goes_on = s->open && ms >= s->last_ms;
    if (!goes_on && r->count > 0 && ms >= s->last_ms &&
        same_columns(&r->track[r->count - 1], &s->b)) {
        goes_on = true;
    }
    if (!goes_on) {
        if (!(s->b.left || s->b.right) || !(s->b.rate_hz > 0)) {
            return mien_fail(MIEN_EFORMAT,
                "%s:%lld: samples, and no SAMPLES line says of which eye and rate",
                r->path, (long long)mien_lines_number(s->lines));
        }
        if (r->count > 0 && ms < s->last_ms) {
            mien_log(MIEN_LOG_WARN, "io",
                "%s:%lld: the clock goes back from %g to %g ms: what follows is a "
                "track "
                "of its own, gaze-%d",
                r->path, (long long)mien_lines_number(s->lines), s->last_ms, ms,
                r->count + 1);
        }
        mien_status status = add_track(r, &s->b);
        part *more = status ? NULL
                            : mien_realloc(s->own->part, (size_t)r->count - 1,
                                  (size_t)r->count, sizeof *more);
        if (!more) {
            return status ? status : MIEN_ENOMEM;
        }
        s->own->part = more;
        more[r->count - 1].first_line = mien_lines_number(s->lines);
    }
    s->own->part[r->count - 1].end_line = mien_lines_number(s->lines) + 1;
    s->open = true;
    s->last_ms = ms;
    return MIEN_OK;
}

static mien_status note_line(scan *s, char *line) {
    char *token[TOKENS];
    if (line[0] >= '0' && line[0] <= '9') {
        return s->b.inside ? note_sample(s, line) : MIEN_OK;
    }
    if (strncmp(line, "MSG", 3) == 0) {
        mien_status status = add_message(s, line);
        read_screen(s->r, token, split(line, token));
        return status;
    }
    int count = split(line, token);
    if (count == 0) {
        return MIEN_OK;
    }
    if (is(token[0], "START")) {
        s->b.inside = true;
        s->open = false;
    } else if (is(token[0], "END")) {
        s->b.inside = false;
    } else if (is(token[0], "SAMPLES")) {
        read_samples_line(&s->b, token, count);
    } else if (is(token[0], "PUPIL") && count > 1) {
        s->b.area = is(token[1], "AREA");
    }
    return s->b.inside && s->any ? add_event(s, token, count) : MIEN_OK;
}

static mien_status open_file(mien_recording *r, const mien_recording_options *o) {
    (void)o;
    scan s = {.r = r, .b.area = true, .blink_ms = {-INFINITY, -INFINITY}};
    s.own = r->own = mien_alloc(1, sizeof *s.own);
    mien_status status = s.own ? mien_lines_open(r->path, &s.lines) : MIEN_ENOMEM;
    while (status == MIEN_OK) {
        char *line = NULL;
        size_t length = 0;
        status = mien_lines_next(s.lines, &line, &length);
        if (status != MIEN_OK || !line) {
            break;
        }
        status = note_line(&s, line);
    }
    mien_lines_close(&s.lines);
    forget_early(&s);
    return status;
}

static void close_file(mien_recording *r) {
    eyelink *own = r->own;
    mien_free(own->part);
    mien_free(own);
}

/* ---- the stream ------------------------------------------------------------ */

typedef struct stream {
    mien_lines *lines;
    part part;
    int channels;
    double origin_ms;
    bool inside;
} stream;

static void stop(void *state) {
    stream *s = state;
    mien_lines_close(&s->lines);
    mien_free(s);
}

static mien_status start(const mien_recording *r, int track, void **state) {
    const eyelink *own = r->own;
    stream *s = mien_alloc(1, sizeof *s);
    if (!s) {
        return MIEN_ENOMEM;
    }
    *s = (stream){.part = own->part[track],
        .channels = r->track[track].channels,
        .origin_ms = own->origin_ms};
    mien_status status = mien_lines_open(r->path, &s->lines);
    if (status != MIEN_OK) {
        stop(s);
        return status;
    }
    *state = s;
    return MIEN_OK;
}

/* Lost corneal reflection: "..C.." says of which eye. The first letter is of
 * interpolation, then there are two for each eye. */
static bool lost(const char *flags, int eye) {
    size_t at = 1 + 2 * (size_t)eye;
    return strspn(flags, ".CRI") == strlen(flags) && strlen(flags) > at &&
           flags[at] == 'C';
}

static mien_status take_sample(stream *s, char *line, double *time_s, double *values) {
    char *token[TOKENS];
    int count = split(line, token);
    double ms = 0;
    if (count < 1 + s->channels || !mien_parse_number(token[0], &ms)) {
        return mien_fail(MIEN_EFORMAT,
            "%s:%lld: a sample of %d columns; a time and %d values are needed",
            mien_lines_path(s->lines), (long long)mien_lines_number(s->lines), count,
            s->channels);
    }
    for (int c = 0; c < s->channels; c++) {
        const char *cell = token[1 + c];
        values[c] = NAN;
        if (!is(cell, ".") && !mien_cell_number(cell, &values[c])) {
            return mien_fail(MIEN_EFORMAT, "%s:%lld: \"%.40s\" is no number",
                mien_lines_path(s->lines), (long long)mien_lines_number(s->lines),
                cell);
        }
    }
    for (int e = 0; e < s->channels / PER_EYE; e++) {
        double *eye = values + PER_EYE * e;
        if (!(eye[2] > 0)) {
            eye[2] = NAN;
        }
        if (isnan(eye[2]) || lost(token[count - 1], e)) {
            eye[0] = eye[1] = NAN;
        }
    }
    *time_s = (ms - s->origin_ms) / 1000;
    return MIEN_OK;
}

static mien_status next(
    void *state, int64_t count, double *time_s, double *values, int64_t *got) {
    stream *s = state;
    int64_t n = 0;
    mien_status status = MIEN_OK;
    while (status == MIEN_OK && n < count &&
           mien_lines_number(s->lines) + 1 < s->part.end_line) {
        char *line = NULL;
        size_t length = 0;
        status = mien_lines_next(s->lines, &line, &length);
        if (status != MIEN_OK || !line) {
            break;
        }
        if (strncmp(line, "START", 5) == 0 || strncmp(line, "END", 3) == 0) {
            s->inside = line[0] == 'S';
        } else if (s->inside && line[0] >= '0' && line[0] <= '9' &&
                   mien_lines_number(s->lines) >= s->part.first_line) {
            status = take_sample(s, line, &time_s[n], values + n * s->channels);
            n++;
        }
    }
    *got = n;
    return status;
}

static const char *where(void *state, char buffer[512]) {
    return mien_lines_where(((const stream *)state)->lines, buffer);
}

static const struct mien_recording_work work = {.looks = looks,
    .open = open_file,
    .close = close_file,
    .start = start,
    .next = next,
    .stop = stop,
    .where = where};

const mien_recording_kind mien_recording_eyelink = {.name = "eyelink",
    .summary =
        "EyeLink .asc: samples, fixations, saccades, blinks and messages; blocks "
        "whose clock restarts become tracks of their own",
    .work = &work};
