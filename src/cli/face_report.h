/* SPDX-License-Identifier: MIT */
/* The page of `mien predict --report` about faces. */
#ifndef MIEN_CLI_FACE_REPORT_H
#define MIEN_CLI_FACE_REPORT_H

#include "mien/mien.h"

/** A picture with its boxes, and what stands below it. */
typedef struct cli_face_still {
    char *input;
    double start_s; /* NaN: of a picture */
    int64_t moment;
    double scale;       /* of the small picture to the whole one */
    mien_tensor *image; /* [H, W, 3] u8 */
    mien_string words;  /* HTML */
} cli_face_still;

/** Probabilities of one face of a film along its time. */
typedef struct cli_face_course {
    char *input;
    int number;
    int64_t count, room;
    double *start_s, *end_s;
    double *shares; /* [room, classes] */
} cli_face_course;

typedef struct cli_face_report {
    const mien_target *targets; /* set by whoever fills it, lent */
    int targets_count;
    const char *blur; /* "auto" (films), "on" or "off" */
    bool identified;  /* numbers are people's: biometric identification */
    cli_face_still *stills;
    int64_t stills_count, stills_room;
    cli_face_course *courses;
    int64_t courses_count, courses_room;
    int64_t faces, empty;
} cli_face_report;
mien_status cli_face_report_add(cli_face_report *report, const mien_face_row *row);
mien_status cli_face_report_write(
    const cli_face_report *report, const mien_model *model, const char *path);
void cli_face_report_clear(cli_face_report *report);

/** Draws a face's box into a small picture; blurs what is in it first. Of the test. */
void cli_face_draw(mien_tensor *image, const double box[4], double scale, bool blur);

#endif
