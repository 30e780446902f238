/* SPDX-License-Identifier: MIT */
/* Faces of one film: found at some of its moments, followed, interpolated in time
 * between two detections, and predicted at each moment. In comes a film; out go rows in
 * order of time. Called by faces.c.
 *
 * A moment passes through three states. `held`: its picture is kept until the next
 * detection tells where its faces are. Then it is predicted and its picture let go. It
 * is told when its end is known, its tracks have shown that they are faces (two seconds
 * at most), and all moments that smoothing takes in are predicted. Pictures are held
 * over one interval between detections, numbers over some seconds: memory does not grow
 * with the film. */
#include "predict/faces.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "predict/tracks.h"

enum { EVERY_MOST = 5, IMAGES_MOST = 48, SPARES_MAX = EVERY_MOST + 1 };

typedef struct moment {
    mien_seen seen;
    mien_tensor *image; /* while it is held, or for a page */
} moment;

typedef struct film {
    mien_face_network *network;
    mien_finder *finder;
    mien_identity *identity; /* NULL: not asked for */
    const mien_faces_options *options;
    const mien_predict_options *predict;
    mien_face_receiver *receiver;
    const char *path;
    moment *moments; /* [first, first + count) of the film */
    int64_t first, count, room;
    int64_t predicted, told; /* numbers of moments that are so far */
    int64_t since;           /* moments since the last detection, this one included */
    int64_t every;
    int64_t side;     /* moments that smoothing takes in on each side */
    int64_t detected; /* moment of the last detection; -1: none since a cut */
    mien_tracks tracks;
    mien_cuts cuts;
    int64_t images;                 /* kept for the page */
    mien_tensor *spare[SPARES_MAX]; /* pictures let go, whose memory serves again */
    int spares;
} film;

static moment *at(film *f, int64_t index) {
    return &f->moments[index - f->first];
}

static void film_clear(film *f) {
    for (int64_t i = 0; i < f->count; i++) {
        mien_seen_clear(&f->moments[i].seen);
        mien_tensor_free(&f->moments[i].image);
    }
    for (int i = 0; i < f->spares; i++) {
        mien_tensor_free(&f->spare[i]);
    }
    mien_free(f->moments);
    mien_tracks_clear(&f->tracks);
}

/* ---- detections --------------------------------------------------------------------
 */

/* The face of a track in a moment that was detected; NULL: none. */
static const mien_face *face_of(const mien_seen *seen, int64_t track) {
    for (int64_t i = 0; i < seen->count; i++) {
        if (seen->faces[i].track == track) {
            return &seen->faces[i].face;
        }
    }
    return NULL;
}

static mien_face between(const mien_face *a, const mien_face *b, double share) {
    mien_face face = {.score = a->score + share * (b->score - a->score)};
    for (int i = 0; i < 4; i++) {
        face.box[i] = a->box[i] + share * (b->box[i] - a->box[i]);
    }
    for (int i = 0; i < 10; i++) {
        face.points[i] = a->points[i] + share * (b->points[i] - a->points[i]);
    }
    return face;
}

/* Faces of a moment between two detections that both have seen. */
static mien_status interpolate(const moment *before, const moment *after, moment *m) {
    double length = after->seen.start_s - before->seen.start_s;
    double share = (m->seen.start_s - before->seen.start_s) / length;
    mien_status status = MIEN_OK;
    for (int64_t i = 0; status == MIEN_OK && i < before->seen.count; i++) {
        const mien_seen_face *a = &before->seen.faces[i];
        const mien_face *b = face_of(&after->seen, a->track);
        if (b) {
            const mien_seen_face face = {
                .face = between(&a->face, b, share), .track = a->track};
            status = mien_seen_add(&m->seen, &face);
        }
    }
    return status;
}

static int by_track(const void *a, const void *b) {
    const mien_seen_face *x = a, *y = b;
    return (x->track > y->track) - (x->track < y->track);
}

