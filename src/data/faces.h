/* SPDX-License-Identifier: MIT */
/* Shared by importers of faces: a table of pictures with expressions being made. */
#ifndef MIEN_DATA_FACES_H
#define MIEN_DATA_FACES_H

#include "data/importers/importer.h"

/** Columns that a set has besides trial, person, stimulus, group, image, split,
 * emotion.
 */
enum {
    MIEN_FACES_VALUES = 1,  /* valence and arousal, -1 to 1 */
    MIEN_FACES_BOXES = 2,   /* x, y, w, h */
    MIEN_FACES_PEOPLE = 4,  /* gender, race, age */
    MIEN_FACES_COLUMNS = 20 /* at most */
};

/** One face; NULL and NaN: not known. */
typedef struct mien_face_trial {
    const char *trial, *person, *group, *split, *emotion;
    const char *image; /* relative to the data set's folder */
    double valence, arousal, box[4];
    const char *gender, *race, *age;
} mien_face_trial;
/** A face's trial with nothing set but its picture's path; strings are lent. */
mien_face_trial mien_face_trial_of(const char *trial, const char *image);

typedef struct mien_face_set {
    mien_table *table;
    char *prefix; /* from the table's folder to the data set's */
    unsigned has; /* MIEN_FACES_... */
    int columns;
    mien_left_out missing;
} mien_face_set;
/** Clear also after a failure. */
mien_status mien_face_set_init(
    mien_face_set *set, const char *directory, const char *output, unsigned has);
void mien_face_set_clear(mien_face_set *set);
mien_status mien_face_set_add(mien_face_set *set, const mien_face_trial *trial);
/** Adds it if its picture is below directory, else counts it as missing. */
mien_status mien_face_set_add_present(
    mien_face_set *set, const char *directory, const mien_face_trial *trial);
/** The description of a set, for its sidecar. */
typedef struct mien_face_about {
    const char *name, *source, *citation, *licence;
    const char *const *classes;
    int classes_count;
    const char *construct; /* of the emotion; NULL: depicted */
} mien_face_about;
/** The end of every import: with status MIEN_OK hands the table over with a sidecar;
 * clears the set in any case. The status, or MIEN_ENOTFOUND for a table without rows.
 */
mien_status mien_face_set_end(mien_face_set *set, mien_status status,
    const mien_face_about *about, const char *directory, mien_table **table,
    mien_value **sidecar);

#endif
