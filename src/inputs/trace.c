/* SPDX-License-Identifier: MIT */
/* Epochs of trials, whatever they are kept in, for input_series.c and input_scanpath.c.
 *
 * A place without times is an epoch's own file, in EmoEye's columns. A place with times
 * is a part of a recording: its channels are found by what they measure
 * (recording_roles.c), brought to 301 rows of an even clock (recording_feed.c), and
 * fixations are numbered by dispersion. */
#include "inputs/trace.h"

#include <math.h>
#include <string.h>

#include "inputs/recording_roles.h"

enum { ROWS = MIEN_EPOCH_ROWS };
/* The dispersion of a fixation as a share of the screen: about a degree where the
 * screen spans 33. */
#define DISPERSION 0.03
#define SHORTEST_S 0.1

const char *const mien_trace_gaps[] = {"mended", "anchored", NULL};

/* The sensor of a recording that each channel of an epoch comes from. */
static const mien_sensor wanted[] = {
    {.name = "gaze", .roles = {"x", "y"}, .needed = 2},
    {.name = "pupil", .roles = {"pupil_left", "pupil_right"}},
    {.name = "eda", .roles = {"eda"}, .needed = 1},
    {.name = "heart", .roles = {"heart_rate"}, .needed = 1},
};
enum { GAZE, PUPIL, EDA, HEART, WANTED };

struct mien_trace {
    char *channels;            /* what the study says of roles; "" */
    char *path;                /* of the recording that is open */
    mien_recording *recording; /* NULL: none */
    double wide, high;         /* what gaze is divided by to be a share of the screen */
    mien_roles roles[WANTED];
    bool found[WANTED];
    mien_epoch epoch;
};

mien_status mien_trace_open(const char *columns, mien_trace **trace) {
    mien_trace *t = mien_alloc(1, sizeof *t);
    if (t) {
        t->channels = mien_strdup(columns ? columns : "");
    }
    if (!t || !t->channels) {
        mien_trace_close(&t);
        return MIEN_ENOMEM;
    }
    *trace = t;
    return MIEN_OK;
}

static void close_recording(mien_trace *t) {
    mien_recording_close(&t->recording);
    mien_free(t->path);
    t->path = NULL;
}

void mien_trace_close(mien_trace **trace) {
    if (trace && *trace) {
        close_recording(*trace);
        mien_free((*trace)->channels);
        mien_free(*trace);
        *trace = NULL;
    }
}

mien_status mien_trace_reader_open(size_t size, const mien_options *given, void **own) {
    void *reader = mien_alloc(1, size);
    mien_status status = reader ? mien_trace_open(mien_options_text(given, "channels"),
                                      (mien_trace **)reader)
                                : MIEN_ENOMEM;
    if (status != MIEN_OK) {
        mien_free(reader);
        return status;
    }
    *own = reader;
    return MIEN_OK;
}

void mien_trace_reader_close(void **own) {
    mien_trace_close((mien_trace **)*own);
    mien_free(*own);
    *own = NULL;
}

/* ---- recordings ------------------------------------------------------------------ */

/* Gaze in pixels needs the size of the screen; a share of it does not. */
static mien_status choose_screen(mien_trace *t, mien_screen *screen) {
    mien_screen_facts f = mien_recording_screen(t->recording);
    bool known = f.width_px > 0 && f.height_px > 0;
    *screen = (mien_screen){
        .width_px = known ? f.width_px : 1, .height_px = known ? f.height_px : 1};
    t->wide = screen->width_px;
    t->high = screen->height_px;
    return MIEN_OK;
}

static mien_status check_screen(const mien_trace *t) {
    const mien_source *s = &t->roles[GAZE].role[0].source[0];
    const mien_track *k = mien_recording_track(t->recording, s->track);
    bool share = strncmp(k->channel[s->channel].unit, "screen", 6) == 0;
    return share || t->wide > 1
               ? MIEN_OK
               : mien_fail(MIEN_EFORMAT,
                     "%s: gaze in pixels, and the recording does not say how large the "
                     "screen is (BIDS: StimulusPresentation.ScreenResolution)",
                     t->path);
}

