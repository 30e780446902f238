/* SPDX-License-Identifier: MIT */
/* Follows faces through a film. In come the faces of one moment after the other; out
 * goes for each the track that it belongs to. faces_film.c calls this at every
 * detection.
 *
 * A face goes to the track whose box, moved on by its last speed, it overlaps most
 * (0.3 at least), pairs in falling order of overlap; what is left over to a track that
 * is near and of about its size. Nothing but boxes is compared: who it is nobody asks.
 */
#include "predict/tracks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OVERLAP_LEAST 0.3
#define MOVED_MOST_S 0.5

mien_track_rules mien_track_rules_of(double interval_s, bool all) {
    /* detections further apart cannot be followed long enough to be told from chance */
    bool sparse = !(interval_s <= 0.34);
    return (mien_track_rules){.gap_s = fmax(1, 1.5 * interval_s),
        .wait_s = 2,
        .least = all || sparse ? 1 : 3,
        .score = all || sparse ? 0 : 0.8};
}

void mien_tracks_clear(mien_tracks *tracks) {
    mien_free(tracks->items);
    tracks->items = NULL;
    tracks->count = tracks->room = 0;
}

mien_track *mien_tracks_find(mien_tracks *tracks, int64_t id) {
    for (int64_t i = 0; i < tracks->count; i++) {
        if (tracks->items[i].id == id) {
            return &tracks->items[i];
        }
    }
    return NULL;
}

bool mien_track_pending(
    const mien_tracks *tracks, const mien_track *track, double now_s) {
    return !track->kept && track->alive &&
           now_s - track->first_s <= tracks->rules.wait_s;
}

void mien_tracks_end(mien_tracks *tracks) {
    for (int64_t i = 0; i < tracks->count; i++) {
        tracks->items[i].alive = tracks->items[i].fresh = false;
    }
}

void mien_tracks_forget(mien_tracks *tracks, double before_s) {
    int64_t left = 0;
    for (int64_t i = 0; i < tracks->count; i++) {
        const mien_track *t = &tracks->items[i];
        if (t->alive || t->last_s >= before_s) {
            tracks->items[left++] = *t;
        }
    }
    tracks->count = left;
}

/* ---- pairs ------------------------------------------------------------------------
 */

typedef struct pair {
    int64_t track, face; /* their places */
    double worth;        /* larger first */
} pair;

static int by_worth(const void *a, const void *b) {
    const pair *x = a, *y = b;
    if (x->worth != y->worth) {
        return x->worth < y->worth ? 1 : -1;
    }
    return x->track != y->track ? (x->track > y->track) - (x->track < y->track)
                                : (x->face > y->face) - (x->face < y->face);
}

/* Where the track's box would be by now. */
static void move_on(const mien_track *t, double time_s, double box[4]) {
    double passed = fmin(time_s - t->last_s, MOVED_MOST_S);
    memcpy(box, t->last.box, 4 * sizeof *box);
    box[0] += t->speed[0] * passed;
    box[1] += t->speed[1] * passed;
}

/* Overlap of the two, or -1. */
static double overlap_of(const mien_track *t, double time_s, const mien_face *face) {
    double box[4];
    move_on(t, time_s, box);
    double overlap = mien_face_overlap(box, face->box);
    return overlap >= OVERLAP_LEAST ? overlap : -1;
}

/* How near it is, 0 to 1 for what may be the same, or -1. */
static double nearness_of(const mien_track *t, double time_s, const mien_face *face) {
    double box[4];
    const double *b = face->box;
    move_on(t, time_s, box);
    double side = (box[2] + box[3] + b[2] + b[3]) / 4;
    double ratio = sqrt(b[2] * b[3] / (box[2] * box[3]));
    double away = hypot(
        b[0] + b[2] / 2 - box[0] - box[2] / 2, b[1] + b[3] / 2 - box[1] - box[3] / 2);
    return away < 0.5 * side && ratio >= 0.5 && ratio <= 2 ? 1 - away / side : -1;
}

/* The state of matching one moment. */
typedef struct matching {
    mien_tracks *tracks;
    double time_s;
    const mien_face *faces;
    int64_t count;
    int64_t *id; /* -1: no track yet */
    pair *pairs; /* [tracks * faces] */
} matching;

static void join(matching *m, mien_track *t, int64_t face) {
    const mien_face *f = &m->faces[face];
    double passed = m->time_s - t->last_s;
    for (int k = 0; k < 2 && passed > 0; k++) {
        double now = f->box[k] + f->box[k + 2] / 2;
        double then = t->last.box[k] + t->last.box[k + 2] / 2;
        t->speed[k] = (now - then) / passed;
    }
    t->last = *f;
    t->last_s = m->time_s;
    t->fresh = true;
    t->detections++;
    t->best = fmax(t->best, f->score);
    m->id[face] = t->id;
}

static void match(matching *m,
    double (*worth)(const mien_track *t, double time_s, const mien_face *face)) {
    int64_t count = 0;
    for (int64_t i = 0; i < m->tracks->count; i++) {
        const mien_track *t = &m->tracks->items[i];
        for (int64_t f = 0; t->alive && !t->fresh && f < m->count; f++) {
            double w = m->id[f] < 0 ? worth(t, m->time_s, &m->faces[f]) : -1;
            if (w >= 0) {
                m->pairs[count++] = (pair){i, f, w};
            }
        }
    }
    if (count > 1) {
        qsort(m->pairs, (size_t)count, sizeof *m->pairs, by_worth);
    }
    for (int64_t p = 0; p < count; p++) {
        mien_track *t = &m->tracks->items[m->pairs[p].track];
        if (!t->fresh && m->id[m->pairs[p].face] < 0) {
            join(m, t, m->pairs[p].face);
        }
    }
}

