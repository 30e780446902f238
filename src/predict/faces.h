/* SPDX-License-Identifier: MIT */
/* Shared by the prediction of faces in pictures and in films: the network over
 * crops, and rows made of its outputs. */
#ifndef MIEN_PREDICT_FACES_H
#define MIEN_PREDICT_FACES_H

#include "predict/identity.h"
#include "predict/predictor.h"
#include "predict/sink.h"

/** Faces of one picture or moment, with what the network says of each. */
typedef struct mien_seen_face {
    mien_face face;
    int64_t track; /* id; -1 on pictures */
    bool good;     /* it could be cut out */
} mien_seen_face;

typedef struct mien_seen {
    double start_s;
    double width, height; /* of the picture */
    int64_t count, room;
    mien_seen_face *faces;
    double *values; /* [count, width of a row] */
} mien_seen;
/** MIEN_ENOMEM. */
mien_status mien_seen_add(mien_seen *seen, const mien_seen_face *face);
void mien_seen_clear(mien_seen *seen);

/** The model over crops. */
typedef struct mien_face_network {
    mien_predictor *predictor;
    const mien_model *model;
    mien_reader *reader;
    void *kept;
    float *items, *values; /* [room, item], [room, row] */
    int64_t room, item, row;
} mien_face_network;
mien_status mien_face_network_open(
    mien_predictor *predictor, mien_face_network *network);
void mien_face_network_clear(mien_face_network *network);
/** Fills values of all faces of the picture [H, W, 3] u8. */
mien_status mien_face_network_run(
    mien_face_network *network, const mien_tensor *image, mien_seen *seen);

/** Hands rows on. */
typedef struct mien_face_receiver {
    mien_face_sink *sink;
    void *context;
    bool stopped;
    char text[4096];
} mien_face_receiver;
/** numbers [count] of faces, 0: not shown. values [count, row]; image NULL: none. */
mien_status mien_face_rows(mien_face_receiver *receiver,
    const mien_face_network *network, const mien_seen *seen, const double *values,
    const int *numbers, mien_faces_rule rule, const char *input, double end_s,
    int64_t moment, const mien_tensor *image);

/** One film, from its opening to its end; identity NULL: not asked for. What its sink
 * or memory says is returned; what is wrong with the film is MIEN_EFORMAT and its like
 * with the text. */
mien_status mien_faces_film(mien_face_network *network, mien_finder *finder,
    mien_identity *identity, const mien_faces_options *options, const char *path,
    double start_s, double end_s, mien_face_receiver *receiver);

#endif
