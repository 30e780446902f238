/* SPDX-License-Identifier: MIT */
/* Faces of a film, followed from detection to detection by their boxes. */
#ifndef MIEN_PREDICT_TRACKS_H
#define MIEN_PREDICT_TRACKS_H

#include "mien/faces.h"

/** One face as far as it was followed. */
typedef struct mien_track {
    int64_t id; /* in order of first detection, from 0 */
    mien_face last;
    double last_s, first_s;
    double speed[2]; /* of the box's centre, pixels a second */
    int64_t detections;
    double best; /* score */
    bool alive, kept;
    bool fresh; /* was in the last detection */
    int number; /* as rows show it, from 1; 0: none yet */
} mien_track;

typedef struct mien_track_rules {
    double gap_s;  /* a track without a face for longer ends */
    double wait_s; /* a track is waited for so long to show that it is a face */
    int64_t least; /* detections of a track that is kept */
    double score;  /* and the best score it needs */
} mien_track_rules;
/** For detections so far apart. all: every track is kept. */
mien_track_rules mien_track_rules_of(double interval_s, bool all);

typedef struct mien_tracks {
    mien_track_rules rules;
    mien_track *items;
    int64_t count, room;
    int64_t made;
    int numbers;
} mien_tracks;
void mien_tracks_clear(mien_tracks *tracks);
/** The faces of one moment, in any order: id[i] becomes that of the track that face i
 * belongs to. Tracks whose gap has grown too long end. */
mien_status mien_tracks_take(mien_tracks *tracks, double time_s, const mien_face *faces,
    int64_t count, int64_t *id);
/** Ends all: a cut, or the film's end. */
void mien_tracks_end(mien_tracks *tracks);
/** Forgets ended tracks that began before none of the moments that are still held. */
void mien_tracks_forget(mien_tracks *tracks, double before_s);
mien_track *mien_tracks_find(mien_tracks *tracks, int64_t id);
/** Whether a track's rows have to wait until more is known of it. */
bool mien_track_pending(
    const mien_tracks *tracks, const mien_track *track, double now_s);

/** Tells cuts: shots change where a thumbnail differs from the last by more than 30 of
 * 255 on average, and more than three times as much as it usually did of late. */
enum { MIEN_CUTS_WIDTH = 32, MIEN_CUTS_HEIGHT = 18, MIEN_CUTS_HISTORY = 24 };
typedef struct mien_cuts {
    float last[MIEN_CUTS_WIDTH * MIEN_CUTS_HEIGHT];
    double history[MIEN_CUTS_HISTORY];
    int64_t seen; /* pictures */
} mien_cuts;
/** Takes the next picture [H, W, 3] u8; true: a cut lies before it. */
bool mien_cuts_take(mien_cuts *cuts, const mien_tensor *image);

#endif
