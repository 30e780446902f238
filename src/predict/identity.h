/* SPDX-License-Identifier: MIT */
/* Who is who across the cuts of a film: biometric identification, by a network of the
 * user's, and only where it is asked for. */
#ifndef MIEN_PREDICT_IDENTITY_H
#define MIEN_PREDICT_IDENTITY_H

#include "mien/predict.h"
#include "predict/tracks.h"

typedef struct mien_identity mien_identity;

/** Opens the network of options->identity with its crop. MIEN_EUNSUPPORTED for one that
 * does not read one picture of three colours and give a row of values. */
mien_status mien_identity_open(
    const mien_faces_options *options, mien_identity **identity);
void mien_identity_close(mien_identity **identity);
/** Forgets everybody: another film begins. */
void mien_identity_forget(mien_identity *identity);
/** Looks at a face that was detected, if its track has not been looked at often enough.
 * A face that cannot be cut out is passed over. */
mien_status mien_identity_look(mien_identity *identity, const mien_tensor *image,
    const mien_face *face, int64_t track);
/** The number of the person whom a track shows: one who had a number before and is not
 * to be seen at the same time, or `next`, a new one. */
int mien_identity_number(mien_identity *identity, const mien_tracks *tracks,
    const mien_track *track, int next);

#endif