static mien_status bind_all(mien_trace *t) {
    mien_screen screen;
    mien_status status = choose_screen(t, &screen);
    int found = 0;
    for (int k = 0; status == MIEN_OK && k < WANTED; k++) {
        status = mien_roles_bind(
            t->recording, &wanted[k], t->channels, &screen, &t->roles[k], &t->found[k]);
        found += status == MIEN_OK && t->found[k];
    }
    if (status == MIEN_OK && found == 0) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: no channel of gaze, pupil, skin or heart rate: say which is which by "
            "channels: ROLE=CHANNEL",
            t->path);
    }
    return status == MIEN_OK && t->found[GAZE] ? check_screen(t) : status;
}

static mien_status open_recording(mien_trace *t, const char *path) {
    mien_recording_options o = mien_recording_options_default();
    if (t->path && strcmp(t->path, path) == 0) {
        return MIEN_OK;
    }
    close_recording(t);
    t->path = mien_strdup(path);
    mien_status status =
        t->path ? mien_recording_open(path, &o, &t->recording) : MIEN_ENOMEM;
    status = status == MIEN_OK ? bind_all(t) : status;
    if (status != MIEN_OK) {
        close_recording(t);
    }
    return status;
}

/* ROWS values of a role from start_s on, NaN where there is none. */
static mien_status read_role(const mien_trace *t, const mien_role *role, double start_s,
    double rate_hz, double *values) {
    mien_role_feed *feed = NULL;
    int64_t got = 0;
    for (int i = 0; i < ROWS; i++) {
        values[i] = NAN;
    }
    if (role->count == 0) {
        return MIEN_OK;
    }
    mien_status status =
        mien_role_feed_open(t->recording, role, start_s, rate_hz, &feed);
    if (status == MIEN_OK) {
        status = mien_role_feed_next(feed, ROWS, values, &got);
    }
    mien_role_feed_close(&feed);
    for (int64_t i = got; i < ROWS; i++) {
        values[i] = NAN;
    }
    return status;
}

/* Values over `divisor` and their flags; divisor below 0: its opposite over values. */
static void take(double *values, double divisor, unsigned char *flags) {
    for (int i = 0; i < ROWS; i++) {
        values[i] = divisor < 0 ? -divisor / values[i] : values[i] / divisor;
        flags[i] = isfinite(values[i]);
        values[i] = flags[i] ? values[i] : NAN;
    }
}

/* Rows up to the end of a fixation have its number; saccades belong to what comes. */
static mien_status number_fixations(mien_epoch *e, double rate_hz) {
    mien_spans spans = {0};
    int64_t next = 0;
    mien_status status = mien_fixations_by_dispersion(
        e->x, e->y, ROWS, rate_hz, DISPERSION, SHORTEST_S, &spans);
    for (int64_t i = 0; status == MIEN_OK && i < ROWS; i++) {
        next += next < spans.count && i > spans.items[next].offset;
        e->fixation[i] = (double)next;
    }
    mien_spans_clear(&spans);
    return status;
}

