/* SPDX-License-Identifier: MIT */
/* The published files of EmoMV, read and checked. */
#ifndef MIEN_DATA_EMOMV_H
#define MIEN_DATA_EMOMV_H

#include "mien/data.h"

#define MIEN_EMOMV_EMOTIONS 32
#define MIEN_EMOMV_KINDS 2
#define MIEN_EMOMV_NAME 32 /* bytes of a name of a set, of an emotion */

/* Features: how their files are called and what they are. */
typedef struct mien_emomv_kind {
    const char *prefix, *name, *words;
} mien_emomv_kind;
extern const mien_emomv_kind mien_emomv_kinds[MIEN_EMOMV_KINDS];

/* One file of labels and what belongs to it. */
typedef struct mien_emomv_part {
    char *stem; /* "DS1_TRAIN_MATCH_MISMATCH" */
    char set[MIEN_EMOMV_NAME];
    const char *split;
    mien_table *labels;
    mien_array *features[MIEN_EMOMV_KINDS]; /* NULL: there is no such file */
} mien_emomv_part;

/* One line of it. */
typedef struct mien_emomv_clip {
    const mien_emomv_part *part;
    int64_t row;
    const char *name; /* as published */
    int emotion[2];   /* of picture and sound */
    char *source[2];  /* SET/VIDEO of picture and sound */
    char *id;         /* STEM/NAME */
} mien_emomv_clip;

typedef struct mien_emomv {
    const char *directory;
    mien_emomv_part *parts;
    int64_t parts_count;
    mien_emomv_clip *clips;
    int64_t count;
    char emotions[MIEN_EMOMV_EMOTIONS][MIEN_EMOMV_NAME]; /* by number; "": unused */
    int64_t width[MIEN_EMOMV_KINDS];                     /* 0: no file of this kind */
} mien_emomv;

/* Reads all parts in directory into the zeroed struct; mien_emomv_clear() in any case.
 */
mien_status mien_emomv_read(const char *directory, mien_emomv *set);
void mien_emomv_clear(mien_emomv *set);

/* The part of a clip's name that is the music video's: "fear_LLT_FEAR(4)-5-of-9" is the
 * fifth ninth of "LLT_FEAR(4)", "sad_ID_000090_000120" the seconds 90 to 120 of "ID".
 * Without the emotion, with which only set A begins its names. *start points into the
 * name; returns the length. */
size_t mien_emomv_source(
    const char *name, size_t length, const char *emotion, const char **start);

#endif