static mien_status find(film *f, moment *m) {
    const mien_face *faces = NULL;
    int64_t count = 0, *id = NULL;
    mien_status status = mien_finder_find(f->finder, m->image, &faces, &count);
    if (status == MIEN_OK) {
        id = mien_alloc((size_t)count + 1, sizeof *id);
        status = id ? mien_tracks_take(&f->tracks, m->seen.start_s, faces, count, id)
                    : MIEN_ENOMEM;
    }
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        const mien_seen_face face = {.face = faces[i], .track = id[i]};
        status = mien_seen_add(&m->seen, &face);
        if (status == MIEN_OK && f->identity) {
            status = mien_identity_look(f->identity, m->image, &faces[i], id[i]);
        }
    }
    if (m->seen.count > 1) {
        qsort(m->seen.faces, (size_t)m->seen.count, sizeof *m->seen.faces, by_track);
    }
    mien_free(id);
    return status;
}

/* Lets a predicted picture go, unless it is one of the few that a page shows. */
static void let_go(film *f, moment *m) {
    bool shown = f->predict->thumbnail_height > 0 && f->images < IMAGES_MOST &&
                 m->seen.count > 0;
    f->images += shown;
    if (!shown && f->spares < SPARES_MAX) {
        f->spare[f->spares++] = m->image;
        m->image = NULL;
    } else if (!shown) {
        mien_tensor_free(&m->image);
    }
}

/* Looks for faces in the last moment that is held; all that are held are then
 * predicted. */
static mien_status detect(film *f) {
    int64_t last = f->first + f->count - 1;
    mien_status status = find(f, at(f, last));
    for (int64_t i = f->predicted; status == MIEN_OK && i <= last; i++) {
        if (i < last && f->detected >= 0) {
            status = interpolate(at(f, f->detected), at(f, last), at(f, i));
        }
        if (status == MIEN_OK) {
            status =
                mien_face_network_run(f->network, at(f, i)->image, &at(f, i)->seen);
        }
        let_go(f, at(f, i));
    }
    f->detected = last;
    f->predicted = last + 1;
    f->since = 0;
    return status;
}

/* ---- telling -----------------------------------------------------------------------
 */

/* The mean of a track's rows around a moment. */
static void smooth(film *f, int64_t index, const mien_seen_face *face, double *row) {
    int64_t width = f->network->row, count = 0;
    int64_t from = index - f->side > f->first ? index - f->side : f->first;
    int64_t to =
        index + f->side < f->predicted - 1 ? index + f->side : f->predicted - 1;
    memset(row, 0, (size_t)width * sizeof *row);
    for (int64_t i = from; i <= to; i++) {
        const mien_seen *seen = &at(f, i)->seen;
        for (int64_t k = 0; k < seen->count; k++) {
            bool same = seen->faces[k].track == face->track && seen->faces[k].good;
            count += same;
            for (int64_t v = 0; same && v < width; v++) {
                row[v] += seen->values[k * width + v];
            }
        }
    }
    for (int64_t v = 0; v < width; v++) {
        row[v] = count > 0 ? row[v] / (double)count : (double)NAN;
    }
}

/* As rows show it: in order of first appearance. */
static int number_of(film *f, mien_track *t) {
    int next = f->tracks.numbers + 1;
    if (!t->number) {
        t->number =
            f->identity ? mien_identity_number(f->identity, &f->tracks, t, next) : next;
        f->tracks.numbers += t->number == next;
    }
    return t->number;
}

static mien_status tell(film *f, int64_t index, double end_s) {
    moment *m = at(f, index);
    int64_t count = m->seen.count, width = f->network->row;
    int *numbers = mien_alloc((size_t)count + 1, sizeof *numbers);
    double *values = mien_alloc((size_t)(count * width) + 1, sizeof *values);
    mien_status status = numbers && values ? MIEN_OK : MIEN_ENOMEM;
    for (int64_t i = 0; status == MIEN_OK && i < count; i++) {
        mien_track *t = mien_tracks_find(&f->tracks, m->seen.faces[i].track);
        if (t && t->kept) {
            numbers[i] = number_of(f, t);
        }
        smooth(f, index, &m->seen.faces[i], values + i * width);
    }
    if (status == MIEN_OK) {
        status = mien_face_rows(f->receiver, f->network, &m->seen, values, numbers,
            f->options->rule, f->path, end_s, index, m->image);
    }
    mien_free(values);
    mien_free(numbers);
    return status;
}

