/* SPDX-License-Identifier: MIT */
/* EmoEye's files: epochs of 301 rows whose names hold the ratings, and the raw
 * recordings and logs they are cut from. */
#ifndef MIEN_DATA_EMOEYE_H
#define MIEN_DATA_EMOEYE_H

#include "mien/inputs.h"

/* The parts of an epoch's file name: "0_dog 7_4_6.csv". */
typedef struct mien_emoeye_name {
    int sequence;
    char image[128]; /* "dog 7" */
    int arousal, valence;
} mien_emoeye_name;
/* MIEN_EFORMAT names the file and what is needed. */
mien_status mien_emoeye_name_parse(const char *path, mien_emoeye_name *name);

/* One answer of a log: a picture, when it came on in the gaze file's time, its ratings.
 */
typedef struct mien_emoeye_cut {
    char file[192]; /* "0_dog 7_4_6.csv" */
    double onset_s;
    int64_t first_row, last_row; /* of the gaze file, from 0 */
    double first_s, last_s;
} mien_emoeye_cut;
/* Cuts a gaze file (Gazepoint, its time column named TIME(start)) by a log of
 * OpenSesame (Image, start_time_system, time_Images, form_response; rows 1, 3, … hold
 * picture and arousal, 2, 4, … valence) into epochs, written to folder (NULL: only
 * told). An epoch begins with the first row after the onset. MIEN_EFORMAT where the
 * gaze ends before an epoch does, where clocks are more than 1000 s apart. The caller
 * frees the list. */
mien_status mien_emoeye_cut_file(const char *gaze, const char *log, const char *folder,
    mien_emoeye_cut **cuts, int64_t *count);

#endif
