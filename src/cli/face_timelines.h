/* SPDX-License-Identifier: MIT */
/* Timelines of faces: a tier for each face of a film. */
#ifndef MIEN_CLI_FACE_TIMELINES_H
#define MIEN_CLI_FACE_TIMELINES_H

#include "mien/mien.h"

/** Faces of a film that get a tier: the first by number. */
enum { CLI_FACE_TIERS = MIEN_TARGETS_MAX };

typedef struct cli_face_moment {
    double start_s, end_s;
    int choice[CLI_FACE_TIERS]; /* class of each face; -1: it is not there */
} cli_face_moment;

typedef struct cli_face_film {
    char *input;
    int64_t count, room;
    cli_face_moment *moments;
    int faces; /* that have a tier */
} cli_face_film;

typedef struct cli_face_timelines {
    const mien_target *targets; /* set by whoever fills them, lent */
    int targets_count;
    cli_face_film *films;
    int64_t count, room;
} cli_face_timelines;
/** Pictures have no time and are passed over. */
mien_status cli_face_timelines_add(
    cli_face_timelines *timelines, const mien_face_row *row);
/** One film into a file (NULL: standard output), several into a folder of that name.
 * MIEN_EINVAL for none, and for models without classes. */
mien_status cli_face_timelines_write(const cli_face_timelines *timelines,
    const mien_timeline_format *format, const char *output);
void cli_face_timelines_clear(cli_face_timelines *timelines);

#endif