static bool waits(film *f, int64_t index, double now_s) {
    const mien_seen *seen = &at(f, index)->seen;
    bool waiting = false;
    for (int64_t i = 0; i < seen->count && !waiting; i++) {
        const mien_track *t = mien_tracks_find(&f->tracks, seen->faces[i].track);
        waiting = t && mien_track_pending(&f->tracks, t, now_s);
    }
    return waiting;
}

/* Forgets moments that were told and that smoothing does not look back to. */
static void forget(film *f) {
    int64_t gone = 0;
    int64_t needed = f->told - f->side;
    needed = f->detected >= 0 && f->detected < needed ? f->detected : needed;
    while (f->first + gone < needed && gone < f->count) {
        mien_seen_clear(&f->moments[gone].seen);
        mien_tensor_free(&f->moments[gone].image);
        gone++;
    }
    memmove(
        f->moments, f->moments + gone, (size_t)(f->count - gone) * sizeof *f->moments);
    f->first += gone;
    f->count -= gone;
    if (f->count > 0) {
        mien_tracks_forget(&f->tracks, f->moments[0].seen.start_s);
    }
}

/* Tells all moments that are ripe; over: the film is at its end, at end_s. */
static mien_status tell_ripe(film *f, bool over, double end_s) {
    mien_status status = MIEN_OK;
    int64_t known = f->first + f->count;
    while (status == MIEN_OK && f->told < f->predicted) {
        bool last = f->told + 1 == known;
        double now_s = at(f, f->predicted - 1)->seen.start_s;
        if (!over &&
            (last || f->told + f->side >= f->predicted || waits(f, f->told, now_s))) {
            break;
        }
        status = tell(f, f->told, last ? end_s : at(f, f->told + 1)->seen.start_s);
        mien_tensor_free(&at(f, f->told)->image);
        f->told++;
    }
    forget(f);
    return status;
}

/* ---- moments ------------------------------------------------------------------------
 */

static mien_status hold(film *f, const mien_tensor *image, double start_s) {
    if (f->count == f->room) {
        int64_t room = f->room ? 2 * f->room : 16;
        moment *moments =
            mien_realloc(f->moments, (size_t)f->room, (size_t)room, sizeof *moments);
        if (!moments) {
            return MIEN_ENOMEM;
        }
        f->moments = moments;
        f->room = room;
    }
    moment m = {.seen = {.start_s = start_s,
                    .width = (double)image->shape[1],
                    .height = (double)image->shape[0]}};
    m.image = f->spares > 0 ? f->spare[--f->spares] : NULL;
    if (m.image &&
        memcmp(m.image->shape, image->shape, 3 * sizeof *image->shape) != 0) {
        mien_tensor_free(&m.image); /* films may change their size */
    }
    mien_status status =
        m.image ? MIEN_OK : mien_tensor_new(MIEN_U8, 3, image->shape, &m.image);
    if (status == MIEN_OK) {
        memcpy(m.image->data, image->data, mien_tensor_bytes(image));
        f->moments[f->count++] = m;
    }
    return status;
}

static mien_status take(film *f, const mien_tensor *image, double start_s) {
    bool cut = mien_cuts_take(&f->cuts, image);
    mien_status status = MIEN_OK;
    if (cut && f->since > 0) {
        status = detect(f); /* what was before the cut has its last detection there */
    }
    if (cut) {
        mien_tracks_end(&f->tracks);
        f->detected = -1;
    }
    if (status == MIEN_OK) {
        status = hold(f, image, start_s);
    }
    f->since++;
    if (status == MIEN_OK && (f->detected < 0 || f->since >= f->every)) {
        status = detect(f);
        status = status == MIEN_OK ? tell_ripe(f, false, 0) : status;
    }
    return status;
}

