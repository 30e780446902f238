/* SPDX-License-Identifier: MIT */
/* Joins the tracks of one person across the cuts of a film. In come crops of faces as
 * they are found; out goes a number for each track. A network of the user's (ArcFace
 * and its like) makes a row of values of a crop; two tracks are one person where the
 * cosine of their mean rows is large enough. Called by faces_film.c.
 *
 * In law this is biometric identification: nothing here runs unless it was asked for by
 * that name, and nothing of it is kept beyond a film. */
#include "predict/identity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mien/graphs.h"

/* Crops of one track that are looked at: the first ones. */
enum { LOOKS_MOST = 5 };

/* A track before it has a number, or a person. */
typedef struct look {
    int64_t track; /* of a person: the latest */
    int number;    /* 0: not yet */
    int count;     /* rows in the sum */
    double *sum;   /* [width], of rows of length 1 */
} look;

struct mien_identity {
    const char *path; /* lent */
    mien_import *import;
    mien_plan *plan;
    mien_reader *reader;
    mien_input input;
    void *kept;
    int64_t width;
    double least;
    look *looks;
    int64_t count, room;
};

/* ---- the network -------------------------------------------------------------------
 */

/* Its input as the kind `face` cuts it out, of the size that the graph reads. */
static mien_status make_input(mien_identity *d, const char *crop) {
    const mien_graph *graph = mien_import_graph(d->import);
    const mien_input_kind *kind = NULL;
    mien_options *options = NULL;
    int64_t shape[MIEN_RANK_MAX];
    char side[32];
    int rank = mien_import_inputs(d->import) == 1
                   ? mien_graph_shape(graph, mien_import_input(d->import, 0), shape)
                   : 0;
    if (rank != 4 || shape[1] != 3) {
        return mien_fail(MIEN_EUNSUPPORTED,
            "%s does not read one picture [n, 3, H, W] of colours", d->path);
    }
    mien_status status = mien_input_init(&d->input, "face", "face");
    status = status ? status : mien_input_kind_find("face", &kind);
    status =
        status ? status : mien_settings_read("face", kind->options, crop, &options);
    for (int k = 0; status == MIEN_OK && k < 2; k++) {
        snprintf(side, sizeof side, "%lld", (long long)shape[2 + k]);
        status = mien_options_set(options, "face", k ? "width" : "height", side);
    }
    status = status ? status : mien_input_settings(&d->input, options);
    status = status ? status : mien_input_measure(&d->input, NULL);
    mien_options_free(&options);
    return status;
}

static mien_status open_network(mien_identity *d, const mien_faces_options *options) {
    mien_plan_options o = mien_plan_options_default();
    o.threads = 1; /* the same bits whatever the threads */
    mien_status status = mien_import_open(options->identity, NULL, &d->import);
    status = status ? status : make_input(d, options->identity_crop);
    if (status == MIEN_OK) {
        status = mien_plan_new(mien_import_graph(d->import),
            mien_import_parameters(d->import), &o, &d->plan);
    }
    if (status == MIEN_OK) {
        d->width = mien_tensor_count(mien_plan_output(d->plan, 0));
        status = mien_reader_open(&d->input, NULL, &d->reader);
    }
    if (status == MIEN_OK) {
        d->kept = mien_alloc(mien_reader_bytes(d->reader), 1);
        status = d->kept ? MIEN_OK : MIEN_ENOMEM;
    }
    return status == MIEN_OK && d->width < 8
               ? mien_fail(MIEN_EUNSUPPORTED,
                     "%s gives %lld values of a face: too few to tell people apart",
                     d->path, (long long)d->width)
               : status;
}

mien_status mien_identity_open(
    const mien_faces_options *options, mien_identity **identity) {
    mien_identity *d = mien_alloc(1, sizeof *d);
    if (!d) {
        return MIEN_ENOMEM;
    }
    d->least = options->identity_least;
    d->path = options->identity;
    mien_status status = open_network(d, options);
    if (status != MIEN_OK) {
        mien_identity_close(&d);
        return status == MIEN_ENOMEM ? status : mien_fail_in(status, "identity");
    }
    *identity = d;
    return MIEN_OK;
}

void mien_identity_close(mien_identity **identity) {
    if (!identity || !*identity) {
        return;
    }
    mien_identity *d = *identity;
    mien_identity_forget(d);
    mien_free(d->looks);
    mien_free(d->kept);
    mien_reader_close(&d->reader);
    mien_plan_free(&d->plan);
    mien_import_close(&d->import);
    mien_free(d);
    *identity = NULL;
}