static mien_status cut(mien_trace *t, const mien_place *place) {
    mien_epoch *e = &t->epoch;
    double span = place->end_s - place->start_s, rate_hz = ROWS / span;
    double *const to[WANTED][2] = {
        {e->x, e->y}, {e->left_mm, e->right_mm}, {e->gsr_ohm}, {e->heart_bpm}};
    if (!(span > 0) || !isfinite(place->start_s)) {
        return mien_fail(MIEN_EFORMAT,
            "%s: a trial from %g s to %g s: start_s and a later end_s are needed",
            place->file, place->start_s, place->end_s);
    }
    mien_status status = open_recording(t, place->file);
    for (int k = 0; status == MIEN_OK && k < WANTED; k++) {
        for (int i = 0; status == MIEN_OK && i < 2 && to[k][i]; i++) {
            mien_role none = {.count = 0};
            status = read_role(t, t->found[k] ? &t->roles[k].role[i] : &none,
                place->start_s, rate_hz, to[k][i]);
        }
    }
    for (int i = 0; i < ROWS; i++) {
        e->time_s[i] = place->start_s + i / rate_hz;
    }
    take(e->x, t->wide, e->gaze_valid);
    take(e->y, t->high, e->gaze_valid);
    take(e->left_mm, 1, e->left_valid);
    take(e->right_mm, 1, e->right_valid);
    take(e->gsr_ohm, -1e6, e->gsr_valid); /* a feed gives µS */
    take(e->heart_bpm, 1, e->heart_valid);
    for (int i = 0; i < ROWS; i++) {
        e->gaze_valid[i] = !isnan(e->x[i]) && !isnan(e->y[i]);
    }
    return status == MIEN_OK ? number_fixations(e, rate_hz) : status;
}

mien_status mien_trace_read(
    mien_trace *trace, const mien_place *place, const mien_epoch **epoch) {
    mien_status status = isnan(place->start_s)
                             ? mien_epoch_read(place->file, &trace->epoch)
                             : cut(trace, place);
    if (status == MIEN_OK) {
        *epoch = &trace->epoch;
    }
    return status;
}

int mien_trace_events(
    const mien_trace *trace, const mien_place *place, int most, mien_event *events) {
    const mien_event *all = NULL;
    int64_t n = isnan(place->start_s) || !trace->recording
                    ? 0
                    : mien_recording_events(trace->recording, &all);
    int found = 0;
    for (int64_t i = 0; i < n && found < most; i++) {
        double end_s = all[i].onset_s + (all[i].duration_s > 0 ? all[i].duration_s : 0);
        if (all[i].onset_s < place->end_s && end_s >= place->start_s) {
            events[found++] = all[i];
        }
    }
    return found;
}

/* ---- what both kinds do ---------------------------------------------------------- */

bool mien_trace_anchored(const mien_options *given) {
    return strcmp(mien_options_text(given, "gaps"), "anchored") == 0;
}

mien_status mien_trace_fill(
    bool anchored, const mien_epoch *epoch, mien_epoch *filled, unsigned *sensors) {
    if (anchored) {
        *sensors = (1U << MIEN_EPOCH_SENSORS) - 1;
        return mien_epoch_fill(epoch, filled);
    }
    *sensors = mien_epoch_mend(epoch, filled);
    return MIEN_OK;
}

void mien_trace_move(const mien_augment_draw *draw, int64_t n, double *points) {
    for (int64_t i = 0; i < 2 * n; i++) {
        points[i] = points[i] < 0 ? 0 : points[i] > 1 ? 1 : points[i];
    }
    mien_augment_draw_points(draw, n, points, points);
}

/* Fixations that hop over the picture, slow waves for the body, one gap. */
void mien_trace_golden(int64_t index, mien_epoch *epoch) {
    for (int i = 0; i < ROWS; i++) {
        int fixation = i / 23;
        double phase = 0.02 * (double)(index + 1) * i;
        bool valid = i < 140 || i > 150;
        epoch->time_s[i] = i / 61.2;
        epoch->fixation[i] = fixation;
        epoch->x[i] = 0.1 + 0.8 * ((fixation * 7 + (int)index * 3) % 11) / 10;
        epoch->y[i] = 0.1 + 0.8 * ((fixation * 5 + (int)index) % 9) / 8;
        epoch->left_mm[i] = epoch->right_mm[i] = 3.5 + 0.3 * sin(phase);
        epoch->gsr_ohm[i] = 260000 - 4000 * sin(phase / 2);
        epoch->heart_bpm[i] = 80 + 5 * cos(phase);
        epoch->gaze_valid[i] = epoch->left_valid[i] = epoch->right_valid[i] = valid;
        epoch->gsr_valid[i] = epoch->heart_valid[i] = 1;
    }
}