/* Moments between two detections, and on each side of a moving mean. */
static mien_status set_pace(film *f, double rate_hz) {
    const mien_predict_options *o = f->predict;
    double step_s = o->every_s > 0 ? o->every_s : rate_hz > 0 ? 1 / rate_hz : 0.04;
    double wanted = floor(1 / (6 * step_s) + 0.5);
    f->every = f->options->every > 0 ? f->options->every
               : wanted > EVERY_MOST ? EVERY_MOST
               : wanted < 1          ? 1
                                     : (int64_t)wanted;
    if (o->smooth_s > 0) {
        f->side = (int64_t)(o->smooth_s / step_s / 2 + 0.5);
    }
    f->tracks.rules =
        mien_track_rules_of((double)f->every * step_s, f->options->keep_all);
    return f->side <= 100000
               ? MIEN_OK
               : mien_fail(MIEN_ELIMIT, "smoothing over more than 200000 moments");
}

static mien_status run(film *f, mien_film *source) {
    const mien_tensor *image = NULL;
    int64_t time_us = 0, sample_us = 0;
    mien_status status = MIEN_OK;
    while (status == MIEN_OK) {
        status = mien_film_next(source, &image, &time_us, &sample_us);
        if (status == MIEN_OK) {
            status = take(f, image, (double)sample_us * 1e-6);
        }
    }
    mien_status ended = status;
    char text[1024];
    strncpy(text, mien_error(), sizeof text - 1);
    text[sizeof text - 1] = 0;
    if (f->receiver->stopped || ended == MIEN_ENOMEM || ended == MIEN_EINTERRUPTED) {
        return ended;
    }
    int64_t end_us = mien_film_end_us(source);
    double end_s = end_us == INT64_MIN ? (double)NAN : (double)end_us * 1e-6;
    status = f->since > 0 ? detect(f) : MIEN_OK;
    mien_tracks_end(&f->tracks);
    status = status == MIEN_OK ? tell_ripe(f, true, end_s) : status;
    if (status == MIEN_OK && ended != MIEN_END) {
        status = mien_fail(ended, "%s", text);
    } else if (status == MIEN_OK && f->told == 0) {
        status = mien_fail(
            MIEN_EFORMAT, "%s: no picture in the part that is asked for", f->path);
    } else if (status == MIEN_OK && mien_film_damaged(source) > 0) {
        status = mien_fail(MIEN_EFORMAT,
            "%s: damaged in %lld places: what was shown there is missing", f->path,
            (long long)mien_film_damaged(source));
    }
    return status;
}

mien_status mien_faces_film(mien_face_network *network, mien_finder *finder,
    mien_identity *identity, const mien_faces_options *options, const char *path,
    double start_s, double end_s, mien_face_receiver *receiver) {
    const mien_predict_options *o = &network->predictor->options;
    film f = {.network = network,
        .finder = finder,
        .identity = identity,
        .options = options,
        .predict = o,
        .receiver = receiver,
        .path = path,
        .detected = -1};
    if (identity) {
        mien_identity_forget(identity); /* nobody is followed from film to film */
    }
    mien_film *source = NULL;
    mien_film_options film_options = mien_film_options_default();
    film_options.every_s = o->every_s;
    film_options.keyframes = o->keyframes;
    film_options.start_s = start_s;
    film_options.end_s = end_s;
    film_options.threads = o->threads;
    mien_status status = mien_film_open(path, &film_options, &source);
    if (status == MIEN_OK) {
        status = set_pace(&f, mien_film_info_of(source)->rate_hz);
    }
    if (status == MIEN_OK) {
        status = run(&f, source);
    }
    mien_film_close(&source);
    film_clear(&f);
    return status;
}