void mien_identity_forget(mien_identity *identity) {
    for (int64_t i = 0; i < identity->count; i++) {
        mien_free(identity->looks[i].sum);
    }
    identity->count = 0;
}

/* ---- looking ------------------------------------------------------------------------
 */

static look *look_of(mien_identity *d, int64_t track) {
    for (int64_t i = 0; i < d->count; i++) {
        if (d->looks[i].track == track) {
            return &d->looks[i];
        }
    }
    return NULL;
}

static look *add_look(mien_identity *d, int64_t track) {
    if (d->count == d->room) {
        int64_t room = d->room ? 2 * d->room : 16;
        look *looks =
            mien_realloc(d->looks, (size_t)d->room, (size_t)room, sizeof *looks);
        if (!looks) {
            return NULL;
        }
        d->looks = looks;
        d->room = room;
    }
    look *l = &d->looks[d->count];
    *l = (look){.track = track, .sum = mien_alloc((size_t)d->width, sizeof(double))};
    d->count += l->sum != NULL;
    return l->sum ? l : NULL;
}

/* Adds the row of values, of length 1; one without a length is none. */
static void add_row(look *l, const float *row, int64_t width) {
    double length = 0;
    for (int64_t i = 0; i < width; i++) {
        length += (double)row[i] * (double)row[i];
    }
    length = sqrt(length);
    if (!(length > 0) || !isfinite(length)) {
        return;
    }
    for (int64_t i = 0; i < width; i++) {
        l->sum[i] += (double)row[i] / length;
    }
    l->count++;
}

mien_status mien_identity_look(mien_identity *identity, const mien_tensor *image,
    const mien_face *face, int64_t track) {
    mien_identity *d = identity;
    look *l = look_of(d, track);
    l = l ? l : add_look(d, track);
    if (!l) {
        return MIEN_ENOMEM;
    }
    if (l->number || l->count >= LOOKS_MOST) {
        return MIEN_OK;
    }
    mien_place place = mien_place_of(NULL);
    memcpy(place.region, face->box, sizeof place.region);
    memcpy(place.points, face->points, sizeof place.points);
    mien_status status = mien_reader_load_region(d->reader, image, &place, d->kept);
    if (status != MIEN_OK) {
        return status == MIEN_ENOMEM ? status : MIEN_OK;
    }
    float *to = mien_plan_input(d->plan, mien_import_input(d->import, 0));
    status = mien_reader_make(d->reader, d->kept, NULL, to, NULL);
    status = status ? status : mien_plan_run(d->plan);
    if (status == MIEN_OK) {
        add_row(l, mien_plan_output(d->plan, 0)->data, d->width);
    }
    return status;
}

/* ---- numbers ------------------------------------------------------------------------
 */

static double cosine(const look *a, const look *b, int64_t width) {
    double ab = 0, aa = 0, bb = 0;
    for (int64_t i = 0; i < width; i++) {
        ab += a->sum[i] * b->sum[i];
        aa += a->sum[i] * a->sum[i];
        bb += b->sum[i] * b->sum[i];
    }
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : -1;
}

/* Nobody is in two places at once. */
static bool was_gone(
    const mien_tracks *tracks, const look *person, const mien_track *track) {
    for (int64_t i = 0; i < tracks->count; i++) {
        const mien_track *t = &tracks->items[i];
        if (t->number == person->number && t->last_s >= track->first_s) {
            return false;
        }
    }
    return true;
}

/* The track's own look goes into the person's, which is called as the track from now
 * on. */
static void merge(mien_identity *d, look *person, look *own, int64_t track) {
    for (int64_t i = 0; i < d->width; i++) {
        person->sum[i] += own->sum[i];
    }
    person->count += own->count;
    person->track = track;
    mien_free(own->sum);
    *own = d->looks[--d->count];
}

int mien_identity_number(mien_identity *identity, const mien_tracks *tracks,
    const mien_track *track, int next) {
    mien_identity *d = identity;
    look *own = look_of(d, track->id), *best = NULL;
    double most = d->least;
    if (!own || own->count == 0) {
        return next;
    }
    for (int64_t i = 0; i < d->count; i++) {
        look *l = &d->looks[i];
        double c = l->number ? cosine(l, own, d->width) : -1;
        if (c >= most && (!best || c > most) && was_gone(tracks, l, track)) {
            best = l;
            most = c;
        }
    }
    if (!best) {
        return own->number = next;
    }
    int number = best->number;
    merge(d, best, own, track->id);
    return number;
}