static mien_status begin(matching *m, int64_t face) {
    mien_tracks *tracks = m->tracks;
    if (tracks->count == tracks->room) {
        int64_t room = tracks->room ? 2 * tracks->room : 16;
        mien_track *items = mien_realloc(
            tracks->items, (size_t)tracks->room, (size_t)room, sizeof *items);
        if (!items) {
            return MIEN_ENOMEM;
        }
        tracks->items = items;
        tracks->room = room;
    }
    mien_track *t = &tracks->items[tracks->count++];
    *t = (mien_track){.id = tracks->made++,
        .last = m->faces[face],
        .first_s = m->time_s,
        .last_s = m->time_s,
        .alive = true};
    join(m, t, face);
    return MIEN_OK;
}

mien_status mien_tracks_take(mien_tracks *tracks, double time_s, const mien_face *faces,
    int64_t count, int64_t *id) {
    matching m = {tracks, time_s, faces, count, id, NULL};
    mien_status status = MIEN_OK;
    for (int64_t i = 0; i < tracks->count; i++) {
        mien_track *t = &tracks->items[i];
        t->fresh = false;
        t->alive = t->alive && time_s - t->last_s <= tracks->rules.gap_s;
    }
    for (int64_t f = 0; f < count; f++) {
        id[f] = -1;
    }
    if (count > 0 && tracks->count > 0) {
        m.pairs = mien_alloc((size_t)tracks->count, (size_t)count * sizeof *m.pairs);
        status = m.pairs ? MIEN_OK : MIEN_ENOMEM;
    }
    if (m.pairs) {
        match(&m, overlap_of);
        match(&m, nearness_of);
    }
    for (int64_t f = 0; status == MIEN_OK && f < count; f++) {
        status = id[f] < 0 ? begin(&m, f) : MIEN_OK;
    }
    for (int64_t i = 0; i < tracks->count; i++) {
        mien_track *t = &tracks->items[i];
        t->kept = t->kept || (t->detections >= tracks->rules.least &&
                                 t->best >= tracks->rules.score);
    }
    mien_free(m.pairs);
    return status;
}

/* ---- cuts -------------------------------------------------------------------------
 */

/* Mean grey of a block, of 8 × 8 of its pixels at most: a cut changes all of them. */
static float mean_grey(const mien_tensor *image, int64_t left, int64_t right,
    int64_t top, int64_t bottom) {
    const uint8_t *pixels = image->data;
    int64_t across = (right - left + 7) / 8, down = (bottom - top + 7) / 8;
    int64_t sum = 0, count = 0;
    for (int64_t y = top; y < bottom; y += down) {
        for (int64_t x = left; x < right; x += across, count++) {
            const uint8_t *p = pixels + 3 * (y * image->shape[1] + x);
            sum += 77 * p[0] + 150 * p[1] + 29 * p[2];
        }
    }
    return (float)sum / (256.0f * (float)count);
}

static void make_thumbnail(const mien_tensor *image, float *to) {
    int64_t height = image->shape[0], width = image->shape[1];
    for (int64_t j = 0; j < MIEN_CUTS_HEIGHT; j++) {
        int64_t top = j * height / MIEN_CUTS_HEIGHT;
        int64_t bottom = (j + 1) * height / MIEN_CUTS_HEIGHT;
        bottom = bottom > top ? bottom : top + 1;
        for (int64_t i = 0; i < MIEN_CUTS_WIDTH; i++) {
            int64_t left = i * width / MIEN_CUTS_WIDTH;
            int64_t right = (i + 1) * width / MIEN_CUTS_WIDTH;
            right = right > left ? right : left + 1;
            *to++ = mean_grey(image, left, right, top, bottom);
        }
    }
}

static int by_size(const void *a, const void *b) {
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The median of the history so far; 0 before there is any. */
static double median_of(const mien_cuts *cuts) {
    double sorted[MIEN_CUTS_HISTORY];
    int64_t count =
        cuts->seen - 1 < MIEN_CUTS_HISTORY ? cuts->seen - 1 : MIEN_CUTS_HISTORY;
    if (count < 1) {
        return 0;
    }
    memcpy(sorted, cuts->history, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, by_size);
    return sorted[count / 2];
}

bool mien_cuts_take(mien_cuts *cuts, const mien_tensor *image) {
    enum { COUNT = MIEN_CUTS_WIDTH * MIEN_CUTS_HEIGHT };
    float now[COUNT];
    double change = 0;
    make_thumbnail(image, now);
    for (int i = 0; i < COUNT; i++) {
        change += fabs((double)(now[i] - cuts->last[i])) / COUNT;
    }
    memcpy(cuts->last, now, sizeof now);
    bool cut = cuts->seen > 0 && change > 30 && change > 3 * median_of(cuts);
    if (cuts->seen > 0) {
        cuts->history[(cuts->seen - 1) % MIEN_CUTS_HISTORY] = change;
    }
    cuts->seen++;
    return cut;
}
